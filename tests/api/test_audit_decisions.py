"""What would have been answered: compared with what was answered, at every step of a person's history."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.crypto.keys import KeyRing
from app.main import open_database
from app.storage.dropping import drop_snapshots
from app.usecases.sequence_events import Sequencer
from tests.conftest import Clone
from tests.registry_driver import ISSUER, Driver, Json, Party, email, iso, question, served

PATH = "/v1/audit/decisions"
LANDLINE = {"type": "phone", "value": "+46846500400"}
CALL = {"channel": "voice_live"}


@dataclass
class Archive:
    """A registry of its own, its journal kept after each act, and who asks what was answered."""

    driver: Driver
    auditor: Party
    keep: Callable[[], Awaitable[None]]
    url: str
    answered: list[tuple[Json, Json]] = field(default_factory=list)

    async def ask(self, body: Json, **headers: str) -> Any:
        return await self.driver.post(PATH, body, self.auditor, **{"Sparr_Purpose": "Case 4711", **headers})

    async def told(self, **body: Any) -> Json:
        answer = await self.ask(body)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def look_up(self, sender: Party, person: Json, **fields: Any) -> Json:
        """A lookup whose answer is kept, once all that was done before stands in the signed journal."""
        await self.keep()
        found = await self.driver.look_up(sender, person, **fields)
        asked = question(sender.id, **fields) | {"identifier": person}
        del asked["identifiers"]
        self.answered.append((asked, found))
        result: Json = found["results"][0]
        return result


@pytest.fixture(scope="module")
async def archive(clone: Clone, ring: KeyRing) -> AsyncIterator[Archive]:
    url = await clone()
    database = open_database(url, ring, ISSUER)
    sequencer = Sequencer(database, ring.journal_key)

    async def keep() -> None:
        while await sequencer.round():
            pass

    async with served(url, ring) as driver:
        yield Archive(driver, await driver.staff("auditor"), keep, url)
    await database.dispose()


async def live(archive: Archive, desk: Party, person: Json) -> list[str]:
    """A person's history at one controller, with a lookup after every step."""
    driver, agent = archive.driver, await archive.driver.agent()
    codes: list[str] = []

    async def step(**fields: Any) -> None:
        codes.append((await archive.look_up(desk, person, **fields))["code"])

    await step()
    mandate = await driver.mandate(agent, identifiers=[person], rights=["object_dm", "withdraw_objection"])
    made = await driver.objection(agent, mandate, [desk.id], identifiers=[person])
    await step()
    first, second = await driver.admin(), await driver.staff()
    contest = f"/v1/mandates/{mandate['id']}/contest"
    await driver.post(contest, {"reason": "a complaint", "finding": "forged"}, first)
    await step()
    await driver.post(contest, {"reason": "it was hers", "finding": "genuine"}, second)
    await step()
    consent = await driver.consent(desk, person, purposes=["marketing"])
    await step()
    await driver.post(f"/v1/consents/{consent['id']}/withdraw", {}, desk)
    await step()
    shown = {"evidence": {"method": "agent", "reference": "confirmed in the app"}}
    withdrawn = await driver.post(f"/v1/objections/{made['id']}/withdraw", shown, agent)
    assert withdrawn.status_code == 200, withdrawn.text
    await step()
    path = f"/v1/controllers/{desk.id}/policy"
    answer = await driver.client.patch(path, json={"basis": "recorded"}, headers=first.headers)
    assert answer.status_code == 200, answer.text
    await step(channel="email")
    return codes


async def test_what_was_answered_is_what_would_have_been(archive: Archive) -> None:
    desk, person = await archive.driver.controller("customer_service"), email()
    codes = await live(archive, desk, person)
    assert codes == [
        "NO_OBJECTION_FOUND",
        "OBJ_DM",
        "OBJ_CONTESTED",
        "OBJ_DM",
        "NO_OBJECTION_FOUND",
        "OBJ_DM",
        "CONSENT_WITHDRAWN",
        "NO_CONSENT",
    ]
    for asked, answered in archive.answered:
        for known in ({"as_of": answered["as_of"]}, {}):
            found = await archive.told(**asked, at=answered["decided_at"], **known)
            result = answered["results"][0]
            same = ("decision", "code", "reasons", "obligations", "since", "entry_id")
            assert {name: found[name] for name in same} == {name: result[name] for name in same}
            assert (found["certain"], found["doubts"]) == (True, [])


