"""An entry ends on evidence, once, and stays on record."""

from uuid import UUID, uuid4

import httpx2
import pytest

from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party, email

WISH = {"method": "call", "reference": "call 7"}


async def release(
    registry: Driver, who: Party, entry_id: str, evidence: Json | None = WISH
) -> httpx2.Response:
    body = {"reason": "Wants the newsletter again.", "evidence": evidence}
    return await registry.post(f"/v1/entries/{entry_id}/release", body, who)


async def objected(registry: Driver) -> tuple[Party, Json, str]:
    """A controller's desk, a person who objected there, and the entry."""
    desk, agent, person = await registry.controller("customer_service"), await registry.agent(), email()
    mandate = await registry.mandate(agent, identifiers=[person])
    made = await registry.objection(agent, mandate, [desk.id], identifiers=[person])
    return desk, person, made["controllers"][0]["entry_ids"][0]


async def test_after_a_release_the_lookup_allows_and_the_search_still_shows_it(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    entry = (await registry.enter(desk, person)).json()
    answer = await release(registry, desk, entry["id"])
    assert answer.status_code == 200
    ended = answer.json()
    assert ended["state"] == "released"
    assert ended["released_at"] > ended["since"]
    changed = {"state", "released_at", "as_of"}
    assert {k: v for k, v in ended.items() if k not in changed} == {
        k: v for k, v in entry.items() if k not in changed
    }
    assert await registry.code(desk, person) == ("allow", "NO_OBJECTION_FOUND")
    search = await registry.post("/v1/entries/search", {"identifier": person}, desk)
    assert search.json()["items"] == [ended]
    assert (await registry.get(f"/v1/entries/{entry['id']}", desk)).json() == ended


async def test_a_lookup_that_demands_the_position_of_a_release_reflects_it(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    entry = (await registry.enter(desk, person)).json()
    ended = (await release(registry, desk, entry["id"])).json()
    assert int(ended["as_of"].split(".")[0]) == int(entry["as_of"].split(".")[0]) + 1
    found = await registry.look_up(desk, person, min_as_of=ended["as_of"])
    assert found["results"][0]["decision"] == "allow"
    assert found["as_of"].split(".")[0] == ended["as_of"].split(".")[0]


async def test_a_release_is_journalled_and_its_words_are_sealed(registry: Driver, database_url: str) -> None:
    desk = await registry.controller("customer_service")
    entry = (await registry.enter(desk, email())).json()
    await release(registry, desk, entry["id"])
    connection = await superuser(database_url)
    sql = "SELECT kind, outcome, detail FROM registry.event WHERE object_id = $1 ORDER BY id"
    rows = await connection.fetch(sql, UUID(entry["id"]))
    await connection.close()
    assert [(row["kind"], row["outcome"]) for row in rows] == [
        ("entry.recorded", "done"),
        ("entry.released", "done"),
    ]
    assert '"call"' in rows[1]["detail"]
    assert "newsletter" not in rows[1]["detail"]
    assert "call 7" not in rows[1]["detail"]


@pytest.mark.parametrize("sent", [{"reason": "x"}, {"reason": "x", "evidence": None}])
async def test_a_release_needs_evidence(registry: Driver, sent: Json) -> None:
    desk, person = await registry.controller("customer_service"), email()
    entry = (await registry.enter(desk, person)).json()
    answer = await registry.post(f"/v1/entries/{entry['id']}/release", sent, desk)
    assert (answer.status_code, answer.json()["code"]) == (403, "EVIDENCE_REQUIRED")
    assert (await registry.code(desk, person))[0] == "block"


async def test_an_entry_is_released_once(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    entry = (await registry.enter(desk, email())).json()
    assert (await release(registry, desk, entry["id"])).status_code == 200
    again = await release(registry, desk, entry["id"])
    assert (again.status_code, again.json()["code"]) == (409, "STATE_CONFLICT")


async def test_a_wish_after_a_release_is_a_new_entry(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    first = (await registry.enter(desk, person)).json()
    await release(registry, desk, first["id"])
    second = await registry.enter(desk, person)
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]
    assert await registry.code(desk, person) == ("block", "DNC_INTERNAL")


async def test_the_release_of_one_entry_leaves_the_others_in_force(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    entry = (await registry.enter(desk, person)).json()
    await registry.enter(desk, person, "channel_optout", channels=["sms"])
    await release(registry, desk, entry["id"])
    assert await registry.code(desk, person) == ("block", "CHANNEL_OPTOUT")


async def test_nobody_releases_what_is_not_theirs(registry: Driver) -> None:
    desk, other, person = await registry.controller("customer_service"), await registry.controller(), email()
    entry = (await registry.enter(desk, person)).json()["id"]
    stranger = await registry.desk(other)
    for who, target in ((stranger, entry), (stranger, str(uuid4())), (await registry.admin(), str(uuid4()))):
        answer = await release(registry, who, target)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    for who in (
        await registry.credential(desk.id, "sender"),
        await registry.agent(),
        await registry.source(),
    ):
        assert (await release(registry, who, entry)).json()["code"] == "ROLE_DENIED"
    assert (await registry.code(desk, person))[0] == "block"


async def test_a_controller_cannot_end_the_entry_of_an_objection(registry: Driver) -> None:
    desk, person, entry = await objected(registry)
    for method in ("person", "eid", "operator", "call"):
        answer = await release(registry, desk, entry, {"method": method, "reference": "x"})
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")
    assert await registry.code(desk, person) == ("block", "OBJ_DM")


async def test_an_admin_releases_an_identifier_on_the_word_of_its_operator(registry: Driver) -> None:
    desk, person, entry = await objected(registry)
    evidence = {"method": "operator", "reference": "disconnected", "at": "2026-01-01T00:00:00Z"}
    answer = await release(registry, await registry.admin(), entry, evidence)
    assert (answer.status_code, answer.json()["state"]) == (200, "released")
    assert await registry.code(desk, person) == ("allow", "NO_OBJECTION_FOUND")


@pytest.mark.parametrize("method", ["call", "form", "letter", "email", "sms", "agent", "other"])
async def test_without_proof_that_it_changed_hands_an_identifier_stays_blocked(
    registry: Driver, method: str
) -> None:
    desk, person, entry = await objected(registry)
    answer = await release(registry, await registry.admin(), entry, {"method": method, "reference": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "EVIDENCE_REQUIRED")
    assert await registry.code(desk, person) == ("block", "OBJ_DM")


async def test_an_admin_releases_an_identifier_everywhere_it_was_blocked_for_all(registry: Driver) -> None:
    desk, agent, person = await registry.controller("customer_service"), await registry.agent(), email()
    mandate = await registry.mandate(agent, identifiers=[person])
    made = await registry.objection(agent, mandate, "all", identifiers=[person])
    entry = made["controllers"][0]["entry_ids"][0]
    assert (await release(registry, desk, entry)).json()["code"] == "NOT_FOUND"
    evidence = {"method": "eid", "reference": "the new holder"}
    ended = await release(registry, await registry.admin(), entry, evidence)
    assert (ended.status_code, ended.json()["scope"]) == (200, "all")
    found = await registry.look_up(desk, person, min_as_of=ended.json()["as_of"])
    assert found["results"][0]["decision"] == "allow"


async def test_an_unknown_kind_of_evidence_is_outside_the_contract(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    entry = (await registry.enter(desk, email())).json()["id"]
    for evidence in (
        {"method": "rumour", "reference": "x"},
        {"method": "call"},
        {"method": "call", "reference": ""},
    ):
        assert (await release(registry, desk, entry, evidence)).json()["code"] == "VALIDATION"
