"""Parties, their lists, keys and credentials."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.domain.facts import ControllerProfile, Policy
from app.domain.parties import Caller, PartyKind, Role, organisation_key
from app.storage.tables import ACTS_FOR, AGENT_KEY, CREDENTIAL, HOLDER, PARTY
from app.storage.units import ReadUnit, Rows, WriteUnit

_NUMBER_LOCK = text("SELECT pg_advisory_xact_lock(7231)")
_NEXT_NUMBER = text("SELECT coalesce(max(controller_no), 0) + 1 FROM registry.holder")
_CALLERS = text("""
SELECT c.id, c.party_id, c.role, p.kind, h.controller_no,
       (SELECT s.state FROM registry.party_state s WHERE s.party_id = c.party_id
        ORDER BY s.ordinal DESC LIMIT 1) AS state
FROM registry.credential c
JOIN registry.party p ON p.id = c.party_id
LEFT JOIN registry.holder h ON h.party_id = c.party_id
WHERE c.id = ANY(:ids)
  AND NOT EXISTS (SELECT FROM registry.credential_revocation r WHERE r.credential_id = c.id)
""")
_ACTS_FOR = text("""
SELECT a.processor_id, h.party_id, h.controller_no FROM registry.acts_for a
JOIN registry.holder h ON h.controller_no = a.controller_no WHERE a.processor_id = ANY(:party_ids)
""")
_SECRET = text("""
SELECT c.party_id, c.role, c.secret_digest FROM registry.credential c
WHERE c.id = :id AND NOT EXISTS (SELECT FROM registry.credential_revocation r WHERE r.credential_id = c.id)
""")
_PARTY = text("SELECT id, kind, name, org_no, country, created_at FROM registry.party WHERE id = :id")
_STATE = text("""
SELECT ordinal, state FROM registry.party_state WHERE party_id = :party_id ORDER BY ordinal DESC LIMIT 1
""")
_KEYS = text("SELECT jwk FROM registry.agent_key WHERE agent_id = :agent_id ORDER BY kid")
_HOLDERS = text("""
SELECT p.id, p.org_no, h.controller_no FROM registry.holder h JOIN registry.party p ON p.id = h.party_id
WHERE p.kind = :kind
  AND (p.id = ANY(:ids) OR regexp_replace(upper(p.org_no), '[^0-9A-Z]', '', 'g') = ANY(:org_keys))
ORDER BY h.controller_no
""")
_PROFILES = text("""
SELECT h.controller_no, h.sector, h.public_body, p.country,
       (SELECT c.policy FROM registry.controller_policy c WHERE c.controller_no = h.controller_no
        ORDER BY c.version DESC LIMIT 1) AS policy
FROM registry.holder h JOIN registry.party p ON p.id = h.party_id WHERE h.controller_no = ANY(:numbers)
""")
_PARTY_IDS = text("SELECT controller_no, party_id FROM registry.holder WHERE controller_no = ANY(:numbers)")
_REVOKE = text("""
INSERT INTO registry.credential_revocation (credential_id, at, event_id) VALUES (:id, :at, :event_id)
ON CONFLICT DO NOTHING
""")
_ADD_STATE = text("""
INSERT INTO registry.party_state (party_id, ordinal, state, reason, at, event_id)
VALUES (:party_id, :ordinal, :state, :reason, :at, :event_id) ON CONFLICT DO NOTHING
""")
_CREDENTIAL_KNOWN = text("SELECT party_id, role FROM registry.credential WHERE id = :id")


@dataclass(frozen=True, slots=True)
class NewParty:
    """A party to be registered."""

    id: UUID
    kind: PartyKind
    name: str
    org_no: str
    country: str
    sector: str | None = None
    public_body: bool = False
    block_purposes: int = 0


@dataclass(frozen=True, slots=True)
class Holder:
    """A party that holds a list of entries, and the number of that list."""

    party_id: UUID
    org_no: str
    controller_no: int

    def is_organisation(self, org_no: str) -> bool:
        """Whether this is a list of that organisation, however its number is written."""
        return organisation_key(org_no) == organisation_key(self.org_no)


async def add_party(unit: WriteUnit, party: NewParty, event_id: UUID, now: datetime) -> None:
    """Register a party."""
    row = {"id": party.id, "kind": party.kind.value, "name": party.name, "org_no": party.org_no}
    await unit.insert(PARTY, [{**row, "country": party.country, "created_at": now, "event_id": event_id}])


async def add_holder(unit: WriteUnit, party: NewParty) -> int:
    """Give a controller or a source the number of its own list. Numbers are internal and never shown."""
    await unit.rows(_NUMBER_LOCK)
    found = await unit.row(_NEXT_NUMBER)
    number = int(found[0]) if found else 1
    await unit.insert(
        HOLDER,
        [
            {
                "controller_no": number,
                "party_id": party.id,
                "sector": party.sector,
                "public_body": party.public_body,
                "purposes": party.block_purposes,
            }
        ],
    )
    return number


async def add_agent_keys(
    unit: WriteUnit, agent_id: UUID, jwks: Sequence[Mapping[str, Any]], event_id: UUID
) -> None:
    """Register the public keys that an agent signs with."""
    rows = [{"agent_id": agent_id, "kid": jwk["kid"], "jwk": dict(jwk), "event_id": event_id} for jwk in jwks]
    await unit.insert(AGENT_KEY, rows)


async def add_acts_for(unit: WriteUnit, processor_id: UUID, numbers: Collection[int], event_id: UUID) -> None:
    """Say for which controllers a processor asks (GDPR Art. 28)."""
    rows = [{"processor_id": processor_id, "controller_no": n, "event_id": event_id} for n in sorted(numbers)]
    await unit.insert(ACTS_FOR, rows)


async def add_credential(
    unit: WriteUnit,
    *,
    credential_id: UUID,
    party_id: UUID,
    role: Role,
    digest: bytes,
    event_id: UUID,
    now: datetime,
) -> None:
    """Keep the keyed digest of a credential's secret, never the secret."""
    row = {"id": credential_id, "party_id": party_id, "role": role.value, "secret_digest": digest}
    await unit.insert(CREDENTIAL, [{**row, "created_at": now, "event_id": event_id}])