async def test_two_moments_are_not_one(archive: Archive) -> None:
    """What was known at the first lookup about the moment of the last one, and the other way round."""
    desk, person = await archive.driver.controller("customer_service"), email()
    archive.answered.clear()
    await live(archive, desk, person)
    first, objected = archive.answered[0][1], archive.answered[1][1]
    asked, last = archive.answered[-2]
    for at, known, code in (
        (last, first, "NO_OBJECTION_FOUND"),
        (last, objected, "OBJ_DM"),
        (first, last, "NO_OBJECTION_FOUND"),
        (objected, last, "OBJ_DM"),
    ):
        found = await archive.told(**asked, at=at["decided_at"], known_at=known["decided_at"])
        assert (found["code"], found["certain"]) == (code, True)
    # A position says what was known of the lists, whatever the time.
    found = await archive.told(**asked, at=last["decided_at"], as_of=objected["as_of"])
    assert (found["code"], found["certain"], found["as_of"]) == ("OBJ_DM", True, objected["as_of"])


async def test_a_consent_that_is_told_later_was_given_all_the_same(archive: Archive) -> None:
    desk, person = await archive.driver.controller("customer_service"), email()
    await archive.driver.enter(desk, person)
    await archive.look_up(desk, person)
    given = iso(datetime.now(UTC))
    before = await archive.look_up(desk, person)
    asked, answered = archive.answered[-1]
    await archive.driver.consent(desk, person, given_at=given)
    assert before["code"] == "DNC_INTERNAL"
    moment = answered["decided_at"]
    assert (await archive.told(**asked, at=moment))["code"] == "DNC_INTERNAL"
    await archive.keep()
    now = iso(datetime.now(UTC))
    assert (await archive.told(**asked, at=moment, known_at=now))["decision"] == "allow"


async def test_before_the_controller_was_registered_nothing_was_answered(archive: Archive) -> None:
    early = iso(datetime.now(UTC) - timedelta(days=1))
    sender = await archive.driver.controller()
    found = await archive.told(
        controller_id=sender.id, channel="sms", purpose="marketing", identifier=email(), at=early
    )
    assert (found["decision"], found["code"]) == ("unknown", None)
    assert found["doubts"] == ["CONTROLLER_NOT_REGISTERED"]
    assert found["possible"] == [{"decision": None, "code": None}]


async def test_a_release_of_a_moment_ago_is_never_called_clear_for_certain(archive: Archive) -> None:
    desk, person = await archive.driver.controller("customer_service"), email()
    await archive.driver.enter(desk, person)
    await archive.keep()
    entry = (await archive.look_up(desk, person))["entry_id"]
    release = {"reason": "came back", "evidence": {"method": "person", "reference": "desk"}}
    answer = await archive.driver.post(f"/v1/entries/{entry}/release", release, desk)
    assert answer.status_code == 200, answer.text
    moment = iso(datetime.now(UTC))
    await archive.told(**archive.answered[-1][0], at=moment)  # Time goes on.
    found = await archive.told(**archive.answered[-1][0], at=moment)
    assert (found["decision"], found["certain"], found["doubts"]) == ("unknown", False, ["COMMIT_TIME"])
    assert [one["code"] for one in found["possible"]] == ["NO_OBJECTION_FOUND", "DNC_INTERNAL"]
    await archive.keep()
    settled = await archive.told(**archive.answered[-1][0], at=iso(datetime.now(UTC)))
    assert (settled["decision"], settled["certain"]) == ("allow", True)


async def load_nix(archive: Archive, days_old: int, number: str) -> str:
    headers = {**(await archive.driver.admin()).headers, "Content-Type": "text/plain"}
    day = (datetime.now(UTC) - timedelta(days=days_old)).date().isoformat()
    path = f"/v1/registers/nix_phone/imports?version_date={day}"
    answer = await archive.driver.client.post(path, content=number.encode(), headers=headers)
    assert answer.status_code == 201, answer.text
    return day


