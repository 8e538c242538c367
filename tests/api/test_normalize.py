"""Normalising shows what would be matched, and stores nothing of it."""

import hashlib
from typing import Any

import pytest

from app.domain.identifier import NORMALISER_VERSION, REASONS
from tests.direct import superuser
from tests.registry_driver import Driver, Json, email

ADDRESS = {
    "name": "Test, Anna",
    "street": "Provgatan 1",
    "postal_code": "123 45",
    "city": "X",
    "country": "SE",
}


async def normalized(registry: Driver, *items: Any) -> list[Json]:
    sender = await registry.controller()
    answer = await registry.post("/v1/identifiers/normalize", {"items": list(items)}, sender)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["items", "normaliser"]
    assert answer.json()["normaliser"] == NORMALISER_VERSION
    found: list[Json] = answer.json()["items"]
    return found


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("item", "canonical", "warnings"),
    [
        ({"type": "phone", "value": "070-174 06 05", "region": "SE"}, "+46701740605", []),
        ({"type": "phone", "value": "+46701740605"}, "+46701740605", []),
        ({"type": "phone", "value": "0046 701740605 ankn 12"}, "+46701740605", ["EXTENSION_DROPPED"]),
        ({"type": "email", "value": "Anna.Test+a@Example.COM"}, "anna.test+a@example.com", ["PLUS_TAG"]),
        ({"type": "personal_number", "value": "19900101-2385"}, "199001012385", []),
        ({"type": "personal_number", "value": "900101-2385", "region": "SE"}, "199001012385", []),
    ],
)
async def test_a_value_has_one_canonical_form_and_its_hash(
    registry: Driver, item: Json, canonical: str, warnings: list[str]
) -> None:
    assert await normalized(registry, item) == [
        {
            "index": 0,
            "accepted": True,
            "type": item["type"],
            "canonical": canonical,
            "warnings": warnings,
            "sha256": sha256(canonical),
            "reason": None,
        }
    ]


@pytest.mark.parametrize(
    ("item", "canonical"),
    [
        ({"type": "postal_address", "value": ADDRESS}, "SE|12345|provgatan 1|anna test"),
        ({"type": "customer_ref", "value": " K-1 "}, "K-1"),
    ],
)
async def test_what_cannot_be_sent_as_a_hash_has_none(registry: Driver, item: Json, canonical: str) -> None:
    found = (await normalized(registry, item))[0]
    assert (found["accepted"], found["canonical"], found["sha256"]) == (True, canonical, None)


async def test_a_hash_stays_itself_in_lower_case(registry: Driver) -> None:
    found = (await normalized(registry, {"type": "email", "sha256": sha256("a").upper()}))[0]
    assert (found["accepted"], found["canonical"], found["sha256"]) == (True, None, sha256("a"))


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"type": "phone", "value": ""}, "EMPTY"),
        ({"type": "phone", "value": None}, "EMPTY"),
        ({"type": "phone"}, "EMPTY"),
        ({"type": "phone", "value": "+46701740605", "sha256": "0" * 64}, "EMPTY"),
        ({"type": "phone", "value": "1" * 65}, "TOO_LONG"),
        ({"type": "phone", "value": ADDRESS}, "NOT_TEXT"),
        ({"type": "phone", "value": "+46\t701740605"}, "CONTROL_CHARACTERS"),
        ({"type": "phone", "value": "0701740x05", "region": "SE"}, "LETTERS"),
        ({"type": "phone", "value": "+46701740605?"}, "CHARACTERS"),
        ({"type": "phone", "value": "+46701740605 +46701740606"}, "TWO_VALUES"),
        ({"type": "phone", "value": "0701740605"}, "AMBIGUOUS_REGION"),
        ({"type": "phone", "value": "112", "region": "SE"}, "NOT_A_NUMBER"),
        ({"type": "email", "value": "anna"}, "NOT_AN_ADDRESS"),
        ({"type": "personal_number", "value": "199013012385"}, "DATE"),
        ({"type": "personal_number", "value": "199001012386"}, "CHECKSUM"),
        ({"type": "personal_number", "value": "900101-2385"}, "AMBIGUOUS_REGION"),
        ({"type": "personal_number", "value": "900101-2385", "region": "FI"}, "UNSUPPORTED_REGION"),
        ({"type": "postal_address", "value": "Provgatan 1"}, "NOT_TEXT"),
        (
            {"type": "postal_address", "value": {k: v for k, v in ADDRESS.items() if k != "country"}},
            "MISSING_FIELD",
        ),
        ({"type": "customer_ref", "sha256": "0" * 64}, "HASH_NOT_ACCEPTED"),
        ({"type": "postal_address", "sha256": "0" * 64}, "HASH_NOT_ACCEPTED"),
    ],
)
async def test_what_cannot_be_read_is_told_its_reason(registry: Driver, item: Json, reason: str) -> None:
    assert reason in REASONS
    assert await normalized(registry, item) == [
        {
            "index": 0,
            "accepted": False,
            "type": item["type"],
            "canonical": None,
            "warnings": [],
            "sha256": None,
            "reason": reason,
        }
    ]


async def test_each_is_answered_in_its_order_and_one_bad_one_stops_none(registry: Driver) -> None:
    good, bad = {"type": "phone", "value": "+46701740605"}, {"type": "phone", "value": "112"}
    found = await normalized(registry, good, bad, email(), good)
    assert [(one["index"], one["accepted"]) for one in found] == [(0, True), (1, False), (2, True), (3, True)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": [{"type": "phone", "value": "+46701740605"}] * 1001},
        {"items": [{"type": "pigeon", "value": "x"}]},
        {"items": [{"type": "phone", "value": 46701740605}]},
        {"items": [{"type": "phone", "value": "x", "country": "SE"}]},
        {"items": [{"type": "phone", "sha256": "0" * 63}]},
        {"items": ["+46701740605"]},
    ],
)
async def test_what_is_no_identifier_is_outside_the_contract(registry: Driver, body: Json) -> None:
    answer = await registry.post("/v1/identifiers/normalize", body, await registry.controller())
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert "46701740605" not in answer.text


async def test_every_role_may_normalise_and_nobody_without_a_token(registry: Driver) -> None:
    body = {"items": [email()]}
    callers = [
        await registry.controller(),
        await registry.controller("customer_service"),
        await registry.agent(),
        await registry.source(),
        await registry.staff("auditor"),
        await registry.admin(),
    ]
    for caller in callers:
        assert (await registry.post("/v1/identifiers/normalize", body, caller)).status_code == 200
    assert (await registry.post("/v1/identifiers/normalize", body)).status_code == 401


async def test_nothing_is_stored_of_what_was_normalised(registry: Driver, database_url: str) -> None:
    sender = await registry.controller()
    items = [
        {"type": "phone", "value": "+46701740605"},
        email(),
        {"type": "postal_address", "value": ADDRESS},
    ]
    before = await rows_of_every_table(database_url)
    await registry.post("/v1/identifiers/normalize", {"items": items}, sender)
    assert await rows_of_every_table(database_url) == before
    assert sum(before.values()) > 0


async def rows_of_every_table(url: str) -> dict[str, int]:
    connection = await superuser(url)
    tables = await connection.fetch(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables "
        "WHERE schemaname IN ('registry', 'vault', 'ops') ORDER BY 1"
    )
    names = [row["name"] for row in tables]
    counts = {name: len(await connection.fetch(f"TABLE {name}")) for name in names}
    await connection.close()
    return counts
