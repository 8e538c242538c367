"""Audit data that is taken away: whole, in order, without anybody in it, and with a trace."""

import csv
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from app.main import open_database
from app.storage.events import Event, record_events
from app.usecases import audit_decision, audit_objection
from app.usecases.act import Act
from app.usecases.export_audit import EXPORTED
from app.usecases.prove_mandate import PROVEN
from app.usecases.read_evidence import OPENED
from app.usecases.read_mandates import READ
from app.usecases.search_everywhere import ENTRY_READ, SEARCHED
from tests.conftest import Clone
from tests.direct import superuser
from tests.registry_driver import ISSUER, Driver, Json, Party, email, iso, served

PURPOSE = "Yearly review"
NAMES = ("events", "reads", "mandates", "objections", "deadlines")
FORMULA = '=HYPERLINK("http://example.com","Ombudet")'


@pytest.fixture(scope="module")
async def url(clone: Clone) -> str:
    return await clone()


@pytest.fixture(scope="module")
async def fresh(url: str, ring: KeyRing) -> AsyncIterator[Driver]:
    async with served(url, ring) as driver:
        yield driver


@pytest.fixture(scope="module")
async def auditor(fresh: Driver) -> Party:
    return await fresh.staff("auditor")


@pytest.fixture(scope="module")
async def told(fresh: Driver) -> Json:
    """A mandate of an agent with a name of its own, an objection, and something that waits."""
    agent, desk = await fresh.agent(name=FORMULA), await fresh.controller("customer_service")
    mandate = await fresh.mandate(agent)
    objection = await fresh.objection(agent, mandate, [desk.id], identifiers=[email()])
    await fresh.get(f"/v1/mandates/{mandate['id']}", await fresh.admin(), Sparr_Purpose="Complaint")
    doubt = {"reason": "a complaint", "finding": "forged"}
    await fresh.post(f"/v1/mandates/{mandate['id']}/contest", doubt, await fresh.admin())
    return {"agent": agent.id, "desk": desk.id, "mandate": mandate["id"], "objection": objection["id"]}


async def exported(fresh: Driver, who: Party, name: str, form: str, query: str = "") -> Any:
    path = f"/v1/audit/exports/{name}?format={form}{query}"
    return await fresh.get(path, who, Sparr_Purpose=PURPOSE)


