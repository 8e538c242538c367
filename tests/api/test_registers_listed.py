"""All registers as an auditor sees them, and imports of those whose lines hold more than a number."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from app.domain.refusals import UnavailableError
from app.domain.register_list import CHARITIES
from app.main import open_database
from app.registers import LISTS
from app.storage.database import Database
from app.storage.registers import register_hits
from tests.conftest import Clone
from tests.direct import superuser
from tests.registry_driver import ISSUER, Driver, Json, served

TODAY = datetime.now(UTC).date()
ADDRESS = "SE|12345|storgatan 1a|anna test"


async def send(registry: Driver, code: str, content: str, day: date, **query: Any) -> Json:
    headers = {**(await registry.admin()).headers, "Content-Type": "text/csv"}
    query["version_date"] = str(day)
    path = f"/v1/registers/{code}/imports"
    answer = await registry.client.post(path, content=content.encode(), headers=headers, params=query)
    told: Json = answer.json()
    return {**told, "status": answer.status_code}


async def listed(registry: Driver) -> dict[str, Json]:
    answer = await registry.get("/v1/registers", await registry.staff("auditor"))
    assert answer.status_code == 200, answer.text
    return {one["code"]: one for one in answer.json()["items"]}


async def test_every_register_is_listed_the_ended_one_too(registry: Driver) -> None:
    found = await listed(registry)
    assert list(found) == sorted(LISTS)
    ended = found["bloctel_fr"]
    assert (ended["state"], ended["ended"], ended["channels"]) == ("ended", "2026-08-11", ["voice_live"])
    assert (found["spelpaus_se"]["state"], found["spelpaus_se"]["newest"]) == ("missing", None)


async def test_a_list_grows_stale_by_the_date_of_its_version(registry: Driver) -> None:
    content = "phone\n07700900123\n"
    old, last = TODAY - timedelta(days=29), TODAY - timedelta(days=27)
    assert (await send(registry, "tps_uk", content, old))["status"] == 201
    tps = (await listed(registry))["tps_uk"]
    assert (tps["state"], tps["age_days"], tps["fresh_until"]) == (
        "stale",
        29,
        str(TODAY - timedelta(days=2)),
    )
    assert (await send(registry, "tps_uk", content, last))["status"] == 201
    assert (await listed(registry))["tps_uk"]["state"] == "fresh"


async def test_an_ended_register_takes_no_list_of_a_later_date(registry: Driver) -> None:
    content = "phone\n+33199001234\n"
    assert (await send(registry, "bloctel_fr", content, date(2026, 8, 11)))["code"] == "INVALID_TIME"
    assert (await send(registry, "bloctel_fr", content, date(2026, 8, 10)))["status"] == 201
    assert (await listed(registry))["bloctel_fr"]["state"] == "ended"


async def test_a_list_of_addresses_is_found_by_address_and_says_that_it_knows_no_numbers(
    registry: Driver, database: Database
) -> None:
    content = "Namn;Gata;Postnr;Ort\nTest, Anna;Storgatan 1 A;123 45;Ingenstad\n"
    columns = ["name:Namn", "street:Gata", "postal_code:Postnr", "city:Ort"]
    made = await send(registry, "nix_post", content, TODAY, column=columns)
    assert (made["status"], made["identifier_types"]) == (201, ["postal_address"]), made
    async with database.lookup() as unit:
        asked = unit.instruments.fingerprints.text("postal_address", ADDRESS)
        found = (await register_hits(unit, ["nix_post"], asked.bytes))["nix_post"]
    assert found.hits == {asked: 0}
    assert found.types == {"postal_address"}


async def test_who_said_no_to_charities_too_is_told_apart(registry: Driver, database: Database) -> None:
    content = "phone,charities\n40123456,no\n40123457,yes\n"
    assert (await send(registry, "reservasjon_no", content, TODAY))["status"] == 201
    async with database.lookup() as unit:
        fingerprints = unit.instruments.fingerprints
        asked = [fingerprints.text("phone", f"+474012345{n}") for n in (6, 7, 8)]
        joined = b"".join(one.bytes for one in asked)
        found = (await register_hits(unit, ["reservasjon_no"], joined))["reservasjon_no"]
    assert found.hits == {asked[0]: 0, asked[1]: CHARITIES}


async def test_plain_text_has_no_place_for_an_address(registry: Driver) -> None:
    headers = {**(await registry.admin()).headers, "Content-Type": "text/plain"}
    path = f"/v1/registers/nix_post/imports?version_date={TODAY}"
    answer = await registry.client.post(path, content=b"Anna Test\n", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("column", ["Telefon", "number:Telefon"])
async def test_a_column_of_no_field_is_refused(registry: Driver, column: str) -> None:
    told = await send(registry, "nix_post", "name\nAnna\n", TODAY, column=column)
    assert (told["status"], told["code"]) == (422, "VALIDATION")


async def test_a_lookup_that_may_not_read_the_entries_gets_an_error_and_no_clear_answer(
    clone: Clone, ring: KeyRing
) -> None:
    url = await clone()
    async with served(url, ring) as registry:
        assert (await send(registry, "nix_phone", "phone\n0701740605\n", TODAY))["status"] == 201
    admin = await superuser(url)
    # The canary is hidden by a right that was taken away, and by a policy that shows no row.
    await admin.execute("ALTER TABLE registry.register_entry ENABLE ROW LEVEL SECURITY")
    database = open_database(url, ring, ISSUER)
    for right in ("REVOKE", "GRANT"):
        way = "TO" if right == "GRANT" else "FROM"
        await admin.execute(f"{right} SELECT ON registry.register_entry {way} sparr_lookup")
        with pytest.raises(UnavailableError):
            async with database.lookup() as unit:
                await register_hits(unit, ["nix_phone"], b"")
    await database.dispose()
    await admin.close()