async def revoke_credential_row(unit: WriteUnit, credential_id: UUID, event_id: UUID, now: datetime) -> bool:
    """Revoke a credential; False when it was revoked already."""
    return await unit.run(_REVOKE, {"id": credential_id, "at": now, "event_id": event_id}) > 0


async def credential_exists(unit: ReadUnit, credential_id: UUID) -> bool:
    """Whether there ever was such a credential."""
    return await unit.row(_CREDENTIAL_KNOWN, {"id": credential_id}) is not None


async def credential_secret(unit: ReadUnit, credential_id: UUID) -> tuple[UUID, Role, bytes] | None:
    """Party, role and secret digest of a live credential."""
    row = await unit.row(_SECRET, {"id": credential_id})
    return (row.party_id, Role(row.role), bytes(row.secret_digest)) if row else None


async def load_callers(unit: ReadUnit, credential_ids: Collection[UUID]) -> dict[UUID, Caller]:
    """Who stands behind each live credential, as of now: a revoked one is nobody, whatever its tokens say."""
    rows = await unit.rows(_CALLERS, {"ids": list(credential_ids)})
    processors = {row.party_id for row in rows if row.kind == PartyKind.PROCESSOR}
    acts_for: dict[UUID, dict[UUID, int]] = {party_id: {} for party_id in processors}
    for acts in await unit.rows(_ACTS_FOR, {"party_ids": list(processors)}) if processors else ():
        acts_for[acts.processor_id][acts.party_id] = acts.controller_no
    return {
        row.id: Caller(
            row.id,
            row.party_id,
            Role(row.role),
            row.controller_no,
            {row.party_id: row.controller_no}
            if row.kind == PartyKind.CONTROLLER
            else acts_for.get(row.party_id, {}),
            row.state == "suspended",
        )
        for row in rows
    }


async def find_party(unit: ReadUnit, party_id: UUID) -> Any:
    """A party's row (id, kind, name, org_no, country, created_at), or None."""
    return await unit.row(_PARTY, {"id": party_id})


async def party_state(unit: ReadUnit, party_id: UUID) -> tuple[int, str]:
    """The ordinal and code of a party's newest state; (0, "active") when it never changed."""
    row = await unit.row(_STATE, {"party_id": party_id})
    return (row.ordinal, row.state) if row else (0, "active")


async def add_party_state(
    unit: WriteUnit, *, party_id: UUID, ordinal: int, state: str, reason: str, event_id: UUID, now: datetime
) -> bool:
    """Suspend or resume: the next state of a party. False when another act took that ordinal first."""
    row = {"party_id": party_id, "ordinal": ordinal, "state": state, "reason": reason}
    return await unit.run(_ADD_STATE, {**row, "at": now, "event_id": event_id}) > 0


async def agent_keys(unit: ReadUnit, agent_id: UUID) -> list[dict[str, Any]]:
    """The public JWKs of one agent."""
    return [dict(row.jwk) for row in await unit.rows(_KEYS, {"agent_id": agent_id})]


async def find_holders(
    unit: ReadUnit, kind: PartyKind, ids: Collection[UUID] = (), org_nos: Collection[str] = ()
) -> list[Holder]:
    """Controllers (or sources) by id or organisation number. One organisation may run several lists; an
    objection to the organisation reaches them all."""
    keys = [organisation_key(org_no) for org_no in org_nos]
    values = {"kind": kind.value, "ids": list(ids), "org_keys": keys}
    return [Holder(r.id, r.org_no, r.controller_no) for r in await unit.rows(_HOLDERS, values)]


async def party_ids(unit: ReadUnit, numbers: Collection[int]) -> dict[int, UUID]:
    """The public ids behind list numbers."""
    rows: Rows = await unit.rows(_PARTY_IDS, {"numbers": list(numbers)})
    return {r.controller_no: r.party_id for r in rows}


def policy_of(values: Mapping[str, Any] | None) -> Policy:
    """A stored policy; what a row does not name has its default."""
    return Policy(**{**(values or {}), "registers": tuple((values or {}).get("registers", ()))})


async def load_profiles(unit: ReadUnit, numbers: Collection[int]) -> dict[int, ControllerProfile]:
    """What the rules need to know of these controllers, with their newest policies."""
    await unit.declare(numbers)
    rows = await unit.rows(_PROFILES, {"numbers": list(numbers)})
    return {
        r.controller_no: ControllerProfile(r.public_body, r.sector, r.country, policy_of(r.policy))
        for r in rows
    }


_DEFAULT_PURPOSES = text("SELECT purposes FROM registry.holder WHERE controller_no = :number")
_NUMBERS = text("SELECT controller_no FROM registry.holder ORDER BY controller_no")


async def default_purposes(unit: ReadUnit, number: int) -> int:
    """What a block at this source reaches when it does not say."""
    row = await unit.row(_DEFAULT_PURPOSES, {"number": number})
    return int(row.purposes) if row else 0


async def all_numbers(unit: ReadUnit) -> list[int]:
    """Every list there is, for the registry's own people."""
    return [row.controller_no for row in await unit.rows(_NUMBERS)]
