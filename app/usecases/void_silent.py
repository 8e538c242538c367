"""Silence voids: a mandate that is contested for 90 days without a word ends, with what rests on it.
The registry does that by itself, one mandate in one transaction."""

from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.mandate import MandateState
from app.domain.mandate_doubt import SILENCE
from app.domain.objection import IN_FORCE, ObjectionState
from app.domain.refusals import RefusedError
from app.storage.database import Database
from app.storage.mandate_reach import long_contested, objections_under, reached_lists
from app.storage.mandates import mandate_history
from app.storage.units import WriteUnit
from app.storage.versions import lock_lists
from app.usecases.act import Act
from app.usecases.contest_mandate import put_state
from app.usecases.withdraw_objection import end_objection

SILENT: Final = "silent"


async def void_silent(database: Database, now: datetime) -> int:
    """Void what has been contested for too long; how many mandates that were."""
    async with database.read() as reading:
        found = await long_contested(reading, now - SILENCE)
    done = 0
    for mandate_id in found:
        try:
            async with database.write() as unit:
                done += await _void(unit, mandate_id, now)
        except RefusedError:
            continue  # An admin has settled it meanwhile.
    return done


async def _void(unit: WriteUnit, mandate_id: UUID, now: datetime) -> int:
    act = Act.begin(now, None)
    await lock_lists(unit, await reached_lists(unit, mandate_id))
    history = await mandate_history(unit, mandate_id)
    if history[-1].state != MandateState.CONTESTED:
        return 0
    live = await objections_under(unit, mandate_id, [state.value for state in IN_FORCE])
    await put_state(unit, act, mandate_id, len(history) + 1, MandateState.VOID, SILENT, len(live))
    for one in live:
        await end_objection(unit, act.part(), one, ObjectionState.VOIDED, "objection.voided")
    return 1
