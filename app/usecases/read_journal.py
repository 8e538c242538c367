"""Reading the journal: what was signed, the leaves under it, and proofs that they belong together."""

from app.crypto.notes import verifier_key
from app.domain.merkle import consistency_ranges, inclusion_ranges
from app.domain.refusals import Refusal, RefusedError
from app.storage.journal import leaves_between, newest_checkpoint, registry_id, roots_of_ranges
from app.storage.units import ReadUnit, Rows

MOST_LEAVES = 1000
"""What one request gets; it goes on behind the last."""


async def journal_name(unit: ReadUnit) -> str:
    """The origin of the checkpoints: the registry's own id, which stays when it moves to another address."""
    return f"sparr/{await registry_id(unit)}"


async def journal_key(unit: ReadUnit, key: bytes) -> str:
    """The public key that checkpoints are verified with, and the journal's name."""
    return verifier_key(key, await journal_name(unit))


async def read_checkpoint(unit: ReadUnit) -> str:
    """The newest signed note. Raises RefusedError NOT_FOUND before the first."""
    tip = await newest_checkpoint(unit)
    if tip is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return str(tip.note)


async def read_leaves(unit: ReadUnit, start: int, end: int) -> Rows:
    """Signed leaves from one position to before another, at most MOST_LEAVES of them."""
    return await leaves_between(unit, start, min(end, start + MOST_LEAVES, await _size(unit)))


async def prove_inclusion(unit: ReadUnit, index: int, size: int) -> list[bytes]:
    """The path of a leaf in the tree of that size. Raises RefusedError NOT_FOUND if there is no such leaf."""
    if not index < size <= await _size(unit):
        raise RefusedError(Refusal.NOT_FOUND)
    return await roots_of_ranges(unit, inclusion_ranges(index, size))


async def prove_consistency(unit: ReadUnit, earlier: int, later: int) -> list[bytes]:
    """The proof that a tree continues an earlier one. Raises RefusedError NOT_FOUND without such trees."""
    if not earlier <= later <= await _size(unit):
        raise RefusedError(Refusal.NOT_FOUND)
    return await roots_of_ranges(unit, consistency_ranges(earlier, later))


async def _size(unit: ReadUnit) -> int:
    tip = await newest_checkpoint(unit)
    return int(tip.size) if tip else 0
