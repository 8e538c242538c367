"""What the national registers that a controller consults say of the recipients of a lookup.

A register says something of a recipient only if one of the identifiers that were asked, as a value, is of a
type that its snapshot holds. Of all others it was not asked, and R32 treats it as one without a version.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.domain.facts import RegisterFact
from app.domain.register_list import CHARITIES
from app.storage.lookup_units import LookupUnit
from app.storage.registers import RegisterAnswers, register_hits
from app.usecases.asked_identifiers import Asked

Said = tuple[RegisterFact, ...]


@dataclass(frozen=True, slots=True)
class Consulted:
    """What is said of most recipients, and by index what is said of the others instead."""

    usual: Said
    special: Mapping[int, Said]

    def of(self, index: int) -> Said:
        """What is said of one recipient."""
        return self.special.get(index, self.usual)


async def consult(
    unit: LookupUnit, codes: Collection[str], asked: Asked, digests: bytes, owners: Sequence[int]
) -> Consulted:
    """Ask the newest snapshots of these registers; UnavailableError when a canary does not come back."""
    answers: RegisterAnswers = await register_hits(unit, codes, digests, unit.in_registers) if codes else {}
    if not answers:
        return Consulted((), {})
    types = _types(asked)
    usual_types = _most(types)
    found = _hits(answers, digests, owners)
    others = {index for index, mine in types.items() if mine != usual_types}
    others |= set(range(asked.count)) - types.keys()
    special = {
        index: _said(answers, types.get(index, frozenset()), found.get(index, {}))
        for index in others | found.keys()
    }
    return Consulted(_said(answers, usual_types, {}), special)


def _types(asked: Asked) -> dict[int, frozenset[str]]:
    """The kinds of identifier of each item, as values (`phone`) and as hashes (`phone_sha256`)."""
    found: dict[int, frozenset[str]] = {}
    for kind, (_, owners) in asked.texts.items():
        for owner in owners:
            found[owner] = found.get(owner, frozenset()) | {kind}
    return found


def _most(types: Mapping[int, frozenset[str]]) -> frozenset[str]:
    counts: dict[frozenset[str], int] = {}
    for mine in types.values():
        counts[mine] = counts.get(mine, 0) + 1
    return max(counts, key=lambda mine: counts[mine], default=frozenset())


def _hits(answers: RegisterAnswers, digests: bytes, owners: Sequence[int]) -> dict[int, dict[str, int]]:
    """By item, the registers that have it, with the flags."""
    found: dict[int, dict[str, int]] = {}
    for code, answer in answers.items():
        by_digest = {fingerprint.bytes: flags for fingerprint, flags in answer.hits.items()}
        for place, owner in enumerate(owners) if by_digest else ():
            flags = by_digest.get(digests[place * 16 : place * 16 + 16])
            if flags is not None:
                mine = found.setdefault(owner, {})
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
