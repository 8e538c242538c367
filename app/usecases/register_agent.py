"""An admin registers an objection agent with the public keys that it signs with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.crypto.public_keys import BadKey, checked_jwk
from app.domain.parties import AgentState, PartyKind
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event, record_events
from app.storage.parties import NewParty, add_agent_keys, add_party
from app.storage.units import WriteUnit
from app.usecases.act import Act

REGISTERED = "agent.registered"


@dataclass(frozen=True, slots=True)
class NewAgent:
    """What an admin says of an agent; `keys` are JWKs (RFC 7517) as sent."""

    name: str
    org_no: str
    country: str
    keys: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RegisteredAgent:
    """A registered agent and its keys as they are kept."""

    id: UUID
    name: str
    org_no: str
    country: str
    state: AgentState
    keys: tuple[dict[str, str], ...]
    created_at: datetime
    event_id: UUID


async def register_agent(unit: WriteUnit, act: Act, new: NewAgent) -> RegisteredAgent:
    """Refused with INVALID_KEY unless every key is a public P-256 key with a kid of its own: the kid alone
    chooses the key that a mandate's evidence or an assertion is checked with."""
    keys = _checked(new.keys)
    party = NewParty(act.new_id(), PartyKind.AGENT, new.name, new.org_no, new.country)
    await add_party(unit, party, act.event_id, act.now)
    await add_agent_keys(unit, party.id, keys, act.event_id)
    digest, detail = act.request_digest, {"keys": len(keys)}
    event = Event(act.event_id, act.now, REGISTERED, act.caller, party.id, "done", digest, detail)
    await record_events(unit, [event])
    return RegisteredAgent(
        party.id,
        party.name,
        party.org_no,
        party.country,
        AgentState.ACTIVE,
        keys,
        act.now,
        act.event_id,
    )


def _checked(jwks: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], ...]:
    try:
        keys = tuple(checked_jwk(jwk) for jwk in jwks)
    except BadKey as bad:
        # The message names the rule that was broken, never the key's content.
        raise RefusedError(Refusal.INVALID_KEY, f"A key is refused: {bad}.") from None
    if len({key["kid"] for key in keys}) < len(keys):
        raise RefusedError(Refusal.INVALID_KEY, "Two keys of one agent have the same kid.")
    return keys
