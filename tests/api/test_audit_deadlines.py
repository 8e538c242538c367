"""What is open, until when it must be answered, and how long it took before."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.crypto.keys import KeyRing
from tests.conftest import Clone
from tests.registry_driver import Driver, Json, Party, email, iso, served

PAPER = {"kind": "document", "media_type": "application/pdf", "content": "JVBERi0xLjcK"}
EVIDENCE = {"method": "letter", "reference": "case 17"}
MONTH = range(28, 32)


@pytest.fixture(scope="module")
async def fresh(clone: Clone, ring: KeyRing) -> AsyncIterator[Driver]:
    """A registry of its own: here is told of everybody."""
    async with served(await clone(), ring) as driver:
        yield driver


@pytest.fixture(scope="module")
async def auditor(fresh: Driver) -> Party:
    return await fresh.staff("auditor")


async def deadlines(fresh: Driver, auditor: Party, query: str = "") -> list[Json]:
    answer = await fresh.get(f"/v1/audit/deadlines{query}", auditor)
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def about(fresh: Driver, auditor: Party, id_: str) -> list[tuple[str, Any]]:
    return [
        (one["kind"], one["controller_id"]) for one in await deadlines(fresh, auditor) if one["id"] == id_
    ]


async def general(fresh: Driver, desk: Party, controllers: Any) -> Json:
    said: Json = {"kinds": ["art21_1"], "channels": "all", "controllers": controllers, "origin": "self"}
    said |= {"identifiers": [email()], "evidence": EVIDENCE}
    answer = await fresh.post("/v1/objections", said, desk, Idempotency_Key=str(uuid4()))
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def test_a_general_objection_waits_until_each_controller_has_weighed_it(
    fresh: Driver, auditor: Party
) -> None:
    desk, other = await fresh.controller("customer_service"), await fresh.controller("customer_service")
    mine = await general(fresh, desk, [desk.id])
    assert await about(fresh, auditor, mine["id"]) == [("objection_unassessed", desk.id)]
    everybody = await general(fresh, await fresh.admin(), "all")
    waiting = await about(fresh, auditor, everybody["id"])
    assert {("objection_unassessed", one.id) for one in (desk, other)} <= set(waiting)
    weighed = {"outcome": "upheld", "reasons": "no ground to go on"}
    for made in (mine, everybody):
        await fresh.post(f"/v1/objections/{made['id']}/assess", weighed, desk)
    assert await about(fresh, auditor, mine["id"]) == []
    left = await about(fresh, auditor, everybody["id"])
    assert ("objection_unassessed", other.id) in left
    assert ("objection_unassessed", desk.id) not in left
    withdrawn = {"evidence": EVIDENCE}
    await fresh.post(f"/v1/objections/{everybody['id']}/withdraw", withdrawn, await fresh.admin())


async def test_a_mandate_in_doubt_waits_with_what_rests_on_it(fresh: Driver, auditor: Party) -> None:
    agent, sender = await fresh.agent(), await fresh.controller()
    mandate = await fresh.mandate(agent)
    made = await fresh.objection(agent, mandate, [sender.id], identifiers=[email()])
    assert await about(fresh, auditor, made["id"]) == []
    doubt = {"reason": "a complaint", "finding": "forged"}
    await fresh.post(f"/v1/mandates/{mandate['id']}/contest", doubt, await fresh.admin())
    assert await about(fresh, auditor, mandate["id"]) == [("mandate_contested", None)]
    assert await about(fresh, auditor, made["id"]) == []
    cleared = {"reason": "it was hers", "finding": "genuine"}
    await fresh.post(f"/v1/mandates/{mandate['id']}/contest", cleared, await fresh.staff())
    assert await about(fresh, auditor, mandate["id"]) == []
    await fresh.post(f"/v1/objections/{made['id']}/void", {"reason": "forged"}, await fresh.admin())
    assert await about(fresh, auditor, made["id"]) == [("objection_contested", None)]
    await fresh.post(f"/v1/objections/{made['id']}/void", {"reason": "forged"}, await fresh.staff())
    assert await about(fresh, auditor, made["id"]) == []


async def test_a_document_that_was_refused_and_an_erasure_wait_for_an_admin(
    fresh: Driver, auditor: Party
) -> None:
    agent = await fresh.agent()
    scanned = await fresh.mandate(agent, evidence=PAPER)
    path = f"/v1/mandates/{scanned['id']}/review"
    await fresh.post(path, {"outcome": "refused", "reason": "unreadable"}, await fresh.admin())
    assert await about(fresh, auditor, scanned["id"]) == [("mandate_unreviewed", None)]
    desk, person = await fresh.controller("customer_service"), email()
    await fresh.enter(desk, person)
    erase = {"identifiers": [person], "reason": "asked for it"}
    await fresh.post("/v1/subjects/erase", erase, await fresh.admin())
    kinds = [one["kind"] for one in await deadlines(fresh, auditor)]
    assert kinds.count("erasure_requested") == 1
    await fresh.post("/v1/subjects/erase", erase, await fresh.staff())
    assert "erasure_requested" not in [one["kind"] for one in await deadlines(fresh, auditor)]


async def test_the_days_that_are_left_are_told_and_asked_for(fresh: Driver, auditor: Party) -> None:
    desk = await fresh.controller("customer_service")
    made = await general(fresh, desk, [desk.id])
    (mine,) = [one for one in await deadlines(fresh, auditor) if one["id"] == made["id"]]
    assert mine["days_left"] in MONTH
    due = datetime.fromisoformat(mine["due_on"]).date()
    assert (due - datetime.now(UTC).date()).days == mine["days_left"]
    assert await deadlines(fresh, auditor, f"?due_within={mine['days_left'] - 1}") == []
    within = await deadlines(fresh, auditor, f"?due_within={mine['days_left']}")
    assert made["id"] in [one["id"] for one in within]


async def test_pages_hold_everything_once_and_in_order(fresh: Driver, auditor: Party) -> None:
    desks = [await fresh.controller("customer_service") for _ in range(3)]
    made = await general(fresh, await fresh.admin(), "all")
    whole = await deadlines(fresh, auditor)
    paged: list[Json] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"?limit=2&cursor={cursor}" if cursor else "?limit=2"
        page = (await fresh.get(f"/v1/audit/deadlines{query}", auditor)).json()
        paged += page["items"]
        cursor = page["next_cursor"]
    assert paged == whole
    assert len({(one["kind"], one["id"], one["controller_id"]) for one in paged}) == len(paged)
    assert {desk.id for desk in desks} <= {one["controller_id"] for one in paged if one["id"] == made["id"]}
    stray = (await fresh.get("/v1/mandates?limit=1", await fresh.admin())).json()["next_cursor"]
    if stray:
        answer = await fresh.get(f"/v1/audit/deadlines?cursor={stray}", auditor)
        assert answer.json()["code"] == "BAD_CURSOR"


async def test_the_time_until_objections_are_in_force(fresh: Driver, auditor: Party) -> None:
    begin = iso(datetime.now(UTC))
    strict, open_ = await fresh.controller(policy={"minimum_level": "L2"}), await fresh.controller()
    agent, other = await fresh.agent(), await fresh.agent()
    scanned = await fresh.mandate(agent, evidence=PAPER)
    late = await fresh.objection(agent, scanned, [strict.id], identifiers=[email()])
    assert late["state"] == "pending_verification"
    assert await about(fresh, auditor, late["id"]) == [("objection_unverified", None)]
    waiting = await effects(fresh, auditor, begin)
    assert (waiting[agent.id]["waiting"], waiting[agent.id]["p50"]) == (1, None)
    accepted = {"outcome": "accepted", "reason": "seen"}
    await fresh.post(f"/v1/mandates/{scanned['id']}/review", accepted, await fresh.admin())
    await fresh.objection(agent, scanned, [strict.id], identifiers=[email()])
    for _ in range(3):
        await fresh.objection(other, await fresh.mandate(other), [open_.id], identifiers=[email()])
    found = await effects(fresh, auditor, begin)
    slow, fast, everybody = found[agent.id], found[other.id], found["all"]
    counts = ("received", "effective", "immediate", "waiting")
    assert [slow[name] for name in counts] == [2, 2, 1, 0]
    assert [fast[name] for name in counts] == [3, 3, 3, 0]
    assert [everybody[name] for name in counts] == [5, 5, 4, 0]
    assert slow["p50"] == fast["longest"] == everybody["p50"] == 0
    assert slow["p95"] == slow["p99"] == slow["longest"] == everybody["p99"] > 0
    assert await about(fresh, auditor, late["id"]) == []


async def effects(fresh: Driver, auditor: Party, begin: str) -> Json:
    answer = await fresh.get(f"/v1/audit/effects?from={begin}", auditor)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return {"all": told["all"], **{one["agent_id"]: one for one in told["agents"]}}


async def test_overseers_alone_see_them(fresh: Driver, auditor: Party) -> None:
    for path in ("/v1/audit/deadlines", "/v1/audit/effects"):
        for who in (await fresh.agent(), await fresh.controller("customer_service"), await fresh.source()):
            assert (await fresh.get(path, who)).json()["code"] == "ROLE_DENIED"
        for who in (auditor, await fresh.admin()):
            assert (await fresh.get(path, who)).status_code == 200
    now = datetime.now(UTC)
    turned = f"/v1/audit/effects?from={iso(now)}&to={iso(now - timedelta(days=1))}"
    assert (await fresh.get(turned, auditor)).json()["code"] == "INVALID_TIME"
    nothing = f"/v1/audit/effects?from={iso(now - timedelta(days=2))}&to={iso(now - timedelta(days=1))}"
    told = (await fresh.get(nothing, auditor)).json()
    assert (told["all"]["received"], told["agents"]) == (0, [])
