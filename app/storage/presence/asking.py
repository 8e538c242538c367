"""What the index asks the database before it may say anything: where lists stand, and what came in since.

Both statements bring the canaries of the lists with them, read by the role that lookups have, under row level
security and for declared lists only. So what is answered from memory still rests on a canary that came out of
the database after the request had come in (R03).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from app.crypto.instruments import Instruments
from app.domain.entry import EntryKind
from app.domain.fact_kind import FactKind
from app.storage.entries import CANARY
from app.storage.lookups import list_canary
from app.storage.presence.connecting import Connection
from app.storage.presence.prefixes import Prefixes, prefixes_of

_SQL = Path(__file__).parents[1] / "sql"


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


_LISTS: Final = _text("list_canaries").replace("%s", "lists_asked", 1) % _text("lists_asked").replace(
    ":numbers", "$1"
)
_SINCE: Final = _text("list_since")


@dataclass(frozen=True, slots=True)
class Since:
    """What came into a list: the positions taken, from the one that was known on, in order; and the prefixes
    of the new fingerprints."""

    positions: Mapping[int, UUID]
    fresh: Prefixes


async def lists_standing(
    connection: Connection, instruments: Instruments, numbers: Collection[int]
) -> dict[int, Any]:
    """By number, what lists_asked says of each list that is there and shows its canaries."""
    asked = sorted(numbers)
    canaries = [list_canary(instruments, number) for number in asked]
    rows = [SimpleNamespace(**row) for row in await connection.fetch(_LISTS, asked, canaries)]
    return {
        row.controller_no: row for row in rows if row.version and _in_force(row) and _facts_seen(vars(row))
    }


async def came_since(
    connection: Connection, instruments: Instruments, number: int, version: int
) -> Since | None:
    """What a list got after a version; None when its canaries cannot be seen beside it."""
    row = await connection.fetchrow(_SINCE, number, version, list_canary(instruments, number))
    if CANARY not in row["traits"] or row["entry"] is None or not _facts_seen(row):
        return None
    fresh = (row["entry_keys"] or b"") + (row["fact_keys"] or b"")
    return Since(dict(zip(row["versions"], row["events"], strict=True)), prefixes_of(fresh))


def _in_force(row: Any) -> bool:
    """Whether the reserved entry of a list stands under its fingerprint."""
    return CANARY in row.traits and row.entry_kind == EntryKind.CANARY and row.released is None


def _facts_seen(row: Mapping[str, Any]) -> bool:
    """Whether a list that has facts of a kind shows the canary of that kind."""
    return all(row[kind.name.lower()] is not None for kind in FactKind if kind.trait in row["traits"])
