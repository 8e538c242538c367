"""The writer of a process, handed acts as its routes hand them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_bytes, token_hex
from typing import Any
from uuid import UUID

import pytest
from fastapi import Response

from app.api.gathering import MOST, Gathering
from app.crypto.keys import KeyRing
from app.domain.channels import ALL_CHANNELS
from app.domain.parties import Caller
from app.domain.refusals import RefusedError, UnavailableError
from app.main import create_app, deployment, found_registry, open_database, passwords
from app.storage.database import Database
from app.storage.embedded import EmbeddedPostgres
from app.storage.migrating import migrate
from app.usecases.act import Act
from app.usecases.identify_caller import identify_caller
from app.usecases.objection_drafts import ObjectionCommand
from app.usecases.objection_view import ObjectionView
from app.usecases.read_identifiers import GivenIdentifier
from app.usecases.record_objection import record_objection
from app.usecases.repeat_act import Part, RepeatKey, StoredAnswer
from app.usecases.waiting_acts import Waiting
from tests.cloned_registry import registry_at
from tests.direct import superuser
from tests.registry_driver import ISSUER, Driver, Json, Party
from tests.storage.conftest import own_server

__all__ = ["own_server"]

Alone = Callable[[], Awaitable[Response]]


@pytest.fixture(scope="module")
async def caller(database: Database, agent: Party) -> Caller:
    async with database.read() as unit:
        found = await identify_caller(unit, UUID(agent.credential["client_id"]))
    assert found is not None
    return found


def objecting(controller: Party, mandate: Json) -> ObjectionCommand:
    given = GivenIdentifier("email", f"{token_hex(8)}@example.com")
    mandate_id = UUID(mandate["id"])
    return ObjectionCommand(("art21_2",), (controller.id,), (given,), ALL_CHANNELS, mandate_id=mandate_id)


def spoken(view: ObjectionView) -> StoredAnswer:
    return StoredAnswer(201, (Part(view.subject, str(view.controllers[0].as_of.controller).encode()),))


def refused(error: RefusedError) -> StoredAnswer:
    return StoredAnswer(403, (Part(None, error.code.value.encode()),))


def waiting(caller: Caller, command: ObjectionCommand, act: Act | None = None) -> Waiting:
    digest = token_bytes(32)
    begun = act or Act.begin(datetime.now(UTC), caller, digest)
    return Waiting(begun, "objection.received", RepeatKey(token_hex(8), digest), command, spoken, refused)


def alone(database: Database, one: Waiting) -> Alone:
    """As the act is done by itself."""

    async def work() -> Response:
        async with database.write() as unit:
            view = await record_objection(unit, one.act, one.command)
        return Response(spoken(view).body(), 201)

    return work


async def said(gathering: Gathering, database: Database, one: Waiting) -> bytes:
    answer = await gathering.answer(one, alone(database, one))
    return answer.body() if isinstance(answer, StoredAnswer) else bytes(answer.body)


async def test_the_acts_at_a_controller_take_its_versions_in_the_order_in_which_they_came(
    database: Database, caller: Caller, mandate: Json, sender: Party
) -> None:
    gathering = Gathering(database)
    acts = [waiting(caller, objecting(sender, mandate)) for _ in range(MOST + 40)]
    answers = await asyncio.gather(*(said(gathering, database, one) for one in acts))
    versions = [int(answer) for answer in answers]
    assert versions == list(range(versions[0], versions[0] + len(acts)))


async def test_an_act_that_the_database_refuses_fails_alone(
    database: Database, caller: Caller, mandate: Json, sender: Party
) -> None:
    """Two acts with one event: the second breaks its whole group, and then only itself."""
    gathering = Gathering(database)
    acts = [waiting(caller, objecting(sender, mandate)) for _ in range(20)]
    poisoned = replace(acts[11], act=replace(acts[11].act, event_id=acts[3].act.event_id))
    acts[11] = poisoned
    running = (said(gathering, database, one) for one in acts)
    answers = await asyncio.wait_for(asyncio.gather(*running, return_exceptions=True), 30)
    failed = [n for n, answer in enumerate(answers) if isinstance(answer, BaseException)]
    assert len(failed) == 1
    assert set(failed) <= {3, 11}
    assert all(isinstance(answers[n], UnavailableError) for n in failed)


async def test_an_error_of_our_own_in_one_act_is_told_to_that_one(
    database: Database, caller: Caller, mandate: Json, sender: Party
) -> None:
    gathering = Gathering(database)
    acts = [waiting(caller, objecting(sender, mandate)) for _ in range(6)]
    broken: Any = objecting(sender, mandate)
    acts[2] = waiting(caller, replace(broken, channels=None))
    running = (said(gathering, database, one) for one in acts)
    answers = await asyncio.gather(*running, return_exceptions=True)
    assert [isinstance(answer, bytes) for answer in answers] == [n != 2 for n in range(6)]


async def test_a_process_that_stops_answers_everybody_who_waits(
    database_url: str, ring: KeyRing, caller: Caller, mandate: Json, sender: Party
) -> None:
    database = open_database(database_url, ring, ISSUER)
    parts, holder = deployment(database, ring, ISSUER), await superuser(database_url)
    running: list[asyncio.Future[bytes]] = []
    begun = asyncio.Event()

    async def live() -> None:
        app = create_app(parts)
        async with app.router.lifespan_context(app):
            await holder.execute("BEGIN")
            await holder.execute("LOCK TABLE registry.objection IN SHARE MODE")
            acts = [waiting(caller, objecting(sender, mandate)) for _ in range(50)]
            running.extend(asyncio.ensure_future(said(parts.gathering, database, one)) for one in acts)
            begun.set()
            await asyncio.sleep(0.2)

    living = asyncio.ensure_future(live())
    await asyncio.wait_for(begun.wait(), 20)
    await asyncio.sleep(0.5)
    assert len(running) == 50
    assert not living.done()
    assert not any(one.done() for one in running)
    await holder.close()
    await asyncio.wait_for(living, 20)
    assert len({one.result() for one in running}) == 50


async def test_nothing_is_acknowledged_that_a_killed_server_forgets(
    own_server: EmbeddedPostgres, ring: KeyRing
) -> None:
    """It is stopped while acts pour in: each is answered, and what was acknowledged is there after."""
    url = own_server.start().url()
    await migrate(url, passwords(ring))
    database = open_database(url, ring, ISSUER)
    await found_registry(database)
    async with registry_at(url, ring) as registry:
        sender, agent = await registry.controller(), await registry.agent()
        mandate = await registry.mandate(agent)
        async with database.read() as unit:
            caller = await identify_caller(unit, UUID(agent.credential["client_id"]))
        assert caller is not None
        known, lost = await _pour(own_server, database, caller, sender, mandate)
        assert known
        assert lost
        own_server.start()
        await _settled(registry, sender, sorted(known))
    await database.dispose()


async def _pour(
    server: EmbeddedPostgres, database: Database, caller: Caller, sender: Party, mandate: Json
) -> tuple[set[str], set[str]]:
    """Whose objections were acknowledged, and whose were not, when a server is stopped in the middle."""
    gathering, known, lost = Gathering(database), set[str](), set[str]()
    enough = asyncio.Event()

    async def client() -> None:
        while not lost:
            command = objecting(sender, mandate)
            name = str(command.identifiers[0].value)
            try:
                await said(gathering, database, waiting(caller, command))
                known.add(name)
                if len(known) >= 200:
                    enough.set()
            except UnavailableError:
                lost.add(name)

    clients = [asyncio.ensure_future(client()) for _ in range(40)]
    await asyncio.wait_for(enough.wait(), 60)
    await asyncio.to_thread(server.stop, "immediate")
    await asyncio.wait_for(asyncio.gather(*clients), 30)
    return known, lost


async def _settled(registry: Driver, sender: Party, names: list[str]) -> None:
    for _ in range(3):
        if (await registry.ask(sender, names[0], channel="email")).status_code == 200:
            break
    found = await registry.look_up(sender, *names, channel="email")
    assert {result["code"] for result in found["results"]} == {"OBJ_DM"}
