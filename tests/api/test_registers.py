"""An admin imports the list of a national register; whoever asks finds in it who said no."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from secrets import token_hex
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from app.api import streamed_bodies
from app.crypto.keys import KeyRing
from app.domain.refusals import UnavailableError
from app.storage import registers as storage
from app.storage.database import Database
from app.storage.fact_tables import REGISTER_SNAPSHOT, REGISTER_SNAPSHOT_READY
from app.storage.registers import RegisterAnswers, register_hits
from tests.conftest import Clone
from tests.direct import superuser
from tests.registry_driver import Driver, Party, served

TODAY = datetime.now(UTC).date()
LISTED = ("+46701740605", "+46701740606", "+46846500400")
UNLISTED = "+46701740699"


async def send(
    registry: Driver,
    content: Any,
    day: date | str = TODAY,
    code: str = "nix_phone",
    who: Party | None = None,
    media: str = "text/plain",
    **query: Any,
) -> httpx2.Response:
    headers = {**(who or await registry.admin()).headers, "Content-Type": media}
    path, query = f"/v1/registers/{code}/imports", {"version_date": str(day), **query}
    body = content.encode() if isinstance(content, str) else content
    return await registry.client.post(path, content=body, headers=headers, params=query)


async def ask(database: Database, *numbers: str, code: str = "nix_phone") -> RegisterAnswers:
    async with database.lookup() as unit:
        digests = unit.instruments.fingerprints.texts("phone", list(numbers))
        return await register_hits(unit, [code, "nothing_of_the_kind"], digests)


def fingerprint(database: Database, number: str) -> UUID:
    return database.instruments.fingerprints.text("phone", number)


async def counted(url: str) -> dict[str, int]:
    connection = await superuser(url)
    tables = ("register_snapshot", "register_snapshot_ready", "register_entry")
    found = {name: await connection.fetchval(f"SELECT count(*) FROM registry.{name}") for name in tables}  # noqa: S608 - names of ours
    await connection.close()
    return found


def unique() -> str:
    """A list that no other test sends."""
    return "\n" * (1 + int(token_hex(2), 16) % 5000) + f"{LISTED[0]}\n"


async def test_an_imported_list_is_found_by_number_in_whatever_spelling_it_came(
    registry: Driver, database: Database
) -> None:
    answer = await send(registry, "0701740605\n+46701740606\r\n\n08-465 004 00\n")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["rows"], made["rejected"], made["version_date"]) == (3, 0, str(TODAY))
    found = await ask(database, *LISTED, UNLISTED)
    assert found.keys() == {"nix_phone"}
    assert found["nix_phone"].hits == {fingerprint(database, number): 0 for number in LISTED}
    assert found["nix_phone"].snapshot_id == UUID(made["id"])
    assert found["nix_phone"].version_date == TODAY
    assert found["nix_phone"].types == {"phone"}


async def test_the_same_list_for_the_same_date_is_the_same_snapshot(
    registry: Driver, database_url: str
) -> None:
    content, day = unique(), TODAY - timedelta(days=100)
    first = await send(registry, content, day)
    before = await counted(database_url)
    again = await send(registry, content, day)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert await counted(database_url) == before
    assert (await send(registry, content, day - timedelta(days=1))).status_code == 201


async def test_the_newest_version_decides_however_late_an_older_one_is_imported(
    registry: Driver, database: Database
) -> None:
    newest = (await send(registry, f"{LISTED[0]}\n{LISTED[1]}\n\n\n")).json()
    await send(registry, f"{UNLISTED}\n", TODAY - timedelta(days=30))
    found = (await ask(database, UNLISTED))["nix_phone"]
    assert (found.snapshot_id, found.hits) == (UUID(newest["id"]), {})


async def test_a_number_that_stands_twice_is_one_hit(registry: Driver, database: Database) -> None:
    await send(registry, f"{LISTED[0]}\n0701740605\n\n\n\n")
    assert (await ask(database, LISTED[0]))["nix_phone"].hits == {fingerprint(database, LISTED[0]): 0}


async def test_a_bad_line_is_told_by_its_number_and_refuses_the_whole_list(
    registry: Driver, database_url: str
) -> None:
    before = await counted(database_url)
    lines = [LISTED[0]] * 30_000
    for n in range(29_950, 29_980):
        lines[n] = "see notes"
    answer = await send(registry, "\n".join(lines))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "VALIDATION")
    assert problem["errors_total"] == 30
    assert [one["pointer"] for one in problem["errors"]] == [f"/lines/{n + 1}" for n in range(29_950, 29_970)]
    assert {one["code"] for one in problem["errors"]} == {"LETTERS"}
    assert "see notes" not in answer.text
    assert await counted(database_url) == before


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "NO_ROWS"),
        (b"\n\n\n", 4, "NO_ROWS"),
        (b"+46701740605\n\xe5\xe4\xf6\n", 2, "ENCODING"),
        (b"+46701740605\n" + b"0" * 5000, 2, "TOO_LONG"),
        (b"+46701740605\n12\n", 2, "NOT_A_NUMBER"),
        (b"\xff\xfe+\x004\x006\x00", 1, "ENCODING"),
    ],
    ids=["empty", "blank", "Latin-1", "a line without an end", "too short", "UTF-16"],
)
async def test_what_is_no_list_is_refused(registry: Driver, content: bytes, line: int, reason: str) -> None:
    problem = (await send(registry, content)).json()
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(f"/lines/{line}", reason)]


async def test_a_refused_list_stands_in_the_journal(registry: Driver, database_url: str) -> None:
    await send(registry, "nobody\n")
    connection = await superuser(database_url)
    kinds = "SELECT outcome FROM registry.event WHERE kind = 'register.imported' ORDER BY id DESC LIMIT 1"
    assert await connection.fetchval(kinds) == "VALIDATION"
    await connection.close()


async def test_an_import_that_breaks_off_leaves_nothing(registry: Driver, database_url: str) -> None:
    before = await counted(database_url)

    async def breaking() -> Any:
        for _ in range(20):
            yield f"{LISTED[0]}\n".encode() * 3000
        raise RuntimeError

    assert (await send(registry, breaking())).status_code == 500
    assert await counted(database_url) == before
    assert (await send(registry, unique(), TODAY - timedelta(days=200))).status_code == 201


async def test_a_sender_that_falls_silent_is_given_up(
    registry: Driver, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed_bodies, "_PAUSE", 0.05)
    before = await counted(database_url)

    async def silent() -> Any:
        yield f"{LISTED[0]}\n".encode() * 30_000
        await asyncio.sleep(5)

    answer = await send(registry, silent())
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")
    assert await counted(database_url) == before


async def test_a_database_that_takes_no_entry_is_told_as_one_and_nothing_is_left(
    clone: Clone, ring: KeyRing
) -> None:
    url = await clone()
    admin = await superuser(url)
    await admin.execute("REVOKE INSERT ON registry.register_entry FROM sparr_api")
    await admin.close()
    async with served(url, ring) as registry:
        answer = await send(registry, unique())
        assert (answer.status_code, answer.json()["code"]) == (503, "FACTS_UNREADABLE")
    assert set((await counted(url)).values()) == {0}


async def test_a_csv_says_in_its_header_where_the_number_stands(registry: Driver, database: Database) -> None:
    content = f'\ufeffid;"Telefon";note\n1;070-1740605;"a;b"\n2;{LISTED[1]};\n'
    answer = await send(registry, content, media="text/csv; charset=utf-8", column="Telefon")
    assert (answer.status_code, answer.json().get("rows")) == (201, 2), answer.text
    hits = (await ask(database, *LISTED))["nix_phone"].hits
    assert hits.keys() == {fingerprint(database, number) for number in LISTED[:2]}


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("id,number\n1,+46701740605\n", 1, "HEADER"),
        ("phone,phone\n1,+46701740605\n", 1, "HEADER"),
        ("id,phone\n+46701740605\n", 2, "COLUMNS"),
        ('id,phone\n1,"+46701740605\n', 2, "COLUMNS"),
        ("id,phone\n1,\n", 2, "EMPTY"),
        ("id,phone\n", 2, "NO_ROWS"),
    ],
)
async def test_a_csv_with_other_columns_is_refused(
    registry: Driver, content: str, line: int, reason: str
) -> None:
    problem = (await send(registry, content, media="text/csv")).json()
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(f"/lines/{line}", reason)]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"code": "nix_telegram"}, 404, "NOT_FOUND"),
        ({"day": TODAY + timedelta(days=2)}, 422, "INVALID_TIME"),
        ({"day": "yesterday"}, 422, "VALIDATION"),
        ({"media": "application/json"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"media": "text/plain; charset=latin-1"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(
    registry: Driver, changed: dict[str, Any], status: int, code: str
) -> None:
    answer = await send(registry, unique(), **changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_admins_alone_import_and_auditors_see_what_there_is(registry: Driver) -> None:
    auditor, sender = await registry.staff("auditor"), await registry.controller()
    for who in (auditor, sender):
        answer = await send(registry, unique(), who=who)
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")
    assert (await registry.get("/v1/registers", sender)).status_code == 403
    made = (await send(registry, unique())).json()
    items = (await registry.get("/v1/registers", auditor)).json()["items"]
    (nix,) = [one for one in items if one["code"] == "nix_phone"]
    assert (nix["state"], nix["age_days"], nix["newest"]["id"]) == ("fresh", 0, made["id"])


async def test_one_list_is_loaded_at_a_time(registry: Driver, database: Database) -> None:
    async with database.write() as unit:
        await unit.rows(storage._TRY_LOCK)
        answer = await send(registry, unique())
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_REQUESTS")


async def test_a_snapshot_without_its_canary_answers_nothing(registry: Driver, database: Database) -> None:
    assert (await send(registry, unique())).status_code == 201
    with pytest.raises(UnavailableError):
        async with database.write() as unit:
            await _without_canary(unit)
    assert (await ask(database, LISTED[0]))["nix_phone"].hits


async def _without_canary(unit: Any) -> None:
    """A snapshot that is newer than all others and has no canary: never committed."""
    number = (await unit.rows(text("SELECT max(snapshot_no) + 1 AS n FROM registry.register_snapshot")))[0].n
    at = datetime.now(UTC)
    id_ = UUID(int=number)
    row = {"snapshot_no": number, "id": id_, "register_code": "nix_phone", "version_date": TODAY}
    await unit.insert(REGISTER_SNAPSHOT, [{**row, "event_id": id_}])
    ready = {"snapshot_no": number, "line_count": 1, "identifier_types": ["phone"], "at": at}
    await unit.insert(REGISTER_SNAPSHOT_READY, [{**ready, "file_digest": b"none"}])
    await register_hits(unit, ["nix_phone"], b"")
