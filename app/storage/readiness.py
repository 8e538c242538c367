"""What a database must be before anything is answered from it, checked at start and by /readyz."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from app.domain.parties import ALL_CONTROLLERS
from app.domain.refusals import OperatorError, UnavailableError
from app.storage.bootstrap import WrongKeyError, check_fingerprint_key
from app.storage.database import Database
from app.storage.lookups import find_entries, open_lists
from app.storage.migrating import expected_revision
from app.storage.units import ReadUnit, statement

CLOCK_TOLERANCE = timedelta(seconds=5)
ROLES = ("sparr_api", "sparr_lookup", "sparr_auditor", "sparr_journal", "sparr_shredder")
"""Whoever works on the register; each inserts and selects at most."""

_SAFE = {
    **dict.fromkeys(("fsync", "full_page_writes", "data_checksums"), ("on",)),
    # A damaged page would be read as one without rows.
    **dict.fromkeys(("zero_damaged_pages", "ignore_checksum_failure"), ("off",)),
}
_COMMIT = ("on", "remote_apply")
_SHOWN = text("SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY(:names)")
_REVISION = text("SELECT version_num FROM ops.schema_revision")
_CLOCK = text("SELECT clock_timestamp() AS at")
_FORBIDDEN = statement("forbidden_privileges")
_UNGUARDED = statement("unguarded")
GUARDED = (
    "consent",
    "controller_policy",
    "controller_version",
    "entry",
    "entry_key",
    "entry_release",
    "entry_state",
    "entry_tombstone",
    "entry_wish",
    "fact_end",
    "fact_key",
    "holder_trait",
    "intake_message",
    "lookup_note",
    "objection_assessment",
    "opt_out_import",
    "opt_out_import_revert",
    "relationship",
)
"""The tables whose rows belong to one list: each must have its strict policy, forced for everybody."""


class UnsafeDatabaseError(OperatorError):
    """The start is refused: with this database something could be lost or hidden. The message says what."""


async def refuse_unsafe(database: Database) -> None:
    """Raise unless every condition holds; the codes are listed in docs/operations.md."""
    failed = [name for name, good in await standing(database) if not good]
    if failed:
        raise UnsafeDatabaseError(f"refusing to start: {', '.join(failed)}")


async def standing(database: Database) -> list[tuple[str, bool]]:
    """Each condition by its code, and whether it holds now. An unreachable database holds none."""
    try:
        async with database.read() as unit:
            found = await _conditions(unit)
    except UnavailableError:
        return [("DATABASE", False)]
    return [("DATABASE", True), *found, ("CANARY", await _canary(database))]


async def _conditions(unit: ReadUnit) -> list[tuple[str, bool]]:
    names = [*_SAFE, "synchronous_commit"]
    shown = {row.name: row.setting for row in await unit.rows(_SHOWN, {"names": names})}
    durable = all(shown.get(name) in good for name, good in _SAFE.items())
    revision = await unit.row(_REVISION)
    clock = await unit.row(_CLOCK)
    forbidden = await unit.row(_FORBIDDEN, {"roles": list(ROLES)})
    unguarded = await unit.row(_UNGUARDED, {"guarded": list(GUARDED)})
    drift = abs(clock.at - datetime.now(UTC)) if clock else CLOCK_TOLERANCE * 2
    return [
        ("DURABILITY", durable and shown.get("synchronous_commit") in _COMMIT),
        ("SCHEMA_REVISION", revision is not None and revision.version_num == expected_revision()),
        ("CLOCK", drift <= CLOCK_TOLERANCE),
        ("PRIVILEGES", forbidden is not None and forbidden.found == 0),
        ("GUARDS", unguarded is not None and unguarded.found == 0),
        ("FINGERPRINT_KEY", await _key(unit)),
    ]


async def _key(unit: ReadUnit) -> bool:
    try:
        await check_fingerprint_key(unit)
    except WrongKeyError:
        return False
    return True


async def _canary(database: Database) -> bool:
    """A lookup of nobody: it answers only if the canary of "all controllers" came back."""
    try:
        async with database.lookup() as unit:
            lists = await open_lists(unit, ALL_CONTROLLERS, None)
            await find_entries(unit, lists, b"")
    except UnavailableError:
        return False
    return True
