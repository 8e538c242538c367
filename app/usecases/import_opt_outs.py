"""A controller's existing opt-outs come in from a file, and the file can be taken back.

Add-only: nothing in a file ends what stands. A row whose wish stands adds nothing either, also where the
person has consented since: a file is not that person's act of the day on which it is brought. Taking a file
back releases what stands because of it alone; a wish that a person expressed in any other way since then
keeps its entry.
"""

from dataclasses import dataclass
from uuid import UUID

from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import EntryWriter
from app.storage.entry_wishes import standing_entries
from app.storage.events import Event, record_events
from app.storage.opt_out_imports import add_import, add_revert, alone_of_import, find_import
from app.storage.units import WriteUnit
from app.storage.versions import AsOf, lock_lists, take_versions
from app.usecases.act import Act
from app.usecases.entry_view import own_list
from app.usecases.read_opt_outs import ReadFile
from app.usecases.record_wishes import record_wishes

IMPORTED = "import.recorded"
REVERTED = "import.reverted"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file; without ids when it was only tried."""

    file: ReadFile
    id: UUID | None
    event_id: UUID | None
    new_entries: int
    as_of: AsOf | None


@dataclass(frozen=True, slots=True)
class Reverted:
    """What taking a file back released."""

    id: UUID
    released: int
    event_id: UUID
    as_of: AsOf


async def import_opt_outs(unit: WriteUnit, act: Act, file: ReadFile) -> Imported:
    """Put every wish of a file in force, in the list of the caller's own controller."""
    number = own_list(act.who)
    outcome = await record_wishes(unit, act, number, file.wishes, said_now=False)
    import_id, new = act.new_id(), len(outcome.new)
    row = {"controller_no": number, "id": import_id, "layout": file.layout, "rows": file.rows}
    await add_import(unit, {**row, "event_id": act.event_id})
    detail = {
        "layout": file.layout,
        "rows": file.rows,
        "new_entries": new,
        "rejected": file.rejected_total,
        "version": outcome.version,
    }
    digest = act.request_digest or None
    event = Event(act.event_id, act.now, IMPORTED, act.caller, import_id, "done", digest, detail)
    await record_events(unit, [event])
    as_of = AsOf.after_write(number, outcome.version)
    return Imported(file, import_id, act.event_id, new, as_of)


async def try_opt_outs(unit: WriteUnit, act: Act, file: ReadFile) -> Imported:
    """What an import would do; nothing is written. It counts wishes that have no entry of their kind yet."""
    number, fingerprints = own_list(act.who), unit.instruments.fingerprints
    await unit.declare([number])
    wanted = {(fingerprints.indexed(w.identifier)[0], w.kind.value, w.channels) for w in file.wishes}
    rows = await standing_entries(unit, number, {fingerprint for fingerprint, _, _ in wanted})
    standing = {(row.fingerprint, row.kind, row.channels) for row in rows}
    return Imported(file, None, None, len(wanted - standing), None)


async def revert_import(unit: WriteUnit, act: Act, import_id: UUID) -> Reverted:
    """Take a file back. NOT_FOUND for another controller's as for none; STATE_CONFLICT when it was done."""
    number = own_list(act.who)
    await lock_lists(unit, [number])
    found = await find_import(unit, number, import_id)
    if found is None:
        raise RefusedError(Refusal.NOT_FOUND)
    imported, reverted = found
    if reverted:
        raise RefusedError(Refusal.STATE_CONFLICT, "The import has been taken back already.")
    ids = await alone_of_import(unit, number, imported)
    version = (await take_versions(unit, [number], act.event_id, act.now))[number]
    writer = EntryWriter(unit, number, version, act.event_id, act.now)
    released = await writer.release(ids, "import_reverted")
    await add_revert(unit, number, import_id, act.event_id, act.now)
    digest, detail = act.request_digest or None, {"released": released, "version": version}
    event = Event(act.event_id, act.now, REVERTED, act.caller, import_id, "done", digest, detail)
    await record_events(unit, [event])
    return Reverted(import_id, released, act.event_id, AsOf.after_write(number, version))
