"""What an auditor takes away from the pages: the rows of the API's exports, for a stated purpose."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from app.console.pages.exports import EXPORTS
from app.console.words import LANGUAGES, word
from tests.console.browsing import Browser
from tests.console.conftest import World
from tests.direct import row_counts
from tests.registry_driver import Driver

TAKEN = [(place, name) for place, names in EXPORTS.items() for name in names]
NUMBERS = ("+4670", "anna.test", "19900101", "Complaint")


async def taken(who: Browser, place: str, name: str, form: str = "jsonl", **fields: str) -> httpx2.Response:
    """The form below a page, filled in for today."""
    await who.get(f"/{place}")
    today = datetime.now(UTC).date().isoformat()
    sent = {"export": name, "format": form, "begin": today, "end": today, "purpose": "Yearly review"}
    return await who.post(f"/{place}/export", {**sent, **fields})


@pytest.mark.parametrize(("place", "name"), TAKEN)
async def test_a_file_has_the_rows_of_the_api_and_nobody_in_it(
    auditor: Browser, registry: Driver, world: World, place: str, name: str
) -> None:
    assert world
    answer = await taken(auditor, place, name)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson"), answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="sparr-{name}.jsonl"'
    assert answer.headers["cache-control"] == "no-store"
    told = await registry.get(
        f"/v1/audit/exports/{name}", await registry.staff("auditor"), Sparr_Purpose="Same again"
    )
    rows = [json.loads(line)["id"] for line in answer.text.splitlines()]
    assert rows
    assert {json.loads(line)["id"] for line in told.text.splitlines()} >= set(rows)
    assert [said for said in NUMBERS if said in answer.text] == []


async def test_a_spreadsheet_gets_its_own_form(auditor: Browser, world: World) -> None:
    answer = await taken(auditor, "mandates", "mandates", "csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].endswith('.csv"')
    assert answer.text.startswith("id,")
    assert world.mandate["id"] in answer.text


async def test_days_are_whole_and_the_last_one_is_included(auditor: Browser, world: World) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    assert world.mandate["id"] in (await taken(auditor, "mandates", "mandates", begin=yesterday)).text
    before = await taken(auditor, "mandates", "mandates", begin="2020-01-01", end=yesterday)
    assert (before.status_code, world.mandate["id"] in before.text) == (200, False)


async def test_what_is_taken_is_journalled_with_its_purpose(
    auditor: Browser, world: World, behind: Any
) -> None:
    assert world
    said = (
        "SELECT e.detail FROM registry.event e JOIN vault.sealed s ON s.id = e.id AND s.kind = 'purpose' "
        "WHERE e.kind = 'audit.exported' ORDER BY e.id DESC LIMIT 1"
    )
    before = await row_counts(behind)
    await taken(auditor, "journal", "reads", "csv")
    after = await row_counts(behind)
    changed = {table for table, count in after.items() if count != before[table]}
    assert changed <= {"registry.event", "vault.sealed", "vault.data_key"}
    detail = json.loads(await behind.fetchval(said))
    assert (detail["export"], detail["form"]) == ("reads", "csv")


@pytest.mark.parametrize(
    ("place", "fields", "told"),
    [
        ("mandates", {"purpose": " "}, "MISSING"),
        ("mandates", {"begin": ""}, "MISSING"),
        ("mandates", {"export": "people"}, "UNKNOWN_REFERENCE"),
        ("objections", {"export": "events"}, "UNKNOWN_REFERENCE"),
        ("mandates", {"format": "xlsx"}, "UNKNOWN_REFERENCE"),
        ("mandates", {"begin": "2026-02-02", "end": "2026-02-01"}, "INVALID_TIME"),
        ("mandates", {"end": "soon"}, "INVALID_TIME"),
        ("mandates", {"end": "9999-12-31"}, "INVALID_TIME"),
        ("mandates", {"begin": "0001-01-01"}, "INVALID_TIME"),
    ],
)
async def test_what_cannot_be_taken_is_told_in_a_page(
    auditor: Browser, world: World, behind: Any, place: str, fields: dict[str, str], told: str
) -> None:
    assert world
    count = "SELECT count(*) FROM registry.event WHERE kind = 'audit.exported'"
    before = await behind.fetchval(count)
    answer = await taken(auditor, place, place, **fields)
    assert await behind.fetchval(count) == before
    assert (answer.status_code, f"<code>{told}</code>" in answer.text) == (422, True), answer.text
    assert word("en", f"problem.{told}") in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_list_offers_its_file_in_every_language(auditor: Browser, language: str) -> None:
    auditor.language = language
    for place, names in EXPORTS.items():
        page = (await auditor.get(f"/{place}")).text
        assert f"/console/{place}/export" in auditor.forms()
        assert word(language, "export.text") in page
        assert [name for name in names if f'value="{name}"' not in page] == []
