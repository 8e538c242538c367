"""A lookup answers each question that was asked, in its order, with a reason and an end."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.registry_driver import Driver, Json, Party, email, question

PHONE = "+46701740660"
HEAD = ["lookup_id", "decided_at", "as_of", "valid_until", "registers", "counts"]


async def blocked(registry: Driver) -> tuple[Party, Json, Json]:
    """A controller's desk, somebody on its do-not-call list, and the entry."""
    desk, person = await registry.controller("customer_service"), email()
    entry = (await registry.enter(desk, person)).json()
    return desk, person, entry


async def test_the_full_answer_has_exactly_these_members(registry: Driver) -> None:
    desk, person, entry = await blocked(registry)
    before = datetime.now(UTC)
    answer = await registry.ask(desk, email(), person, "abc")
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert list(found) == [*HEAD, "results", "receipt"]
    assert UUID(found["lookup_id"]).version == 7
    decided, until = (datetime.fromisoformat(found[name]) for name in ("decided_at", "valid_until"))
    assert before <= decided <= datetime.now(UTC)
    assert found["decided_at"].endswith("Z")
    assert until - decided == timedelta(hours=24)
    assert found["counts"] == {"asked": 3, "allow": 1, "block": 2, "invalid": 1}
    assert found["results"] == [
        {
            "index": 0,
            "decision": "allow",
            "code": "NO_OBJECTION_FOUND",
            "reasons": ["NO_OBJECTION_FOUND"],
            "obligations": [],
            "since": None,
            "entry_id": None,
        },
        {
            "index": 1,
            "decision": "block",
            "code": "DNC_INTERNAL",
            "reasons": ["DNC_INTERNAL"],
            "obligations": [],
            "since": entry["since"],
            "entry_id": entry["id"],
        },
        {
            "index": 2,
            "decision": "block",
            "code": "INPUT_INVALID",
            "reasons": ["INPUT_INVALID"],
            "obligations": [],
            "since": None,
            "entry_id": None,
        },
    ]


async def test_the_compact_answer_names_the_blocked_alone(registry: Driver) -> None:
    desk, person, _ = await blocked(registry)
    found = await registry.look_up(desk, person, email(), None, view="compact")
    assert list(found) == [*HEAD, "allow_code", "blocked", "receipt"]
    assert found["allow_code"] == "NO_OBJECTION_FOUND"
    assert found["blocked"] == [
        {"index": 0, "code": "DNC_INTERNAL"},
        {"index": 2, "code": "INPUT_INVALID"},
    ]
    assert found["counts"] == {"asked": 3, "allow": 1, "block": 2, "invalid": 1}


async def test_a_compact_answer_that_allows_nobody_has_no_code_for_it(registry: Driver) -> None:
    sender = await registry.controller(policy={"basis": "recorded"})
    found = await registry.look_up(sender, email(), 7, view="compact")
    assert found["allow_code"] is None
    assert found["blocked"] == [{"index": 0, "code": "NO_CONSENT"}, {"index": 1, "code": "INPUT_INVALID"}]
    assert found["counts"] == {"asked": 2, "allow": 0, "block": 2, "invalid": 1}


async def test_the_same_person_asked_twice_is_answered_twice_in_order(registry: Driver) -> None:
    desk, person, _ = await blocked(registry)
    upper = {"type": "email", "value": person["value"].upper()}
    other = email()
    found = await registry.look_up(desk, other, person, other, upper, person, other)
    assert [one["index"] for one in found["results"]] == [0, 1, 2, 3, 4, 5]
    decisions = [one["decision"] for one in found["results"]]
    assert decisions == ["allow", "block", "allow", "block", "block", "allow"]
    assert found["counts"] == {"asked": 6, "allow": 3, "block": 3, "invalid": 0}


