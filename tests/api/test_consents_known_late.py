"""A consent of the day is sent at night, and the person has said no again since: the newest act counts."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from tests.api.following import here, rest
from tests.api.following import objects as objected
from tests.api.providers import connect
from tests.api.test_imports import EXPORTS, brought
from tests.registry_driver import GIVEN, Driver, Json, Party, email, iso

Says = Callable[[Driver, Party, Json], Awaitable[None]]


async def objects(registry: Driver, desk: Party, who: Json) -> None:
    await objected(registry, desk, who)


async def wants_no_contact(registry: Driver, desk: Party, who: Json) -> None:
    assert (await registry.enter(desk, who)).status_code in {200, 201}


async def writes_stop(registry: Driver, desk: Party, who: Json) -> None:
    line = await connect(registry, desk, "twilio", {"auth_token": "twilio-token-of-nobody"})
    assert (await line.text(who["value"], "STOPP")).status_code == 200


async def clicks(registry: Driver, desk: Party, who: Json) -> None:
    body = {"identifier": who, "channels": ["sms"], "controller_id": desk.id}
    made = await registry.post("/v1/unsubscribe-links", body, await registry.credential(desk.id, "sender"))
    answer = await registry.client.post(made.json()["url"], data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200


async def sent_at_night(registry: Driver, desk: Party, who: Json, given_at: str) -> Json:
    said = {"identifier": who, "channels": ["sms"], "purposes": ["marketing"], **GIVEN, "given_at": given_at}
    answer = await registry.post("/v1/consents/batch", {"items": [said]}, desk)
    assert answer.status_code == 200, answer.text
    result: Json = answer.json()["results"][0]
    return result


async def entries(registry: Driver, desk: Party, who: Json) -> int:
    return len((await registry.post("/v1/entries/search", {"identifier": who}, desk)).json()["items"])


def now() -> str:
    return iso(datetime.now(UTC))


@pytest.fixture
async def desk(registry: Driver) -> Party:
    return await registry.controller("customer_service")


@pytest.fixture
def who() -> Json:
    return {"type": "phone", "value": "+46701740612"}


@pytest.mark.parametrize("says", [objects, wants_no_contact, writes_stop, clicks])
async def test_a_no_said_again_after_a_consent_that_comes_late_counts(
    registry: Driver, desk: Party, who: Json, says: Says
) -> None:
    await says(registry, desk, who)
    given_at = now()
    await says(registry, desk, who)
    for status in (201, 200):
        assert (await sent_at_night(registry, desk, who, given_at))["status"] == status
        assert (await registry.code(desk, who["value"]))[0] == "block"
        assert await entries(registry, desk, who) == 2
    await registry.consent(desk, who)
    assert (await registry.code(desk, who["value"]))[0] == "allow"


@pytest.mark.parametrize("says", [objects, wants_no_contact, writes_stop, clicks])
async def test_a_consent_that_comes_late_is_the_newest_act_when_nothing_was_said_since(
    registry: Driver, desk: Party, who: Json, says: Says
) -> None:
    await says(registry, desk, who)
    await says(registry, desk, who)
    await sent_at_night(registry, desk, who, now())
    assert (await registry.code(desk, who["value"]))[0] == "allow"
    assert await entries(registry, desk, who) == 1


async def test_who_follows_the_changes_is_told_of_the_newer_no_before_the_consent(
    registry: Driver, desk: Party, who: Json
) -> None:
    made = (await registry.enter(desk, who)).json()
    given_at = now()
    await wants_no_contact(registry, desk, who)
    start = await here(registry, desk)
    await sent_at_night(registry, desk, who, given_at)
    newer, masked = (await rest(registry, desk, start))[0]
    assert (newer["change"], newer["kind"], newer["channels"]) == ("activated", "dnc", "all")
    assert newer["identifier"] == {"type": "phone", "canonical": who["value"]}
    assert (masked["change"], masked["entry_id"]) == ("masked", made["id"])
    assert newer["entry_id"] != made["id"]


async def test_what_is_dated_anew_ends_with_its_objection(registry: Driver, desk: Party, who: Json) -> None:
    made = await objected(registry, desk, who)
    given_at = now()
    assert (await objected(registry, desk, who))["duplicate_of"] == made["id"]
    await sent_at_night(registry, desk, who, given_at)
    assert (await registry.code(desk, who["value"]))[0] == "block"
    taken = {"evidence": {"method": "call", "reference": "call 18"}}
    await registry.post(f"/v1/objections/{made['id']}/withdraw", taken, desk)
    assert (await registry.code(desk, who["value"]))[0] == "allow"


async def test_what_was_released_is_not_dated_anew(registry: Driver, desk: Party, who: Json) -> None:
    made = (await registry.enter(desk, who)).json()
    given_at = now()
    await wants_no_contact(registry, desk, who)
    body = {"reason": "asked to", "evidence": {"method": "call", "reference": "c-1"}}
    await registry.post(f"/v1/entries/{made['id']}/release", body, desk)
    await sent_at_night(registry, desk, who, given_at)
    assert (await registry.code(desk, who["value"]))[0] == "allow"


async def test_what_an_agent_sends_again_is_no_newer_act(registry: Driver, desk: Party, agent: Party) -> None:
    mandate = await registry.mandate(agent)
    first = await registry.objection(agent, mandate, [desk.id])
    given_at = now()
    again = await registry.object_to(agent, mandate, [desk.id])
    assert again.json()["duplicate_of"] == first["id"]
    await sent_at_night(registry, desk, {"type": "phone", "value": "+46701740605"}, given_at)
    assert (await registry.code(desk))[0] == "allow"


async def test_a_file_that_is_imported_again_is_no_newer_act(registry: Driver, desk: Party) -> None:
    left = email()
    file = EXPORTS["own"].format(left["value"])
    await brought(registry, desk, file)
    given_at = now()
    await brought(registry, desk, file)
    await registry.consent(desk, left, channels=["email"], given_at=given_at)
    assert (await registry.code(desk, left, channel="email"))[0] == "allow"


async def test_a_number_said_again_for_an_objection_counts_like_the_objection(
    registry: Driver, desk: Party, who: Json
) -> None:
    made = await objected(registry, desk, who)
    given_at = now()
    added = {"identifiers": [who]}
    answer = await registry.post(f"/v1/objections/{made['id']}/identifiers", added, desk)
    assert answer.status_code == 200, answer.text
    await sent_at_night(registry, desk, who, given_at)
    assert (await registry.code(desk, who["value"]))[0] == "block"
