"""What the national registers that a controller consults say of the recipients of a lookup.

A register says something of a recipient only if one of the identifiers that were asked, as a value, is of a
type that its snapshot holds. Of all others it was not asked, and R32 treats it as one without a version.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.domain.column import Indices
from app.domain.facts import RegisterFact
from app.domain.register_list import CHARITIES
from app.storage.lookup_units import LookupUnit
from app.storage.registers import RegisterAnswers, register_hits
from app.usecases.aside import aside
from app.usecases.asked_identifiers import Asked
from app.usecases.matching import matched

Said = tuple[RegisterFact, ...]


@dataclass(frozen=True, slots=True)
class UsedSnapshot:
    """The version of a register that was asked."""

    code: str
    snapshot_id: UUID
    version_date: date

    def told(self) -> dict[str, str]:
        """As an answer and its receipt say it."""
        said = {"code": self.code, "snapshot_id": str(self.snapshot_id)}
        return {**said, "version_date": self.version_date.isoformat()}

    @staticmethod
    def of(told: Mapping[str, str]) -> "UsedSnapshot":
        """What was told."""
        dated = date.fromisoformat(told["version_date"])
        return UsedSnapshot(told["code"], UUID(told["snapshot_id"]), dated)


@dataclass(frozen=True, slots=True)
class Consulted:
    """What is said of most recipients, and by index what is said of the others instead. `used` are the
    snapshots that said it, `hits` the items with the fingerprints of theirs that any of them has."""

    usual: Said
    special: Mapping[int, Said]
    used: tuple[UsedSnapshot, ...] = ()
    hits: frozenset[tuple[int, UUID]] = frozenset()

    def of(self, index: int) -> Said:
        """What is said of one recipient."""
        return self.special.get(index, self.usual)


async def consult(
    unit: LookupUnit, codes: Collection[str], asked: Asked, digests: bytes, owners: Indices
) -> Consulted:
    """Ask the newest snapshots of these registers; UnavailableError when a canary does not come back."""
    answers: RegisterAnswers = await register_hits(unit, codes, digests, unit.in_registers) if codes else {}
    if not answers:
        return Consulted((), {})
    return await aside(asked.count, what_registers_say, answers, asked, digests, owners)


def what_registers_say(answers: RegisterAnswers, asked: Asked, digests: bytes, owners: Indices) -> Consulted:
    """What these answers say of each item."""
    kinds, masks = _masks(asked)
    usual_mask = _most(masks)
    found = _hits(answers, digests, owners)
    said: dict[Hashable, Said] = {}

    def of(mask: int, hits: Mapping[str, int]) -> Said:
        """Whoever is told the same shares it, so that it is judged once."""
        key = mask, frozenset(hits.items())
        if key not in said:
            types = frozenset(kind for place, kind in enumerate(kinds) if mask >> place & 1)
            said[key] = _said(answers, types, hits)
        return said[key]

    others = np.flatnonzero(masks != usual_mask).tolist()
    special = {index: of(int(masks[index]), found.get(index, {})) for index in found.keys() | set(others)}
    used = (UsedSnapshot(code, one.snapshot_id, one.version_date) for code, one in answers.items())
    held = {fingerprint: fingerprint for answer in answers.values() for fingerprint in answer.hits}
    hits = frozenset(matched(digests, owners, held))
    return Consulted(of(usual_mask, {}), special, tuple(used), hits)


def _masks(asked: Asked) -> tuple[list[str], NDArray[np.uint32]]:
    """The kinds of identifier of each item, as values (`phone`) and as hashes (`phone_sha256`): one bit for
    each kind in the list."""
    groups = asked.groups
    kinds = sorted({kind for kind, _, _ in groups})
    masks = np.zeros(asked.count, np.uint32)
    for kind, _, owners in groups:
        masks[owners] |= np.uint32(1 << kinds.index(kind))
    return kinds, masks


def _most(masks: NDArray[np.uint32]) -> int:
    """What most of the items that could be read have."""
    counts = np.bincount(masks[masks != 0], minlength=1)
    return int(counts.argmax())


def _hits(answers: RegisterAnswers, digests: bytes, owners: Indices) -> dict[int, dict[str, int]]:
    """By item, the registers that have it, with the flags."""
    found: dict[int, dict[str, int]] = {}
    for code, answer in answers.items():
        for index, flags in matched(digests, owners, answer.hits):
            mine = found.setdefault(index, {})
            mine[code] = mine.get(code, 0) | flags
    return found


def _said(answers: RegisterAnswers, types: frozenset[str], hits: Mapping[str, int]) -> Said:
    return tuple(
        RegisterFact(
            code,
            answer.snapshot_id,
            answer.version_date,
            hit=code in hits,
            charity=bool(hits.get(code, 0) & CHARITIES),
        )
        for code, answer in answers.items()
        if code in hits or _was_asked(answer.types, types)
    )


def _was_asked(held: Collection[str], types: frozenset[str]) -> bool:
    """Whether a register of these types could have had the recipient: it holds values, so that of a hash of
    such a type, even beside a value, it says nothing."""
    return any(kind in types for kind in held) and not any(f"{kind}_sha256" in types for kind in held)
