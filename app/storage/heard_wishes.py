"""When persons said last what stands in a list: every time leaves an event, also where nothing was written.

Each statement reads one table by a list of ids, as in entry_wishes.py.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.domain.entry import DIRECT_LEVEL
from app.domain.repetition import Heard
from app.storage.entries import add_entries
from app.storage.units import ReadUnit, Rows, WriteUnit

_HITS = text("""
SELECT fingerprint, entry_id FROM registry.entry_key
WHERE controller_no = :number AND fingerprint = ANY(:fingerprints)
""")
# Of the kinds that a consent goes before: objections to direct marketing, do-not-call, channels left.
_LIFTABLE = text("""
SELECT * FROM registry.entry
WHERE controller_no = :number AND id = ANY(:ids) AND kind IN (1, 3, 4) AND level = :direct
""")
_RELEASED = text("""
SELECT entry_id FROM registry.entry_release WHERE controller_no = :number AND entry_id = ANY(:ids)
""")
_REPEATED = text("""
SELECT object_id, max(at) AS at FROM registry.event
WHERE object_id = ANY(:ids) AND kind IN ('entry.repeated', 'objection.repeated') GROUP BY object_id
""")
_WISHED = text("""
SELECT entry_id, event_id FROM registry.entry_wish WHERE controller_no = :number AND entry_id = ANY(:ids)
""")
# A file that is imported again is no act of the person on that day.
_ACTS = text("SELECT id, at FROM registry.event WHERE id = ANY(:ids) AND kind <> 'import.recorded'")


async def heard_wishes(
    unit: ReadUnit, number: int, fingerprints: Collection[UUID]
) -> dict[UUID, list[Heard]]:
    """What persons themselves said in this list, and stands, by the fingerprints under which it is found."""
    hits = await unit.rows(_HITS, {"number": number, "fingerprints": list(fingerprints)})
    rows = await _in_force(unit, number, {hit.entry_id for hit in hits}) if hits else []
    times = await _said(unit, number, rows) if rows else {}
    heard = {row.id: Heard(row.id, _wording(row), row.channels, row.since, times[row.id]) for row in rows}
    found: dict[UUID, list[Heard]] = {}
    for hit in hits:
        if hit.entry_id in heard:
            found.setdefault(hit.fingerprint, []).append(heard[hit.entry_id])
    return found


async def restate(unit: WriteUnit, number: int, said: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Write entries once more, each with its own `id`, `since`, `version` and `event_id`, and to be found
    under its `spellings` as well. The list is locked."""
    rows = await unit.rows(_LIFTABLE, {"number": number, "ids": list(said), "direct": DIRECT_LEVEL})
    entries: list[Mapping[str, Any]] = []
    keys: list[Mapping[str, Any]] = []
    for row in rows:
        told = dict(said[row.id])
        spellings = {row.fingerprint, *told.pop("spellings")}
        entry = {**row._asdict(), **told, "occurred_at": None}
        entries.append(entry)
        place = {"controller_no": number, "version": entry["version"], "entry_id": entry["id"]}
        keys += [{**place, "fingerprint": each} for each in sorted(spellings)]
    await add_entries(unit, entries, keys)


async def _in_force(unit: ReadUnit, number: int, ids: Collection[UUID]) -> Rows:
    values = {"number": number, "ids": list(ids)}
    released = {row.entry_id for row in await unit.rows(_RELEASED, values)}
    rows = await unit.rows(_LIFTABLE, {**values, "direct": DIRECT_LEVEL})
    return [row for row in rows if row.id not in released]


def _wording(row: Any) -> tuple[Any, ...]:
    return row.fingerprint, row.kind, row.channels, row.purposes, row.service_id, row.objection_id


async def _said(unit: ReadUnit, number: int, rows: Sequence[Any]) -> dict[UUID, datetime]:
    ids = [row.id for row in rows]
    objects = {*ids, *(row.objection_id for row in rows if row.objection_id)}
    repeated = {one.object_id: one.at for one in await unit.rows(_REPEATED, {"ids": list(objects)})}
    wished = await unit.rows(_WISHED, {"number": number, "ids": ids})
    acts = {one.id: one.at for one in await unit.rows(_ACTS, {"ids": [one.event_id for one in wished]})}
    said: dict[UUID, datetime] = {}
    for row in rows:
        said[row.id] = max(row.since, *(repeated.get(one, row.since) for one in (row.id, row.objection_id)))
    for one in wished:
        said[one.entry_id] = max(said[one.entry_id], acts.get(one.event_id, said[one.entry_id]))
    return said
