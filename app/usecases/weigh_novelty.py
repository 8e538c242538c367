"""Before a lookup is answered: may this controller ask about so many people who are new to it?"""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Final

from app.domain.facts import Policy
from app.domain.refusals import Refusal, RefusedError
from app.storage.database import Database
from app.storage.events import Event, record_events
from app.storage.lookup_units import LookupUnit
from app.storage.novelty import AskedAbout, Told
from app.usecases.act import Act
from app.usecases.asked_identifiers import Asked
from app.usecases.lookup_command import LookupCommand

SLOWED: Final = "lookups.slowed"
IN_SEQUENCE: Final = "lookups.in_sequence"

_TELLING_NOTHING: Final = frozenset({"emergency", "legal_notice", "rights_reply"})
"""Purposes that are answered without a look at any fact: the answer says nothing of anybody (R04-R06)."""

_DIGEST: Final = 16


def weigh_novelty(
    unit: LookupUnit, command: LookupCommand, asked: Asked, digests: bytes, number: int, policy: Policy
) -> None:
    """Count the asked identifiers, or refuse with NOVELTY_EXCEEDED. `digests` are those of `asked`, in its
    order; what stands behind them (hashes of the same) is not counted."""
    if command.question.purpose in _TELLING_NOTHING and not command.question.promo:
        return
    about = asked_about(asked, digests)
    if not unit.novelty.admits(number, command.controller_id, policy.customer_base, about):
        raise RefusedError(Refusal.NOVELTY_EXCEEDED)


def asked_about(asked: Asked, digests: bytes) -> AskedAbout:
    """Each identifier once, whatever its spellings: of several forms of an item only the first counts."""
    numbers: list[tuple[Sequence[str], memoryview]] = []
    others: list[bytes | memoryview] = []
    view, at = memoryview(digests), 0
    many = ((kind, texts, None) for kind, texts, _ in asked.columns)
    ones = ((kind, texts, owners) for kind, (texts, owners) in asked.ones.items())
    for kind, texts, owners in chain[tuple[str, Sequence[str], Sequence[int] | None]](many, ones):
        piece = view[at : at + len(texts) * _DIGEST]
        at += len(piece)
        if kind == "phone":
            numbers.append((texts, piece))
        else:
            others.append(piece if owners is None else _first_forms(piece, owners))
    return AskedAbout(numbers, others)


def _first_forms(piece: memoryview, owners: Sequence[int]) -> bytes:
    firsts = (n for n, owner in enumerate(owners) if not n or owners[n - 1] != owner)
    return b"".join(piece[n * _DIGEST : n * _DIGEST + _DIGEST] for n in firsts)


async def note_novelty(database: Database, now: datetime) -> list[Told]:
    """Write down which controllers are slowed or ask in sequence, for an admin to look at; what was written.
    They are kept for the next time when the database does not take them."""
    told = list(database.novelty.pending)
    if told:
        async with database.write() as unit:
            await record_events(unit, [_event(one, now) for one in told])
        del database.novelty.pending[: len(told)]
    return told


def _event(told: Told, now: datetime) -> Event:
    detail = {
        "cause": told.cause.value,
        "identifiers": told.identifiers,
        "allowance": told.allowance,
        "customer_base": told.base,
    }
    kind = SLOWED if told.slowed else IN_SEQUENCE
    return Event(Act.begin(now, None).event_id, now, kind, None, told.controller_id, detail=detail)
