"""Idempotency: repeating any POST is harmless, for ever (the Idempotency-Key header)."""

from dataclasses import dataclass

from app.storage.answers import Kept, KeyState, Part, StoredAnswer, find_answer, keep_answers
from app.storage.units import WriteUnit
from app.usecases.act import Act

__all__ = [
    "KeyState",
    "Part",
    "RepeatKey",
    "StoredAnswer",
    "earlier_answer",
    "keep_answers",
    "kept_answer",
    "remember_answer",
]


@dataclass(frozen=True, slots=True)
class RepeatKey:
    """The caller's key, and the digest of the whole request that it came with: method, path, query, body."""

    key: str
    digest: bytes


async def earlier_answer(unit: WriteUnit, act: Act, repeat: RepeatKey) -> StoredAnswer | KeyState:
    """What this party was answered under this key, or why there is nothing to repeat. Another party's key
    is invisible: keys are kept per party."""
    return await find_answer(unit, act.who.party_id, repeat.key, repeat.digest)


async def remember_answer(unit: WriteUnit, act: Act, repeat: RepeatKey, answer: StoredAnswer) -> None:
    """Keep the answer in the act's own transaction: a repeat finds both or neither."""
    await keep_answers(unit, [kept_answer(act, repeat, answer)], act.now)


def kept_answer(act: Act, repeat: RepeatKey, answer: StoredAnswer) -> Kept:
    """An answer under the key of its act."""
    return Kept(act.who.party_id, repeat.key, repeat.digest, act.event_id, answer)