async def test_a_list_of_a_register_is_the_one_that_was_in_use(archive: Archive) -> None:
    sender = await archive.driver.controller(policy={"registers": ["nix_phone"]})
    assert (await archive.look_up(sender, LANDLINE, **CALL))["code"] == "REG_STALE"
    old = await load_nix(archive, 10, "+46846500400")
    assert (await archive.look_up(sender, LANDLINE, **CALL))["code"] == "REG_HIT:nix_phone"
    await load_nix(archive, 5, "+46846500499")
    assert (await archive.look_up(sender, LANDLINE, **CALL))["code"] == "NO_OBJECTION_FOUND"
    expected = ["REG_STALE", "REG_HIT:nix_phone", "NO_OBJECTION_FOUND"]
    for (asked, answered), code in zip(archive.answered[-3:], expected, strict=True):
        found = await archive.told(**asked, at=answered["decided_at"])
        assert (found["code"], found["certain"], found["registers"]) == (code, True, answered["registers"])
    # What is known now of that day: the newer list is dated before it, and was only imported later.
    asked, answered = archive.answered[-3]
    found = await archive.told(**asked, at=answered["decided_at"], known_at=iso(datetime.now(UTC)))
    assert found["code"] == "NO_OBJECTION_FOUND"
    await dropped_and_gone(archive, old)


async def dropped_and_gone(archive: Archive, day: str) -> None:
    asked, answered = archive.answered[-2]
    dated = datetime.fromisoformat(day).date()
    (gone,) = await drop_snapshots(archive.url, "nix_phone", dated, datetime.now(UTC))
    assert gone.rows == 1
    found = await archive.told(**asked, at=answered["decided_at"])
    assert (found["decision"], found["certain"], found["code"]) == ("unknown", False, None)
    assert found["doubts"] == ["REGISTER_LIST_DROPPED"]
    assert {one["code"] for one in found["possible"]} == {"NO_OBJECTION_FOUND", "REG_HIT:nix_phone"}


async def test_a_block_at_a_source_counts_where_the_source_is_named(archive: Archive) -> None:
    source, sender, person = await archive.driver.source(), await archive.driver.controller(), email()
    await archive.driver.block_at(source, person)
    assert (await archive.look_up(sender, person, source={"id": source.id}))["code"] == "SOURCE_BLOCKED"
    asked, answered = archive.answered[-1]
    found = await archive.told(**asked, at=answered["decided_at"])
    assert (found["code"], found["certain"]) == ("SOURCE_BLOCKED", True)
    del asked["source"]
    assert (await archive.told(**asked, at=answered["decided_at"]))["decision"] == "allow"


async def test_an_objection_to_all_is_weighed_by_each(archive: Archive) -> None:
    desk, person = await archive.driver.controller("customer_service"), email()
    said: Json = {"kinds": ["art21_1"], "channels": "all", "controllers": "all", "origin": "self"}
    said |= {"identifiers": [person], "evidence": {"method": "letter", "reference": "case 17"}}
    admin = await archive.driver.admin()
    answer = await archive.driver.post("/v1/objections", said, admin, Idempotency_Key=str(uuid4()))
    assert answer.status_code == 201, answer.text
    fields = {"purpose": "research", "promo": False}
    assert (await archive.look_up(desk, person, **fields))["code"] == "OBJ_GENERAL"
    weighed = {"outcome": "rejected", "reasons": "a study in the public interest"}
    path = f"/v1/objections/{answer.json()['id']}/assess"
    assert (await archive.driver.post(path, weighed, desk)).status_code == 200
    assert (await archive.look_up(desk, person, **fields))["code"] == "RESEARCH"
    for asked, answered in archive.answered[-2:]:
        found = await archive.told(**asked, at=answered["decided_at"])
        assert found["code"] == answered["results"][0]["code"]
    other = await archive.driver.controller()
    body = {**archive.answered[-1][0], "controller_id": other.id}
    assert (await archive.told(**body, at=iso(datetime.now(UTC))))["code"] == "OBJ_GENERAL"
