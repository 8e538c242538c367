"""A consent becomes known late, and the person has said no since: the no is dated anew, as it would have been
had the consent been known.

A wish said again while it stands makes no entry. Only a consent in between makes it a new one (R14: of a
person's acts the newest counts), and a consent of the day may be sent at night.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.repetition import Heard, overtaken
from app.storage.heard_wishes import heard_wishes, restate
from app.storage.units import WriteUnit
from app.usecases.act import Act


@dataclass(frozen=True, slots=True)
class NewConsent:
    """A consent that was just written: where it is found, what it covers, and the act that it came with."""

    act: Act
    version: int
    spellings: tuple[UUID, ...]
    channels: int
    given_at: datetime


async def restate_wishes(unit: WriteUnit, number: int, consents: Sequence[NewConsent]) -> None:
    """Write again what the person repeated after one of these consents was given. The list is locked."""
    heard = await heard_wishes(unit, number, {each for one in consents for each in one.spellings})
    said: dict[UUID, dict[str, Any]] = {}
    for consent in consents:
        for wish in overtaken(consent.given_at, consent.channels, _reached(heard, consent)):
            new = {"id": consent.act.new_id(), "event_id": consent.act.event_id, "version": consent.version}
            told = said.setdefault(wish.entry_id, {**new, "since": wish.said_at, "spellings": set()})
            told["spellings"].update(consent.spellings)
    if said:
        await restate(unit, number, said)


def _reached(heard: dict[UUID, list[Heard]], consent: NewConsent) -> set[Heard]:
    return {wish for each in consent.spellings for wish in heard.get(each, ())}