async def test_identifiers_of_all_types_stand_in_one_question(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    address = {"name": "Anna Test", "street": "Provgatan 1", "postal_code": "123 45", "country": "SE"}
    kinds = [
        {"type": "phone", "value": "070-174 06 61", "region": "SE"},
        email(),
        {"type": "personal_number", "value": "19640823-3234", "region": "SE"},
        {"type": "postal_address", "value": address},
        {"type": "customer_ref", "value": "K-1"},
    ]
    for one in kinds:
        assert (await registry.enter(desk, one)).status_code == 201
    free = [PHONE, email(), {"type": "customer_ref", "value": "K-2"}]
    found = await registry.look_up(desk, *kinds, *free)
    assert [one["code"] for one in found["results"]] == ["DNC_INTERNAL"] * 5 + ["NO_OBJECTION_FOUND"] * 3


async def test_one_hit_among_the_identifiers_of_a_recipient_blocks(registry: Driver) -> None:
    desk, person, entry = await blocked(registry)
    free, reference = {"type": "phone", "value": PHONE}, {"type": "customer_ref", "value": "K-1"}
    found = await registry.look_up(desk, {"all": [free, person, reference]}, {"all": [free, reference]})
    assert [one["decision"] for one in found["results"]] == ["block", "allow"]
    assert found["results"][0]["entry_id"] == entry["id"]


async def test_entries_on_several_identifiers_of_a_recipient_are_all_reasons(registry: Driver) -> None:
    desk, one, other = await registry.controller("customer_service"), email(), email()
    first = (await registry.enter(desk, one)).json()
    await registry.enter(desk, other, "channel_optout", channels=["sms"])
    result = (await registry.look_up(desk, {"all": [one, other]}))["results"][0]
    assert result["reasons"] == ["CHANNEL_OPTOUT", "DNC_INTERNAL"]
    assert result["entry_id"] != first["id"]


async def test_a_hash_asks_for_the_same_entries_as_its_value(registry: Driver) -> None:
    desk, person, _ = await blocked(registry)
    hashed = (await registry.post("/v1/identifiers/normalize", {"items": [person]}, desk)).json()
    sha256 = hashed["items"][0]["sha256"]
    found = await registry.look_up(desk, {"type": "email", "sha256": sha256.upper()})
    assert found["results"][0]["code"] == "DNC_INTERNAL"


async def test_an_entry_known_by_its_hash_alone_blocks_the_value(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    items = (await registry.post("/v1/identifiers/normalize", {"items": [person]}, desk)).json()["items"]
    assert await registry.code(desk, person) == ("allow", "NO_OBJECTION_FOUND")
    await registry.enter(desk, {"type": "email", "sha256": items[0]["sha256"]})
    assert await registry.code(desk, person) == ("block", "DNC_INTERNAL")
    bare = await registry.look_up(desk, person["value"], channel="email")
    assert bare["results"][0]["code"] == "DNC_INTERNAL"


@pytest.mark.parametrize("view", ["full", "compact"])
async def test_an_empty_list_is_answered_with_no_results(registry: Driver, view: str) -> None:
    """Nothing was asked, so nothing is answered; it is no error of a job that had nobody left."""
    sender = await registry.controller()
    found = await registry.look_up(sender, view=view)
    assert found["counts"] == {"asked": 0, "allow": 0, "block": 0, "invalid": 0}
    assert found["blocked" if view == "compact" else "results"] == []
    assert found["receipt"]


async def test_the_query_method_asks_the_same(registry: Driver) -> None:
    desk, person, _ = await blocked(registry)
    body = question(desk.id, person)
    answer = await registry.client.request("QUERY", "/v1/lookups", json=body, headers=desk.headers)
    assert answer.status_code == 200
    assert answer.json()["results"][0]["code"] == "DNC_INTERNAL"


async def test_no_answer_names_an_agent_a_mandate_or_another_controller(registry: Driver) -> None:
    sender, other, agent = await registry.controller(), await registry.controller(), await registry.agent()
    person = email()
    mandate = await registry.mandate(agent, identifiers=[person])
    made = await registry.objection(agent, mandate, [sender.id, other.id], identifiers=[person])
    answer = await registry.ask(sender, person)
    assert answer.json()["results"][0]["code"] == "OBJ_DM"
    for secret in (agent.id, mandate["id"], made["id"], other.id, person["value"], "Anna"):
        assert secret not in answer.text


async def test_the_entry_of_another_controller_does_not_block(registry: Driver) -> None:
    desk, person, _ = await blocked(registry)
    assert await registry.code(desk, person) == ("block", "DNC_INTERNAL")
    assert await registry.code(await registry.controller(), person) == ("allow", "NO_OBJECTION_FOUND")
