"""What waits for an answer, on the overview and as a list of its own."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest

from app.console.words import LANGUAGES, word
from app.crypto.keys import KeyRing
from app.main import open_database
from app.storage.database import Database
from app.usecases.read_open_things import OpenCounts, count_open_things
from tests.conftest import Clone
from tests.console.browsing import Browser, browser
from tests.console.conftest import World
from tests.console.test_lists import walked
from tests.registry_driver import ISSUER, email, served

WAITING = 55
EVIDENCE = {"method": "letter", "reference": "case 17"}
CELL = re.compile(r'<span class="figure[^"]*">([^<]*)</span><span>(.*?)</span>')


@dataclass(frozen=True)
class Archive:
    """A registry of its own, with general objections that nobody has weighed, and an auditor before it."""

    auditor: Browser
    made: list[str]
    database: Database


@pytest.fixture(scope="module")
async def archive(clone: Clone, ring: KeyRing) -> AsyncIterator[Archive]:
    url = await clone()
    database = open_database(url, ring, ISSUER)
    async with served(url, ring) as registry:
        desk = await registry.controller("customer_service", name="Nordfiber AB")
        made = []
        for _ in range(WAITING):
            said: Any = {"kinds": ["art21_1"], "channels": "all", "controllers": [desk.id], "origin": "self"}
            said |= {"identifiers": [email()], "evidence": EVIDENCE}
            answer = await registry.post("/v1/objections", said, desk, Idempotency_Key=token_hex(8))
            assert answer.status_code == 201, answer.text
            made.append(answer.json()["id"])
        one = browser(registry)
        async with one.client:
            await one.sign_in(await registry.staff("auditor"))
            yield Archive(one, made, database)
    await database.dispose()


async def test_what_waits_is_listed_once_and_the_oldest_first(archive: Archive) -> None:
    assert await walked(archive.auditor, "/deadlines") == archive.made


async def test_the_filter_leaves_out_what_is_due_later(archive: Archive) -> None:
    for due in ("7", "over"):
        page = await archive.auditor.get(f"/deadlines?due={due}")
        assert "Nothing waits" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_list_says_whose_answer_it_waits_for_in_every_language(
    archive: Archive, language: str
) -> None:
    archive.auditor.language = language
    page = (await archive.auditor.get("/deadlines")).text
    assert word(language, "open.objection_unassessed") in page
    assert ">Nordfiber AB</td>" in page
    archive.auditor.language = "en"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_overview_counts_what_waits_and_tells_the_nearest_day(
    archive: Archive, language: str
) -> None:
    archive.auditor.language = language
    told = {text: figure for figure, text in CELL.findall((await archive.auditor.get("/")).text)}
    archive.auditor.language = "en"
    async with archive.database.read() as unit:
        nearest = (await count_open_things(unit, datetime.now(UTC))).nearest
    day = f"<time>{nearest}</time>"
    opened = f"{word(language, 'overview.open')} · {word(language, 'overview.nearest', day=day)}"
    assert told[opened] == str(WAITING)
    assert told[word(language, "overview.soon", days=7)] == "0"
    assert told[word(language, "overview.median")] == "0 s"
    assert told[word(language, "overview.p95")] == "0 s"


@pytest.mark.parametrize(("days", "soon", "over"), [(0, 0, 0), (26, WAITING, 0), (40, WAITING, WAITING)])
async def test_what_is_nearly_late_and_what_is_late_is_counted(
    archive: Archive, days: int, soon: int, over: int
) -> None:
    async with archive.database.read() as unit:
        counted = await count_open_things(unit, datetime.now(UTC) + timedelta(days=days))
    assert counted == OpenCounts(WAITING, soon, over, counted.nearest)


async def test_what_is_in_doubt_leads_to_its_page(auditor: Browser, world: World) -> None:
    page = await auditor.whole("/deadlines")
    assert f'href="/console/mandates/{world.contested_mandate["id"]}"' in page
    assert f'href="/console/objections/{world.contested_objection["id"]}"' in page


@pytest.mark.parametrize(
    "place",
    [
        "x",
        "2026-01-01T00:00:00~mandate_contested~{0}~{0}",
        "0001-01-01T00:00:00+14:00~mandate_contested~{0}~{0}",
        "2026-01-01T00:00:00+00:00~nothing~{0}~{0}",
        "2026-01-01T00:00:00+00:00~mandate_contested~x~{0}",
    ],
)
async def test_a_place_that_the_list_never_gave_is_not_found(auditor: Browser, place: str) -> None:
    whole = place.format("00000000-0000-7000-8000-000000000000").replace("+", "%2B")
    assert (await auditor.get(f"/deadlines?after={whole}")).status_code == 404
