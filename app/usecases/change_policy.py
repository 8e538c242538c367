"""An admin changes a controller's policy. The earlier ones stay: an audit asks what held at a moment."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from app.domain.facts import Policy
from app.domain.parties import PartyKind
from app.domain.refusals import Refusal, RefusedError
from app.storage.controllers import add_policy
from app.storage.events import Event, record_events
from app.storage.parties import find_holders, load_profiles
from app.storage.units import WriteUnit
from app.storage.versions import AsOf, take_versions
from app.usecases.act import Act

CHANGED = "controller.policy_changed"


@dataclass(frozen=True, slots=True)
class ChangedPolicy:
    """The whole policy as it is now; a lookup that demands `as_of` is answered under it."""

    controller_id: UUID
    policy: Policy
    as_of: str
    event_id: UUID


async def change_policy(
    unit: WriteUnit, act: Act, controller_id: UUID, changes: Mapping[str, Any]
) -> ChangedPolicy:
    """Change the named fields of a Policy and keep the others. Refused with NOT_FOUND.

    The list's lock is taken before the present policy is read, so that of two changes at once neither
    undoes the other.
    """
    found = await find_holders(unit, PartyKind.CONTROLLER, ids=[controller_id])
    if not found:
        raise RefusedError(Refusal.NOT_FOUND)
    number = found[0].controller_no
    version = (await take_versions(unit, [number], act.event_id, act.now))[number]
    present = (await load_profiles(unit, [number]))[number].policy
    policy = replace(present, **changes)
    await add_policy(unit, number, version, policy, act.event_id)
    digest = act.request_digest
    event = Event(
        act.event_id,
        act.now,
        CHANGED,
        act.caller,
        controller_id,
        request_digest=digest,
        detail=asdict(policy),
    )
    await record_events(unit, [event])
    as_of = str(AsOf.after_write(number, version))
    return ChangedPolicy(controller_id, policy, as_of, act.event_id)
