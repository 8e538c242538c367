"""The database stops in the middle of the day: what needs no facts goes on, nothing else is answered."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.crypto.keys import KeyRing
from app.main import found_registry, open_database, passwords
from app.storage.embedded import EmbeddedPostgres
from app.storage.migrating import migrate
from tests.api.degraded import assert_degraded, assert_no_answer, timed
from tests.cloned_registry import registry_at
from tests.registry_driver import ISSUER, Driver, Party, email, question


@dataclass(frozen=True)
class Stopped:
    """A registry whose server has stopped, and who held tokens by then."""

    registry: Driver
    sender: Party
    processor: Party
    agent: Party
    receipt: str


@pytest.fixture(scope="module")
async def stopped(tmp_path_factory: pytest.TempPathFactory, ring: KeyRing) -> AsyncIterator[Stopped]:
    folder: Path = tmp_path_factory.mktemp("stopped")
    server = EmbeddedPostgres(folder)
    url = server.start().url()
    await migrate(url, passwords(ring))
    database = open_database(url, ring, ISSUER)
    await found_registry(database)
    await database.dispose()
    async with registry_at(url, ring) as registry:
        sender, agent = await registry.controller(), await registry.agent()
        processor = await registry.processor(sender)
        receipt = (await registry.look_up(sender, email()))["receipt"]
        server.stop()
        yield Stopped(registry, sender, processor, agent, receipt)


async def test_what_needs_no_facts_is_answered_and_nothing_else(stopped: Stopped) -> None:
    await assert_no_answer(stopped.registry, stopped.sender, {})
    answer, seconds = await timed(stopped.registry, stopped.sender, {"purpose": "service"})
    assert_degraded(answer.json())
    assert seconds < 2


async def test_a_compact_answer_is_degraded_alike(stopped: Stopped) -> None:
    found = await stopped.registry.look_up(
        stopped.sender, email(), "abc", purpose="emergency", view="compact"
    )
    assert found["allow_code"] == "DEGRADED_ALLOW"
    assert found["blocked"] == [{"index": 1, "code": "INPUT_INVALID"}]


async def test_a_question_that_nobody_understands_is_blocked_as_always(stopped: Stopped) -> None:
    found = await stopped.registry.look_up(stopped.sender, email(), channel="pigeon")
    assert [one["code"] for one in found["results"]] == ["INPUT_INVALID"]


async def test_a_degraded_answer_has_a_receipt_that_holds(stopped: Stopped) -> None:
    found = await stopped.registry.look_up(stopped.sender, email(), purpose="emergency")
    checked = await stopped.registry.post("/v1/receipts/verify", {"receipt": found["receipt"]})
    assert checked.json()["code"] == "VALID"
    assert checked.json()["claims"]["as_of"] is None


async def test_receipts_are_verified_without_a_database(stopped: Stopped) -> None:
    checked = await stopped.registry.post("/v1/receipts/verify", {"receipt": stopped.receipt})
    assert checked.json()["code"] == "VALID"


async def test_nobody_can_say_now_whom_a_processor_asks_for(stopped: Stopped) -> None:
    """Neither allowed nor refused: whether it acts for the controller cannot be read."""
    for purpose in ("marketing", "emergency"):
        body = question(stopped.sender.id, email(), purpose=purpose)
        answer = await stopped.registry.post("/v1/lookups", body, stopped.processor)
        assert (answer.status_code, answer.json()["code"]) == (503, "FACTS_UNREADABLE")


async def test_an_agent_still_may_not_ask(stopped: Stopped) -> None:
    body = question(stopped.sender.id, email(), purpose="emergency")
    answer = await stopped.registry.post("/v1/lookups", body, stopped.agent)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")


async def test_a_forged_token_opens_nothing(stopped: Stopped) -> None:
    body = question(stopped.sender.id, email(), purpose="emergency")
    headers = {"Authorization": f"Bearer {stopped.sender.token[:-4]}AAAA"}
    answer = await stopped.registry.client.post("/v1/lookups", json=body, headers=headers)
    assert answer.status_code == 401


async def test_nothing_can_be_entered_or_read(stopped: Stopped) -> None:
    answer = await stopped.registry.get("/v1/receipts/018f0000-0000-7000-8000-00000000000a", stopped.sender)
    assert (answer.status_code, answer.json()["code"]) == (503, "FACTS_UNREADABLE")