async def rows(fresh: Driver, who: Party, name: str, query: str = "") -> list[Json]:
    answer = await exported(fresh, who, name, "jsonl", query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson"), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_each_export_tells_what_happened(fresh: Driver, auditor: Party, told: Json) -> None:
    found = {name: await rows(fresh, auditor, name) for name in NAMES}
    (mandate,) = found["mandates"]
    assert (mandate["id"], mandate["agent_id"], mandate["state"]) == (
        told["mandate"],
        told["agent"],
        "contested",
    )
    assert (mandate["level"], mandate["rights"], mandate["agent_name"]) == ("L1", ["object_dm"], FORMULA)
    (objection,) = found["objections"]
    assert (objection["id"], objection["state"]) == (told["objection"], "contested")
    assert (objection["controllers"], objection["everywhere"]) == ([told["desk"]], False)
    assert objection["effective_at"] == objection["received_at"]
    (due,) = found["deadlines"]
    assert (due["id"], due["kind"]) == (told["mandate"], "mandate_contested")
    kinds = [one["kind"] for one in found["events"]]
    assert kinds.index("mandate.registered") < kinds.index("objection.received")
    assert "mandate.read" in {one["kind"] for one in found["reads"]}
    assert {one["kind"] for one in found["reads"]} <= {*kinds, "audit.exported"}


async def test_every_kind_of_reading_is_among_the_readings(
    fresh: Driver, auditor: Party, url: str, ring: KeyRing
) -> None:
    kinds = [READ, OPENED, PROVEN, audit_objection.AUDITED, audit_decision.AUDITED, EXPORTED]
    kinds += [SEARCHED, ENTRY_READ]
    database, now = open_database(url, ring, ISSUER), datetime.now(UTC)
    async with database.write() as unit:
        await record_events(unit, [Event(Act.begin(now, None).event_id, now, kind, None) for kind in kinds])
    await database.dispose()
    found = await rows(fresh, auditor, "reads", f"&from={iso(now - timedelta(seconds=1))}")
    assert {one["kind"] for one in found} == set(kinds)


@pytest.mark.parametrize("name", NAMES)
async def test_both_forms_hold_the_same_and_no_cell_is_a_formula(
    fresh: Driver, auditor: Party, told: Json, name: str
) -> None:
    assert told
    until = f"&to={iso(datetime.now(UTC) + timedelta(seconds=1))}"
    answer = await exported(fresh, auditor, name, "csv", until)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/csv")
    assert answer.text.count("\n") == answer.text.count("\r\n")
    header, *records = csv.reader(StringIO(answer.text, newline=""), strict=True)
    whole = await rows(fresh, auditor, name, until)
    assert header == list(whole[0])
    by_id = {record[0]: record for record in records}
    assert by_id.keys() <= {one["id"] for one in whole}
    assert len(by_id) == len(records) > 0
    assert not [cell for record in records for cell in record if cell.startswith(("=", "+", "-", "@"))]
    if name == "mandates":
        assert by_id[told["mandate"]][header.index("agent_name")] == f"'{FORMULA}"


async def test_nobody_is_in_an_export(fresh: Driver, auditor: Party, told: Json) -> None:
    assert told
    for name in NAMES:
        for form in ("jsonl", "csv"):
            text = (await exported(fresh, auditor, name, form)).text
            assert not [
                said for said in ("19900101", "Anna", "example.com/", "70174", "versions") if said in text
            ]
            assert "Complaint" not in text


async def test_an_export_is_journalled_with_its_purpose(fresh: Driver, auditor: Party, url: str) -> None:
    await exported(fresh, auditor, "mandates", "csv")
    last = (await rows(fresh, auditor, "reads"))[-1]
    assert (last["kind"], last["actor_id"]) == ("audit.exported", auditor.id)
    behind = await superuser(url)
    kind = await behind.fetchval("SELECT kind FROM vault.sealed WHERE id = $1", last["id"])
    detail = await behind.fetchval("SELECT detail FROM registry.event WHERE id = $1", last["id"])
    await behind.close()
    assert (kind, json.loads(detail)["export"]) == ("purpose", "mandates")


async def test_an_export_of_many_pages_has_each_row_once(fresh: Driver, auditor: Party, url: str) -> None:
    behind = await superuser(url)
    await behind.execute(
        "INSERT INTO registry.event (id, at, kind, outcome, detail) "
        "SELECT uuidv7(interval '-40 days'), now() - interval '40 days', 'test', 'done', '{}' "
        "FROM generate_series(1, 2500)"
    )
    await behind.close()
    ago = datetime.now(UTC) - timedelta(days=41)
    window = f"&from={iso(ago)}&to={iso(ago + timedelta(days=2))}"
    found = [one["id"] for one in await rows(fresh, auditor, "events", window)]
    assert (len(found), len(set(found)), found) == (2500, 2500, sorted(found))
    before = f"&from={iso(ago - timedelta(days=2))}&to={iso(ago)}"
    assert await rows(fresh, auditor, "events", before) == []
    empty = await exported(fresh, auditor, "events", "csv", before)
    assert empty.text == "id,at,kind,outcome,actor_id,actor_role,credential_id,object_id,detail\r\n"


async def test_overseers_alone_take_anything_away(fresh: Driver, auditor: Party, told: Json) -> None:
    assert told
    for who in (await fresh.agent(), await fresh.controller("customer_service"), await fresh.source()):
        assert (await exported(fresh, who, "events", "csv")).json()["code"] == "ROLE_DENIED"
    assert (await exported(fresh, await fresh.admin(), "events", "csv")).status_code == 200
    for path in (
        "/v1/audit/exports/events",
        "/v1/audit/exports/people",
        "/v1/audit/exports/events?format=xlsx",
    ):
        headers = {"Sparr_Purpose": PURPOSE} if path != "/v1/audit/exports/events" else {}
        answer = await fresh.get(path, auditor, **headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    now = datetime.now(UTC)
    turned = f"&from={iso(now)}&to={iso(now - timedelta(days=1))}"
    assert (await exported(fresh, auditor, "events", "csv", turned)).json()["code"] == "INVALID_TIME"
