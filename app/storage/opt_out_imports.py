"""Files of opt-outs that came in whole, and what stands because of one of them alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.storage.entry_wishes import wanted_by_others, wanted_entries
from app.storage.tables import OPT_OUT_IMPORT, OPT_OUT_IMPORT_REVERT
from app.storage.units import ReadUnit, WriteUnit

_FIND = text("""
SELECT i.event_id, EXISTS (SELECT FROM registry.opt_out_import_revert r
                           WHERE r.controller_no = i.controller_no AND r.import_id = i.id) AS reverted
FROM registry.opt_out_import i WHERE i.controller_no = :number AND i.id = :id
""")
_IMPORTS = text("SELECT id, event_id FROM registry.opt_out_import WHERE controller_no = :number")
_REVERTED = text("SELECT import_id FROM registry.opt_out_import_revert WHERE controller_no = :number")


async def add_import(unit: WriteUnit, row: Mapping[str, Any]) -> None:
    """Note a file that came in."""
    await unit.insert(OPT_OUT_IMPORT, [row])


async def find_import(unit: ReadUnit, number: int, import_id: UUID) -> tuple[UUID, bool] | None:
    """The event of an import of this list, and whether it was taken back already."""
    row = await unit.row(_FIND, {"number": number, "id": import_id})
    return (row.event_id, row.reverted) if row else None


async def alone_of_import(unit: ReadUnit, number: int, event_id: UUID) -> list[UUID]:
    """The entries that stand because of this import alone: a file put them in force, and no other act asked
    for them but files that were taken back."""
    imports = await unit.rows(_IMPORTS, {"number": number})
    reverted = {row.import_id for row in await unit.rows(_REVERTED, {"number": number})}
    files = {row.event_id for row in imports}
    void = {event_id, *(row.event_id for row in imports if row.id in reverted)}
    wanted = [row.id for row in await wanted_entries(unit, number, event_id) if row.event_id in files]
    kept = await wanted_by_others(unit, number, wanted, void)
    return [one for one in wanted if one not in kept]


async def add_revert(unit: WriteUnit, number: int, import_id: UUID, event_id: UUID, now: datetime) -> None:
    """Note that an import was taken back."""
    row = {"controller_no": number, "import_id": import_id, "at": now, "event_id": event_id}
    await unit.insert(OPT_OUT_IMPORT_REVERT, [row])
