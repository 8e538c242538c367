"""Idempotency: repeating any POST is harmless, for ever (the Idempotency-Key header)."""

from app.storage.answers import KeyState, Part, StoredAnswer, find_answer, keep_answer
from app.storage.units import WriteUnit
from app.usecases.act import Act

__all__ = ["KeyState", "Part", "StoredAnswer", "earlier_answer", "remember_answer"]


async def earlier_answer(unit: WriteUnit, act: Act, key: str) -> StoredAnswer | KeyState:
    """What this party was answered under this key, or why there is nothing to repeat. Another party's key
    is invisible: keys are kept per party."""
    return await find_answer(unit, act.who.party_id, key, act.request_digest)


async def remember_answer(unit: WriteUnit, act: Act, key: str, answer: StoredAnswer) -> None:
    """Keep the answer in the act's own transaction: a repeat finds both or neither."""
    await keep_answer(unit, act.who.party_id, key, act.request_digest, act.event_id, answer, act.now)
