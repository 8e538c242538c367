"""A character that is none, in one identifier of a lookup, fails that one alone: the others are answered."""

import pytest

from tests.registry_driver import PHONE, Driver, Json, Party, email

BROKEN = [r"\u0000", r"\ud800", r"\udc00", r"\udc00\ud800"]
HOLDERS = [
    '"+4670174{}0605"',
    '"+46701740605{}"',
    '{{"type": "email", "value": "anna{}@example.com"}}',
    '{{"type": "customer_ref", "value": "K-{}1"}}',
    '{{"type": "postal_address", "value": {{"name": "A{}", "street": "B", "postal_code": "1"}}}}',
    '{{"type": "phone{}", "value": "+46701740605"}}',
    '{{"type": "phone", "value{}": "+46701740605"}}',
    '{{"type": "email", "sha256": "{}"}}',
    '{{"all": [{{"type": "phone", "value": "+46701740699"}}, {{"type": "customer_ref", "value": "{}"}}]}}',
]


async def ask(registry: Driver, sender: Party, items: str, view: str = "full", **fields: str) -> Json:
    more = "".join(f', "{name}": "{value}"' for name, value in {"region": "SE", **fields}.items())
    body = (
        f'{{"controller_id": "{sender.id}", "channel": "sms", "purpose": "marketing", "view": "{view}",'
        f' "identifiers": [{items}]{more}}}'
    )
    headers = {**sender.headers, "Content-Type": "application/json"}
    answer = await registry.client.post("/v1/lookups", content=body.encode(), headers=headers)
    found: Json = answer.json()
    return {**found, "status_code": answer.status_code}


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_broken_identifier_is_answered_for_itself(
    registry: Driver, sender: Party, broken: str
) -> None:
    items = ", ".join([f'"{PHONE}"', *(one.format(broken) for one in HOLDERS), f'"{PHONE}"'])
    found = await ask(registry, sender, items)
    assert found["status_code"] == 200, found
    codes = [one["code"] for one in found["results"]]
    assert codes == ["NO_OBJECTION_FOUND", *["INPUT_INVALID"] * len(HOLDERS), "NO_OBJECTION_FOUND"]
    compact = await ask(registry, sender, items, "compact")
    assert [one["index"] for one in compact["blocked"]] == list(range(1, len(HOLDERS) + 1))


async def test_a_broken_character_hides_nobody_who_objected(registry: Driver, sender: Party) -> None:
    """What is left of an identifier without its broken character is not asked for: nothing is guessed."""
    desk, person = await registry.desk(sender), email()
    await registry.enter(desk, person)
    whole, broken = f'"{person["value"]}"', r'"\u0000' + person["value"] + '"'
    found = await ask(
        registry, sender, ", ".join(f'{{"type": "email", "value": {one}}}' for one in (whole, broken))
    )
    assert [one["code"] for one in found["results"]] == ["DNC_INTERNAL", "INPUT_INVALID"]


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("legal_basis_ref", 422, "VALIDATION"),
        ("service_id", 422, "VALIDATION"),
        ("region", 422, "VALIDATION"),
    ],
)
@pytest.mark.parametrize("broken", BROKEN)
async def test_a_broken_character_beside_the_identifiers_refuses_the_whole(
    registry: Driver, sender: Party, name: str, status: int, code: str, broken: str
) -> None:
    found = await ask(registry, sender, f'"{PHONE}"', **{name: f"SE{broken}"})
    assert (found["status_code"], found["code"]) == (status, code)
    assert found["errors"][0]["pointer"] == f"/{name}"


@pytest.mark.parametrize("name", ["channel", "purpose"])
async def test_a_channel_or_purpose_with_a_broken_character_is_an_unknown_one(
    registry: Driver, sender: Party, name: str
) -> None:
    for broken in BROKEN:
        body = f'{{"controller_id": "{sender.id}", "{name}": "sms{broken}", "identifiers": ["{PHONE}"]}}'
        headers = {**sender.headers, "Content-Type": "application/json"}
        answer = await registry.client.post("/v1/lookups", content=body.encode(), headers=headers)
        assert answer.json()["results"][0]["code"] == "INPUT_INVALID"


async def test_what_is_written_still_refuses_a_broken_character_whole(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    for broken in BROKEN:
        body = f'{{"kind": "dnc", "identifier": {{"type": "customer_ref", "value": "K{broken}"}}}}'
        headers = {**desk.headers, "Content-Type": "application/json"}
        answer = await registry.client.post("/v1/entries", content=body.encode(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "MALFORMED_JSON")
