"""A mandate that is said to be forged: what rests on it blocks until two have decided or the person has."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.crypto.keys import KeyRing
from app.storage.database import Database
from app.storage.events import Event, record_events
from app.storage.objections import objection_row
from app.storage.sealed import Plain, seal
from app.storage.tables import OBJECTION_IDENTIFIER
from tests.api.test_mandates_revoked import BY_GRANTOR
from tests.conftest import Clone
from tests.registry_driver import PHONE, Driver, Json, Party, served

DOUBT = {"reason": "The grantor says that the mandate is forged"}
WORD = {"method": "call", "reference": "call 17"}


@pytest.fixture(scope="module")
async def second(registry: Driver) -> Party:
    return await registry.staff()


@pytest.fixture
async def clean(clone: Clone, ring: KeyRing) -> AsyncIterator[Driver]:
    """A registry of its own: an objection to everybody meets everybody's tests."""
    async with served(await clone(), ring) as driver:
        yield driver


async def contested(registry: Driver, mandate: Json, who: Party | None = None, **fields: Any) -> Any:
    path = f"/v1/mandates/{mandate['id']}/contest"
    return await registry.post(path, DOUBT | fields, who or await registry.admin())


async def states(registry: Driver, objection: Json) -> list[str]:
    path = f"/v1/objections/{objection['id']}/events"
    return [one["kind"] for one in (await registry.get(path, await registry.admin())).json()["items"]]


