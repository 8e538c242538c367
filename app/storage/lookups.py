"""The lookup's statements: one per kind of fact, never one per identifier, each with its canaries.

Clear is never the absence of a row alone: every list has one reserved entry that is always in force. If it
does not come back, rows are hidden, the key or the canonicaliser is wrong, or this is another database, and
then nothing is answered (R03).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.crypto.instruments import Instruments
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import ControllerProfile
from app.domain.parties import ALL_CONTROLLERS, PartyKind
from app.domain.refusals import UnavailableError
from app.storage.entries import CANARY, HASH_ONLY
from app.storage.parties import policy_of
from app.storage.units import ReadUnit, statement
from app.storage.versions import AsOf

_KINDS = {kind.value: kind for kind in EntryKind}
_LISTS = statement("lists_asked")
_FOUND = statement("entries_found")
_SOURCE = text("""
SELECT h.controller_no FROM registry.holder h JOIN registry.party p ON p.id = h.party_id
WHERE p.id = :id AND p.kind = :kind
""")


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists that one lookup asks: their numbers, position, and how they must be asked. `traits` are those
    of the controller's own list. `heads` are the version of each list and the event that took it."""

    numbers: tuple[int, ...]
    as_of: AsOf
    profile: ControllerProfile
    hash_only: bool
    controller_no: int
    traits: frozenset[str]
    heads: Mapping[int, tuple[int, UUID]]


async def source_number(unit: ReadUnit, source_id: UUID) -> int | None:
    """The number of a source's list of blocks."""
    row = await unit.row(_SOURCE, {"id": source_id, "kind": PartyKind.SOURCE.value})
    return int(row.controller_no) if row else None


def numbers_asked(controller_no: int, source_no: int | None) -> list[int]:
    """The lists that a lookup for a controller asks, in their order."""
    return sorted({ALL_CONTROLLERS, controller_no} | ({source_no} if source_no is not None else set()))


async def open_lists(unit: ReadUnit, controller_no: int, source_no: int | None) -> Lists:
    """Read where the lists stand, first thing in the snapshot: all facts read after it belong to it."""
    numbers = numbers_asked(controller_no, source_no)
    await unit.declare(numbers)
    rows = {row.controller_no: row for row in await unit.rows(_LISTS, {"numbers": numbers})}
    return lists_of(rows, numbers, controller_no)


def lists_of(rows: Mapping[int, Any], numbers: Sequence[int], controller_no: int) -> Lists:
    """The lists by what lists_asked says of each. UnavailableError when one is missing or not whole."""
    if rows.keys() != set(numbers):
        raise UnavailableError("a list is missing")
    mine = rows[controller_no]
    if mine.policy is None or any(not row.version or CANARY not in row.traits for row in rows.values()):
        raise UnavailableError("a list does not show its policy, position or traits")
    return Lists(
        tuple(numbers),
        AsOf(mine.version, rows[ALL_CONTROLLERS].version),
        ControllerProfile(mine.public_body, mine.sector, mine.country, policy_of(mine.policy)),
        any(HASH_ONLY in row.traits for row in rows.values()),
        controller_no,
        frozenset(mine.traits),
        {number: (row.version, row.head) for number, row in rows.items()},
    )


def canary_of(unit: ReadUnit, controller_no: int) -> UUID:
    """The reserved fingerprint of a list, made with the key: a wrong key asks for another one."""
    return list_canary(unit.instruments, controller_no)


def list_canary(instruments: Instruments, controller_no: int) -> UUID:
    """The same, for who has no unit."""
    return instruments.fingerprints.text("canary", str(controller_no))


async def find_entries(unit: ReadUnit, lists: Lists, digests: bytes) -> Mapping[UUID, Sequence[EntryFact]]:
    """The entries in force for each asked fingerprint that has any; `digests` are 16 bytes each, joined."""
    return (await entries_and_heads(unit, lists, digests))[0]


async def entries_and_heads(
    unit: ReadUnit, lists: Lists, digests: bytes
) -> tuple[Mapping[UUID, Sequence[EntryFact]], Mapping[int, UUID]]:
    """The same, and the event that took the newest version of each list in the snapshot that they were read
    in. UnavailableError when a canary does not come back, or what a key of the list leads to."""
    canaries = {number: canary_of(unit, number) for number in lists.numbers}
    asked = digests + b"".join(canary.bytes for canary in canaries.values())
    values = {"numbers": list(lists.numbers), "fingerprints": asked.hex(",", -16), "own": lists.controller_no}
    found: dict[UUID, list[EntryFact]] = {}
    heads: dict[int, UUID] = {}
    for row in map(tuple, await unit.rows(_FOUND, values)):
        number, fingerprint, released, state, head = row[:5]
        id_, kind, channels, purposes, since, level, service_id = row[5:]
        if id_ is None:
            raise UnavailableError("an entry did not come back")
        if released is not None:
            continue
        if kind == EntryKind.CANARY:
            if fingerprint == canaries[number]:
                heads[number] = head
            continue
        fact = EntryFact(
            id_,
            _KINDS[kind],
            channels,
            purposes,
            since,
            level,
            state == "contested",
            service_id,
            state == "rejected",
        )
        found.setdefault(fingerprint, []).append(fact)
    if heads.keys() != set(lists.numbers):
        raise UnavailableError("a canary did not come back")
    return found, heads
