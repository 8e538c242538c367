"""Two revocations of one mandate at the same time: the second is told, and leaves nothing behind."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from app.domain.mandate import MandateState, RevokedBy
from app.domain.parties import Caller, Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.database import Database
from app.storage.events import events_of
from app.usecases.act import Act
from app.usecases.revoke_mandate import revoke_mandate
from tests.registry_driver import Driver


async def test_whoever_revokes_second_while_the_first_still_writes_gets_a_conflict(
    registry: Driver, database: Database
) -> None:
    agent = await registry.agent()
    mandate_id = UUID((await registry.mandate(agent))["id"])
    caller = Caller(uuid4(), UUID(agent.id), Role.AGENT, None, {})

    async def revoke_in_a_unit_of_its_own() -> None:
        async with database.write() as unit:
            await revoke_mandate(
                unit, Act.begin(datetime.now(UTC), caller), mandate_id, "again", RevokedBy.AGENT
            )

    async with database.write() as first:
        view = await revoke_mandate(
            first, Act.begin(datetime.now(UTC), caller), mandate_id, "first", RevokedBy.GRANTOR
        )
        second = asyncio.ensure_future(revoke_in_a_unit_of_its_own())
        # The second cannot end before the first has: it waits for the same ordinal.
        assert await asyncio.wait({second}, timeout=0.3) == (set(), {second})
    assert view.state is MandateState.REVOKED
    with pytest.raises(RefusedError) as refused:
        await second
    assert refused.value.code == Refusal.STATE_CONFLICT
    async with database.read() as unit:
        events = await events_of(unit, mandate_id, UUID(int=0), 10)
    assert [event.kind for event in events] == ["mandate.registered", "mandate.revoked"]
