"""What a controller is told of a mandate that entries in its list rest on, signed for whoever doubts it.

Rights, level, dates, text and checks (GDPR Art. 12(6)); who gave the mandate, who was authorised and towards
whom else it was used is not the controller's to know (Art. 5(1)(c)). Each proof is a reading of the mandate,
and an event of it (Art. 5(2)).
"""

from typing import Any, Final
from uuid import UUID

from app.domain.channels import channel_codes
from app.domain.mandate import CheckResult
from app.domain.parties import ALL_CONTROLLERS, entitled
from app.domain.refusals import Refusal, RefusedError
from app.storage.events import Event
from app.storage.mandate_reach import resting_objections
from app.storage.mandates import checks_of, mandate_of, mandate_rows
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.record_readings import record_readings
from app.usecases.sign_receipt import rfc3339, sign_mandate_proof

PROVEN: Final = "mandate.proven"


async def prove_mandate(unit: WriteUnit, act: Act, mandate_id: UUID, controller_id: UUID) -> tuple[Any, str]:
    """The claims of the proof, and the proof (a compact JWS). A mandate that nothing in this controller's
    list rests on is answered like none at all: MANDATE_NOT_FOUND."""
    numbers = {entitled(act.who, controller_id), ALL_CONTROLLERS}
    resting = await resting_objections(unit, mandate_id, numbers)
    if not resting:
        raise RefusedError(Refusal.MANDATE_NOT_FOUND)
    row = (await mandate_rows(unit, [mandate_id]))[0]
    checks = (await checks_of(unit, [mandate_id]))[mandate_id]
    claims = _claims(row, checks, act) | {
        "controller_id": str(controller_id),
        "objections": [
            {
                "id": str(one.id),
                "state": one.state,
                "received_at": rfc3339(one.received_at),
                "everywhere": one.controller_no == ALL_CONTROLLERS,
            }
            for one in resting
        ],
    }
    await _journal(unit, act, mandate_id, controller_id)
    return claims, sign_mandate_proof(unit.instruments, act.now, claims)


async def _journal(unit: WriteUnit, act: Act, mandate_id: UUID, controller_id: UUID) -> None:
    """For whom it was asked is sealed with the purpose: the agent sees that it was read, and no more."""
    event = Event(act.event_id, act.now, PROVEN, act.caller, mandate_id)
    await record_readings(unit, act, [event], {"controller_id": str(controller_id)})


def _claims(row: Any, checks: list[CheckResult], act: Act) -> dict[str, Any]:
    return {
        "jti": str(act.event_id),
        "mandate_id": str(row.id),
        "state": mandate_of(row).state_at(act.now).value,
        "level": f"L{row.level}",
        "evidence": row.evidence_kind,
        "rights": list(row.rights),
        "channels": channel_codes(row.channels) or "all",
        "valid_from": rfc3339(row.valid_from),
        "valid_to": rfc3339(row.valid_to),
        "signed_at": rfc3339(row.signed_at),
        "received_at": rfc3339(row.received_at),
        "template": row.template,
        "checks": [{"code": one.code, "outcome": one.outcome.value} for one in checks],
        "stated_at": rfc3339(act.now),
    }
