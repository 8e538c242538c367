"""R01: who may ask about which controller. Nobody learns which controllers there are."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.direct import superuser
from tests.registry_driver import Driver, Party, email, question

PHONE = "+46701740664"


def without_ids(answer: httpx2.Response) -> tuple[int, dict[str, Any], list[str]]:
    """All that an answer says but its own number."""
    body = answer.json()
    del body["instance"]
    return answer.status_code, body, sorted(answer.headers)


async def everybody_else(registry: Driver) -> list[Party]:
    return [
        await registry.agent(),
        await registry.source(),
        await registry.staff("auditor"),
        await registry.admin(),
    ]


async def test_a_foreign_controller_and_an_unknown_one_are_answered_alike(registry: Driver) -> None:
    mine, foreign = await registry.controller(), await registry.controller()
    agent, source = await registry.agent(), await registry.source()
    asked = (foreign.id, str(uuid4()), agent.id, source.id, str(uuid4()).upper())
    answers = [await registry.post("/v1/lookups", question(one, PHONE), mine) for one in asked]
    found = [without_ids(answer) for answer in answers]
    assert all(one == found[0] for one in found)
    assert {len(answer.content) for answer in answers} == {len(answers[0].content)}
    status, body, _ = found[0]
    assert (status, body["code"]) == (403, "AUTH_CONTROLLER")
    assert "results" not in body


async def test_a_foreign_controller_is_refused_before_anything_is_judged(registry: Driver) -> None:
    """Not even a bad question or an empty list says whether the controller exists."""
    mine, foreign = await registry.controller(), await registry.controller()
    for fields in ({"channel": "pigeon"}, {"min_as_of": "999999.0"}, {"source": {"id": str(uuid4())}}):
        for asked in (foreign.id, str(uuid4())):
            answer = await registry.post("/v1/lookups", question(asked, PHONE, **fields), mine)
            assert answer.json()["code"] == "AUTH_CONTROLLER"
            answer = await registry.post("/v1/lookups", question(asked, **fields), mine)
            assert answer.json()["code"] == "AUTH_CONTROLLER"


async def test_only_those_who_send_may_ask(registry: Driver) -> None:
    sender = await registry.controller()
    for caller in await everybody_else(registry):
        answer = await registry.post("/v1/lookups", question(sender.id, PHONE), caller)
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")


async def test_a_role_is_refused_before_the_body_is_read(registry: Driver) -> None:
    agent = await registry.agent()
    answer = await registry.client.post("/v1/lookups", content=b"no JSON", headers=agent.headers)
    assert answer.json()["code"] == "ROLE_DENIED"


async def test_without_a_token_nobody_asks(registry: Driver) -> None:
    answer = await registry.post("/v1/lookups", question(str(uuid4()), PHONE))
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_customer_service_may_ask_as_well(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    assert await registry.code(desk, email()) == ("allow", "NO_OBJECTION_FOUND")


async def test_a_processor_asks_for_its_controllers_and_for_no_other(registry: Driver) -> None:
    one, two, other = [await registry.controller("customer_service") for _ in range(3)]
    processor, person = await registry.processor(one, two), email()
    await registry.enter(one, person)
    for controller, code in ((one, "DNC_INTERNAL"), (two, "NO_OBJECTION_FOUND")):
        answer = await registry.post("/v1/lookups", question(controller.id, person), processor)
        assert answer.json()["results"][0]["code"] == code
    for asked in (other.id, processor.id, str(uuid4())):
        answer = await registry.post("/v1/lookups", question(asked, person), processor)
        assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_CONTROLLER")


async def test_an_objection_to_the_controller_blocks_its_processor(registry: Driver) -> None:
    controller, agent, person = await registry.controller(), await registry.agent(), email()
    mandate = await registry.mandate(agent, identifiers=[person])
    await registry.objection(agent, mandate, [controller.id], identifiers=[person])
    processor = await registry.processor(controller)
    answer = await registry.post("/v1/lookups", question(controller.id, person), processor)
    assert answer.json()["results"][0]["code"] == "OBJ_DM"


async def test_a_revoked_credential_asks_nothing_although_its_token_lives(registry: Driver) -> None:
    sender = await registry.controller()
    client = sender.credential["client_id"]
    revoked = await registry.post(f"/v1/credentials/{client}/revoke", {}, await registry.admin())
    assert revoked.status_code in {200, 204}, revoked.text
    answer = await registry.ask(sender, PHONE, purpose="emergency")
    assert answer.status_code == 401


async def test_a_denied_role_is_journalled(registry: Driver, database_url: str) -> None:
    agent, sender = await registry.agent(), await registry.controller()
    await registry.post("/v1/lookups", question(sender.id, PHONE), agent)
    connection = await superuser(database_url)
    row = await connection.fetchrow(
        "SELECT kind, outcome, actor_role FROM registry.event WHERE actor_id = $1 ORDER BY id DESC", agent.id
    )
    await connection.close()
    assert tuple(row) == ("role.denied", "ROLE_DENIED", "agent")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "MALFORMED_JSON"),
        (b"{", 422, "MALFORMED_JSON"),
        (b"\xff", 422, "MALFORMED_JSON"),
        (b'{"channel":"sms","channel":"email"}', 422, "MALFORMED_JSON"),
        (b'{"promo":NaN}', 422, "MALFORMED_JSON"),
        (b'{"identifiers":["\x00"]}', 422, "MALFORMED_JSON"),
        (b'{"identifiers":["\xed\xa0\x80"]}', 422, "MALFORMED_JSON"),
        (b'{"identifiers":' + b"[" * 40 + b"]" * 40 + b"}", 422, "MALFORMED_JSON"),
        (b"[]", 422, "VALIDATION"),
        (b"null", 422, "VALIDATION"),
        (b"{}", 422, "VALIDATION"),
        (b'"' + b"x" * (16 * 1024 * 1024) + b'"', 413, "BODY_TOO_LARGE"),
    ],
)
async def test_a_broken_body_has_its_code(registry: Driver, content: bytes, status: int, code: str) -> None:
    sender = await registry.controller()
    headers = {**sender.headers, "Content-Type": "application/json"}
    answer = await registry.client.post("/v1/lookups", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_another_media_type_is_not_read(registry: Driver) -> None:
    sender = await registry.controller()
    headers = {**sender.headers, "Content-Type": "text/csv"}
    answer = await registry.client.post("/v1/lookups", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