async def test_what_rests_on_a_contested_mandate_is_contested_and_blocks(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    objection = await registry.objection(agent, made, [sender.id])
    answer = await contested(registry, made)
    assert (answer.status_code, answer.json()["state"]) == (200, "contested")
    assert await registry.code(sender) == ("block", "OBJ_CONTESTED")
    assert await states(registry, objection) == ["objection.received", "objection.contested"]


async def test_nothing_new_is_received_under_a_contested_mandate(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    await contested(registry, made)
    refused = await registry.object_to(agent, made, [sender.id])
    assert (refused.status_code, refused.json()["code"]) == (403, "MANDATE_CLOSED")


async def test_a_second_admin_voids_it_with_all_that_rests_on_it(
    registry: Driver, agent: Party, sender: Party, second: Party
) -> None:
    made, other = await registry.mandate(agent), await registry.controller()
    objections = [await registry.objection(agent, made, [one.id]) for one in (sender, other)]
    await contested(registry, made)
    again = await contested(registry, made)
    assert (again.status_code, again.json()["code"]) == (403, "SECOND_ADMIN_REQUIRED")
    assert await registry.code(sender) == ("block", "OBJ_CONTESTED")
    voided = await contested(registry, made, second)
    assert (voided.status_code, voided.json()["state"]) == (200, "void")
    for controller in (sender, other):
        assert (await registry.code(controller))[0] == "allow"
    for one in objections:
        assert (await registry.get(f"/v1/objections/{one['id']}", agent)).json()["state"] == "voided"
    assert (await contested(registry, made, second)).json()["code"] == "STATE_CONFLICT"


async def test_a_mandate_that_has_ended_can_be_contested_all_the_same(
    registry: Driver, agent: Party, sender: Party, second: Party
) -> None:
    made = await registry.mandate(agent)
    await registry.objection(agent, made, [sender.id])
    await registry.post(f"/v1/mandates/{made['id']}/revoke", BY_GRANTOR, agent)
    assert (await contested(registry, made)).json()["state"] == "contested"
    assert (await contested(registry, made, second)).json()["state"] == "void"
    assert (await registry.code(sender))[0] == "allow"


async def test_what_the_person_confirms_becomes_a_direct_objection_without_a_gap(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    where = {"name": "Anna Test", "street": "Storgatan 1 B", "postal_code": "111 22", "country": "SE"}
    identifiers: list[Json] = [
        {"type": "phone", "value": PHONE},
        {"type": "personal_number", "value": "199001012385", "region": "SE"},
        {"type": "postal_address", "value": where},
    ]
    old = await registry.objection(agent, made, [sender.id], identifiers=identifiers)
    await contested(registry, made)
    answer = await contested(registry, made, finding="confirmed", evidence=WORD)
    assert (answer.status_code, answer.json()["state"]) == (200, "void")
    result = (await registry.look_up(sender, PHONE))["results"][0]
    assert (result["decision"], result["code"]) == ("block", "OBJ_DM")
    assert result["entry_id"] not in old["controllers"][0]["entry_ids"]
    for one in identifiers[1:]:
        assert await registry.code(sender, one, channel="post_addressed") == ("block", "OBJ_DM")
    assert (await registry.get(f"/v1/objections/{old['id']}", agent)).json()["state"] == "voided"


@pytest.mark.parametrize(("country", "number"), [("DK", "0101900000"), ("NO", "01819010001")])
async def test_a_confirmed_objection_of_somebody_with_a_number_of_another_country_stays_whole(
    registry: Driver, agent: Party, sender: Party, country: str, number: str
) -> None:
    grantor = {"type": "personal_number", "value": number, "country": country, "name": "Anna Test"}
    made = await registry.mandate(agent, grantor=grantor)
    person = {"type": "personal_number", "value": number, "region": country}
    await registry.objection(
        agent, made, [sender.id], identifiers=[{"type": "phone", "value": PHONE}, person]
    )
    await contested(registry, made)
    answer = await contested(registry, made, finding="confirmed", evidence=WORD)
    assert (answer.status_code, answer.json()["state"]) == (200, "void")
    for one in (PHONE, person):
        channel = "sms" if one is PHONE else "post_addressed"
        assert await registry.code(sender, one, channel=channel) == ("block", "OBJ_DM")


async def test_nothing_is_voided_for_a_confirmation_that_cannot_say_as_much(
    registry: Driver, database: Database, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    objection = await registry.objection(agent, made, [sender.id])
    async with database.write() as unit:
        row: Any = await objection_row(unit, UUID(objection["id"]))
        event, kept, other = uuid4(), uuid4(), uuid4()
        plain = {"type": "phone", "canonical": "as nobody writes it"}
        await record_events(unit, [Event(event, row.received_at, "objection.identifiers_added", None)])
        await seal(unit, [Plain(kept, row.subject, "identifier", plain, other)], row.received_at)
        what = {"objection_id": row.id, "position": 9, "type": "phone", "proven": False, "warnings": []}
        ids = {"fingerprint": other, "sealed_id": kept, "event_id": event}
        await unit.insert(OBJECTION_IDENTIFIER, [what | ids])
    await contested(registry, made)
    answer = await contested(registry, made, finding="confirmed", evidence=WORD)
    assert (answer.status_code, answer.json()["code"]) == (409, "STATE_CONFLICT")
    assert await registry.code(sender) == ("block", "OBJ_CONTESTED")


async def test_a_confirmed_objection_to_everybody_stays_one(clean: Driver) -> None:
    agent, sender = await clean.agent(), await clean.controller()
    made = await clean.mandate(agent)
    await clean.objection(agent, made, "all")
    await contested(clean, made)
    await contested(clean, made, finding="confirmed", evidence=WORD)
    assert await clean.code(sender) == ("block", "OBJ_DM")


async def test_a_confirmation_needs_evidence_and_a_contested_mandate(registry: Driver, agent: Party) -> None:
    made = await registry.mandate(agent)
    early = await contested(registry, made, finding="confirmed", evidence=WORD)
    assert (early.status_code, early.json()["code"]) == (409, "STATE_CONFLICT")
    await contested(registry, made)
    assert (await contested(registry, made, finding="confirmed")).json()["code"] == "EVIDENCE_REQUIRED"


async def test_a_mandate_that_proves_genuine_is_what_it_was(
    registry: Driver, agent: Party, sender: Party
) -> None:
    strict = await registry.controller(policy={"minimum_level": "L3"})
    made = await registry.mandate(agent)
    await registry.objection(agent, made, [sender.id])
    provisional = await registry.objection(agent, made, [strict.id])
    await contested(registry, made)
    assert await registry.code(strict) == ("block", "OBJ_CONTESTED")
    cleared = await contested(registry, made, finding="genuine")
    assert (cleared.status_code, cleared.json()["state"]) == (200, "active")
    assert await registry.code(sender) == ("block", "OBJ_DM")
    assert await registry.code(strict) == ("block", "OBJ_PROVISIONAL")
    shown = (await registry.get(f"/v1/objections/{provisional['id']}", agent)).json()
    assert shown["state"] == "pending_verification"
    await registry.objection(agent, made, [(await registry.controller()).id])


async def test_an_objection_that_was_contested_by_itself_stays_so(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    objection = await registry.objection(agent, made, [sender.id])
    await registry.post(f"/v1/objections/{objection['id']}/void", DOUBT, await registry.admin())
    await contested(registry, made)
    await contested(registry, made, finding="genuine")
    assert await registry.code(sender) == ("block", "OBJ_CONTESTED")


async def test_neither_the_controller_nor_the_agent_judges_a_mandate(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    await registry.objection(agent, made, [sender.id])
    for party in (sender.id, agent.id):
        of_the_party = await registry.credential(party, "admin")
        assert (await contested(registry, made, of_the_party)).json()["code"] == "ROLE_DENIED"
    for who in (agent, await registry.desk(sender), await registry.staff("auditor")):
        assert (await contested(registry, made, who)).json()["code"] == "ROLE_DENIED"
    assert await registry.code(sender) == ("block", "OBJ_DM")


async def test_the_finding_and_the_reason_stand_in_the_events(
    registry: Driver, agent: Party, second: Party
) -> None:
    made = await registry.mandate(agent)
    await contested(registry, made)
    await contested(registry, made, second)
    path = f"/v1/mandates/{made['id']}/events"
    events = (await registry.get(path, second)).json()["items"]
    assert [one["kind"] for one in events[1:]] == ["mandate.contested", "mandate.voided"]
    assert events[1]["detail"] == {"state": "contested", "finding": "forged", "objections": 0, **DOUBT}


async def released(registry: Driver, entry_id: str) -> None:
    """An identifier is somebody else's now, in one list."""
    body = {"reason": "reassigned", "evidence": {"method": "operator", "reference": "p-1"}}
    answer = await registry.post(f"/v1/entries/{entry_id}/release", body, await registry.admin())
    assert answer.status_code == 200, answer.text


async def test_a_number_that_was_released_and_said_again_is_confirmed_with_the_rest(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made = await registry.mandate(agent)
    given = [{"type": "phone", "value": PHONE}, {"type": "email", "value": "anna.test@example.com"}]
    old = await registry.objection(agent, made, [sender.id], identifiers=given)
    await released(registry, old["controllers"][0]["entry_ids"][0])
    assert (await registry.code(sender))[0] == "allow"
    again = await registry.post(f"/v1/objections/{old['id']}/identifiers", {"identifiers": given[:1]}, agent)
    assert again.status_code == 200, again.text
    assert await registry.code(sender) == ("block", "OBJ_DM")
    await contested(registry, made)
    assert (await contested(registry, made, finding="confirmed", evidence=WORD)).status_code == 200
    assert await registry.code(sender) == ("block", "OBJ_DM")


async def test_a_number_that_was_released_in_one_list_is_confirmed_in_the_other_alone(
    registry: Driver, agent: Party, sender: Party
) -> None:
    made, other = await registry.mandate(agent), await registry.controller()
    given = [{"type": "phone", "value": PHONE}, {"type": "email", "value": "anna.test@example.com"}]
    old = await registry.objection(agent, made, [sender.id, other.id], identifiers=given)
    entries = {one["controller_id"]: one["entry_ids"] for one in old["controllers"]}
    await released(registry, entries[sender.id][0])
    await contested(registry, made)
    assert (await contested(registry, made, finding="confirmed", evidence=WORD)).status_code == 200
    assert await registry.code(other) == ("block", "OBJ_DM")
    assert (await registry.code(sender))[0] == "allow"
    for one in (sender, other):
        assert await registry.code(one, given[1]["value"], channel="email") == ("block", "OBJ_DM")
