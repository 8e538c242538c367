"""Many wishes for one list in one act: what opt-outs from providers, links and files become.

One version, one statement per table however many there are. The caller writes the act's one event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.entry import EntryKind
from app.domain.mandate import CLOCK_SKEW
from app.domain.purposes import ALL_PURPOSES
from app.storage.entry_wishes import add_wishes, standing_entries
from app.storage.units import WriteUnit
from app.storage.versions import current_versions, lock_lists
from app.usecases.act import Act
from app.usecases.read_identifiers import Readable, subject_behind
from app.usecases.standing_wishes import standing_wishes
from app.usecases.write_entries import NewEntry, write_entries

Saying = tuple[UUID, EntryKind, int, str | None]


@dataclass(frozen=True, slots=True, repr=False)
class Wish:
    """One person's wish, for every purpose. `channels` is a mask."""

    identifier: Readable
    channels: int
    service_id: str | None = None
    occurred_at: datetime | None = None

    @property
    def kind(self) -> EntryKind:
        """Who leaves one service has not left the channel."""
        return EntryKind.SERVICE_UNSUB if self.service_id else EntryKind.CHANNEL_OPTOUT


@dataclass(frozen=True, slots=True)
class Outcome:
    """The entry of each wish in their order, which of the entries are new, and the position of the list."""

    entry_ids: tuple[UUID, ...]
    new: frozenset[UUID]
    version: int


async def record_wishes(
    unit: WriteUnit, act: Act, number: int, wishes: Sequence[Wish], *, said_now: bool = True
) -> Outcome:
    """Put wishes in force. One that stands, or comes twice, has one entry.

    `said_now`: these are acts of the persons themselves, so what a consent came after does not stand: of a
    person's acts the newest counts (R14). The rows of a file are no acts of the day of its import; a list
    that is brought again every night says nothing new, and must not go before a consent.
    """
    await lock_lists(unit, [number])
    fingerprints = unit.instruments.fingerprints
    spellings = [fingerprints.indexed(wish.identifier) for wish in wishes]
    known: dict[Saying, UUID] = {}
    if said_now:
        standing = await standing_wishes(unit, number, spellings)
    else:
        standing = await standing_entries(unit, number, {each[0] for each in spellings})
    for row in standing:
        if row.purposes == ALL_PURPOSES:
            known.setdefault((row.fingerprint, EntryKind(row.kind), row.channels, row.service_id), row.id)
    new: list[NewEntry] = []
    entry_ids = []
    for wish, each in zip(wishes, spellings, strict=True):
        saying = (each[0], wish.kind, wish.channels, wish.service_id)
        if saying not in known:
            known[saying] = act.new_id()
            subject = subject_behind(fingerprints, each[0])
            new.append(_new(act, known[saying], wish, each, subject))
        entry_ids.append(known[saying])
    if new:
        version = await write_entries(unit, act, number, new)
    else:
        version = (await current_versions(unit, [number]))[number]
    await add_wishes(unit, number, entry_ids, act.event_id)
    return Outcome(tuple(entry_ids), frozenset(entry.id for entry in new), version)


def _new(act: Act, entry_id: UUID, wish: Wish, spellings: Sequence[UUID], subject: UUID) -> NewEntry:
    occurred = wish.occurred_at if wish.occurred_at and wish.occurred_at <= act.now + CLOCK_SKEW else None
    return NewEntry(
        id=entry_id,
        event_id=act.event_id,
        identifier=wish.identifier,
        spellings=spellings,
        subject=subject,
        kind=wish.kind,
        channels=wish.channels,
        purposes=ALL_PURPOSES,
        service_id=wish.service_id,
        occurred_at=occurred,
    )
