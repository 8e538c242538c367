"""What every database must hold before the first request: the registry itself as a party, the list of "all
controllers" with its canary, and the check value of the fingerprint key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from app.domain.entry import Binding, EntryKind
from app.domain.parties import ALL_CONTROLLERS, PartyKind
from app.domain.refusals import OperatorError
from app.storage.entries import CANARY, add_entries
from app.storage.events import Event, record_events
from app.storage.lookups import canary_of
from app.storage.parties import NewParty, add_party
from app.storage.tables import CONTROLLER_POLICY, FINGERPRINT_KEY, HOLDER, HOLDER_TRAIT
from app.storage.units import ReadUnit, WriteUnit
from app.storage.versions import take_versions

_LOCK = text("SELECT pg_advisory_xact_lock(7232)")
_REGISTRY = text("SELECT id FROM registry.party WHERE kind = 'registry'")
_KEY = text("SELECT version, check_value FROM registry.fingerprint_key ORDER BY version DESC LIMIT 1")
_SCHEME = "aes-256-cmac/1"


class WrongKeyError(OperatorError):
    """The fingerprint key is not the one that this database was written with. Nothing would ever match."""


async def check_fingerprint_key(unit: ReadUnit) -> None:
    """Refuse a key whose check value is not the database's: with it every lookup would come back clear."""
    known = await unit.row(_KEY)
    if known is None or known.check_value != unit.instruments.fingerprints.check_value():
        raise WrongKeyError("the fingerprint key does not belong to this database")


async def registry_party(unit: ReadUnit) -> UUID | None:
    """The registry's own party: admins and auditors are its people."""
    row = await unit.row(_REGISTRY)
    return row.id if row else None


async def add_canary(
    unit: WriteUnit, controller_no: int, version: int, entry_id: UUID, event_id: UUID, now: datetime
) -> None:
    """Put the reserved entry of a list in force, with the trait that every list has. It is never released,
    and every lookup must find both."""
    fingerprint = canary_of(unit, controller_no)
    place = {"controller_no": controller_no, "version": version}
    entry = {"id": entry_id, "fingerprint": fingerprint, "event_id": event_id, "since": now, "channels": 0}
    kind = {"kind": EntryKind.CANARY.value, "level": 0, "purposes": 0, "binding": Binding.IDENTIFIER.value}
    nothing = {"objection_id": None, "sealed_id": None, "occurred_at": None, "service_id": None}
    await add_entries(
        unit,
        [{**place, **entry, **kind, **nothing, "identifier_type": "canary"}],
        [{**place, "fingerprint": fingerprint, "entry_id": entry_id}],
    )
    trait = {"controller_no": controller_no, "trait": CANARY, "event_id": event_id}
    await unit.insert(HOLDER_TRAIT, [trait])


async def prepare(unit: WriteUnit, party_id: UUID, entry_id: UUID, event_id: UUID, now: datetime) -> bool:
    """Found the registry in an empty database; True when this call did it. Ids come from the caller."""
    await unit.rows(_LOCK)
    if await registry_party(unit) is not None:
        return False
    await record_events(unit, [Event(event_id, now, "registry.founded", None, party_id)])
    await add_party(unit, NewParty(party_id, PartyKind.REGISTRY, "Registry", "", ""), event_id, now)
    await unit.insert(
        HOLDER,
        [
            {
                "controller_no": ALL_CONTROLLERS,
                "party_id": party_id,
                "sector": None,
                "public_body": False,
                "purposes": 0,
            }
        ],
    )
    fingerprints = unit.instruments.fingerprints
    key = {"version": fingerprints.version, "scheme": _SCHEME, "check_value": fingerprints.check_value()}
    await unit.insert(FINGERPRINT_KEY, [{**key, "created_at": now}])
    versions = await take_versions(unit, [ALL_CONTROLLERS], event_id, now)
    place = {"controller_no": ALL_CONTROLLERS, "version": versions[ALL_CONTROLLERS]}
    await unit.insert(CONTROLLER_POLICY, [{**place, "policy": {}, "event_id": event_id}])
    await add_canary(unit, ALL_CONTROLLERS, versions[ALL_CONTROLLERS], entry_id, event_id, now)
    return True
