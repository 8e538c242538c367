"""Registering the parties over HTTP: controllers, processors and sources; policies."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from app.api.cursors import seal_cursor
from app.crypto.keys import KeyRing
from tests.direct import superuser
from tests.registry_driver import Driver, Json, org_no

DEFAULT_POLICY = {
    "basis": "asserted",
    "registers": [],
    "political": "strict",
    "consent_lifts_objection": True,
    "minimum_level": "L1",
    "customer_base": None,
}


def controller(**fields: Any) -> Json:
    return {"name": "Nordfisk AB", "org_no": org_no(), "country": "SE", **fields}


async def post(registry: Driver, path: str, body: Any, **headers: str) -> httpx2.Response:
    return await registry.post(path, body, await registry.admin(), **headers)


async def patch(registry: Driver, controller_id: str, body: Any) -> httpx2.Response:
    headers = (await registry.admin()).headers
    return await registry.client.patch(f"/v1/controllers/{controller_id}/policy", json=body, headers=headers)


async def events(database_url: str, object_id: str) -> list[tuple[str, str]]:
    connection = await superuser(database_url)
    try:
        sql = "SELECT kind, outcome FROM registry.event WHERE object_id = $1 ORDER BY id"
        return [(row["kind"], row["outcome"]) for row in await connection.fetch(sql, UUID(object_id))]
    finally:
        await connection.close()


async def test_a_registered_controller_is_answered_whole_with_the_default_policy(registry: Driver) -> None:
    sent = controller()
    answer = await post(registry, "/v1/controllers", sent)
    assert answer.status_code == 201
    made = answer.json()
    assert {name: made[name] for name in sent} == sent
    assert (made["sector"], made["public_body"], made["policy"]) == (None, False, DEFAULT_POLICY)
    assert UUID(made["id"]).version == UUID(made["event_id"]).version == 7
    assert made["created_at"].endswith("Z")
    assert set(made) == {*sent, "id", "sector", "public_body", "policy", "created_at", "event_id"}


async def test_a_controller_may_bring_a_part_of_its_policy(registry: Driver) -> None:
    policy = {"registers": ["nix_phone", "spelpaus_se", "nix_phone"], "minimum_level": "L3"}
    made = (await post(registry, "/v1/controllers", controller(policy=policy, public_body=True))).json()
    changed = {"registers": ["nix_phone", "spelpaus_se"], "minimum_level": "L3"}
    assert made["policy"] == DEFAULT_POLICY | changed
    assert made["public_body"] is True


async def test_a_registration_is_one_event(registry: Driver, database_url: str) -> None:
    made = (await post(registry, "/v1/controllers", controller())).json()
    assert await events(database_url, made["id"]) == [("controller.registered", "done")]


async def test_a_new_controller_can_be_asked_about_at_once(registry: Driver, database_url: str) -> None:
    """Its list has its canary and first version from the same commit on."""
    made = (await post(registry, "/v1/controllers", controller())).json()
    connection = await superuser(database_url)
    try:
        row = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM registry.entry_key k"
            "  WHERE k.controller_no = h.controller_no) AS keys,"
            " (SELECT max(version) FROM registry.controller_version v"
            "  WHERE v.controller_no = h.controller_no) AS version"
            " FROM registry.holder h WHERE h.party_id = $1",
            UUID(made["id"]),
        )
    finally:
        await connection.close()
    assert (row["keys"], row["version"]) == (1, 1)


async def test_one_organisation_may_run_several_controllers(registry: Driver) -> None:
    sent = controller()
    first, second = [(await post(registry, "/v1/controllers", sent)).json() for _ in range(2)]
    assert first["id"] != second["id"]


async def test_controllers_registered_at_the_same_time_get_lists_of_their_own(registry: Driver) -> None:
    answers = await asyncio.gather(*[post(registry, "/v1/controllers", controller()) for _ in range(8)])
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.json()["id"] for answer in answers}) == 8


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "   "}, "/name"),
        ({"name": "two\nlines"}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": 5}, "/name"),
        ({"org_no": ""}, "/org_no"),
        ({"org_no": "556 000"}, "/org_no"),
        ({"org_no": "5" * 31}, "/org_no"),
        ({"org_no": "55\u0662"}, "/org_no"),
        ({"country": "se"}, "/country"),
        ({"country": "SWE"}, "/country"),
        ({"country": None}, "/country"),
        ({"public_body": "yes"}, "/public_body"),
        ({"sector": "Not a word"}, "/sector"),
        ({"policy": {"registers": ["nix_fax"]}}, "/policy/registers/0"),
        ({"policy": {"minimum_level": "L5"}}, "/policy/minimum_level"),
        ({"policy": {"minimum_level": 1}}, "/policy/minimum_level"),
        ({"policy": {"basis": "assumed"}}, "/policy/basis"),
        ({"policy": {"basis": None}}, "/policy/basis"),
        ({"policy": {"political": "anything"}}, "/policy/political"),
        ({"policy": {"consent_lifts_objection": "true"}}, "/policy/consent_lifts_objection"),
        ({"policy": {"unheard_of": 1}}, "/policy"),
        ({"number": 0}, ""),
    ],
    ids=str,
)
async def test_a_controller_that_does_not_fit_is_refused_with_the_place(
    registry: Driver, fields: Json, pointer: str
) -> None:
    answer = await post(registry, "/v1/controllers", controller(**fields))
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_the_same_key_registers_one_controller(registry: Driver) -> None:
    sent, key = controller(), uuid4().hex
    first = await post(registry, "/v1/controllers", sent, Idempotency_Key=key)
    again = await post(registry, "/v1/controllers", sent, Idempotency_Key=key)
    assert (again.status_code, again.content) == (201, first.content)
    other = await post(registry, "/v1/controllers", controller(), Idempotency_Key=key)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")


async def test_a_policy_is_changed_in_part_and_answered_whole(registry: Driver, database_url: str) -> None:
    made = (await post(registry, "/v1/controllers", controller())).json()
    first = (await patch(registry, made["id"], {"political": "legacy_2022"})).json()
    second = (await patch(registry, made["id"], {"minimum_level": "L2", "registers": ["nix_post"]})).json()
    changed = {"political": "legacy_2022", "minimum_level": "L2", "registers": ["nix_post"]}
    assert {name: second[name] for name in DEFAULT_POLICY} == DEFAULT_POLICY | changed
    assert (first["as_of"], second["as_of"]) == ("2.0", "3.0")
    shown = (await registry.get(f"/v1/controllers/{made['id']}", await registry.admin())).json()
    assert shown == made | {"policy": DEFAULT_POLICY | changed}
    kinds = [kind for kind, _ in await events(database_url, made["id"])]
    assert kinds == ["controller.registered", "controller.policy_changed", "controller.policy_changed"]


async def test_policy_changes_at_the_same_time_do_not_undo_each_other(registry: Driver) -> None:
    made = (await post(registry, "/v1/controllers", controller())).json()
    await asyncio.gather(
        patch(registry, made["id"], {"basis": "recorded"}),
        patch(registry, made["id"], {"political": "legacy_2022"}),
        patch(registry, made["id"], {"consent_lifts_objection": False}),
        patch(registry, made["id"], {"minimum_level": "L4"}),
    )
    shown = (await registry.get(f"/v1/controllers/{made['id']}", await registry.admin())).json()
    assert shown["policy"] == {
        "basis": "recorded",
        "registers": [],
        "political": "legacy_2022",
        "consent_lifts_objection": False,
        "minimum_level": "L4",
        "customer_base": None,
    }


async def test_the_policy_of_nobody_and_of_an_agent_is_not_found(registry: Driver) -> None:
    agent = await registry.agent()
    for party_id in (str(uuid4()), agent.id):
        answer = await patch(registry, party_id, {"basis": "recorded"})
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        shown = await registry.get(f"/v1/controllers/{party_id}", await registry.admin())
        assert (shown.status_code, shown.json()["code"]) == (404, "NOT_FOUND")


async def test_an_auditor_reads_controllers_and_registers_none(registry: Driver) -> None:
    auditor_made = await registry.made("/v1/credentials", {"role": "auditor"})
    credential = {"client_id": auditor_made["client_id"], "client_secret": auditor_made["client_secret"]}
    headers = {"Authorization": f"Bearer {await registry.token(credential)}"}
    made = (await post(registry, "/v1/controllers", controller())).json()
    shown = await registry.client.get(f"/v1/controllers/{made['id']}", headers=headers)
    assert shown.json() == made
    refused = await registry.client.post("/v1/controllers", json=controller(), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_DENIED")


async def test_the_list_of_controllers_is_gone_through_page_by_page(registry: Driver) -> None:
    made = [(await post(registry, "/v1/controllers", controller())).json()["id"] for _ in range(3)]
    admin, seen, cursor = await registry.admin(), [], ""
    while True:
        page = (await registry.get(f"/v1/controllers?limit=2{cursor}", admin)).json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == sorted(seen)
    assert [one for one in seen if one in made] == made


async def test_a_cursor_that_this_list_did_not_write_is_refused(registry: Driver, ring: KeyRing) -> None:
    for cursor in ("abcd", seal_cursor(ring.cursor_key, {"another_list": 1})):
        answer = await registry.get(f"/v1/controllers?cursor={cursor}", await registry.admin())
        assert (answer.status_code, answer.json()["code"]) == (422, "BAD_CURSOR")


async def test_a_processor_acts_for_the_controllers_that_it_names(registry: Driver) -> None:
    first, second = await registry.controller(), await registry.controller()
    body = {"name": "PR", "org_no": org_no(), "acts_for": [first.id, second.id, first.id]}
    answer = await post(registry, "/v1/processors", body)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["acts_for"], made["country"]) == ([first.id, second.id], None)


async def test_a_processor_for_somebody_unknown_is_refused_and_leaves_nothing(registry: Driver) -> None:
    known, agent = await registry.controller(), await registry.agent()
    for stranger in (str(uuid4()), agent.id):
        body = {"name": "PR", "org_no": org_no(), "acts_for": [known.id, stranger]}
        answer = await post(registry, "/v1/processors", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "UNKNOWN_REFERENCE")


@pytest.mark.parametrize(
    "acts_for",
    [[], None, ["x"], "all", ["0199aaaa-0000-7000-8000-000000000001"] * 1001],
    ids=["none", "null", "no id", "all", "too many"],
)
async def test_a_processor_names_at_least_one_controller_by_id(registry: Driver, acts_for: Any) -> None:
    answer = await post(registry, "/v1/processors", {"name": "PR", "org_no": "1", "acts_for": acts_for})
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("all", "all"),
        (["political"], ["political"]),
        (["marketing", "fundraising", "winback", "repermission"], ["direct_marketing"]),
        (["research", "direct_marketing"], ["direct_marketing", "research"]),
    ],
)
async def test_a_source_says_what_a_block_there_stops(registry: Driver, sent: Any, kept: Any) -> None:
    body = {"name": "KX", "org_no": org_no(), "country": "SE", "default_purposes": sent}
    answer = await post(registry, "/v1/sources", body)
    assert answer.status_code == 201
    assert (answer.json()["default_purposes"], answer.json()["country"]) == (kept, "SE")


@pytest.mark.parametrize("purposes", [[], ["spam"], "some", None, {}], ids=str)
async def test_a_source_with_unknown_purposes_is_refused(registry: Driver, purposes: Any) -> None:
    body = {"name": "KX", "org_no": org_no(), "default_purposes": purposes}
    answer = await post(registry, "/v1/sources", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
