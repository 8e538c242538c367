"""What the change feed tells of consents that are found under another spelling than their own."""

from hashlib import sha256

import pytest

from tests.api.following import here, objects, rest
from tests.registry_driver import Driver, Json, Party, email


@pytest.fixture
async def desk(registry: Driver) -> Party:
    return await registry.controller("customer_service")


def tagged(person: Json) -> Json:
    return {**person, "value": person["value"].replace("@", "+shop@")}


def hashed(person: Json) -> Json:
    return {"type": person["type"], "sha256": sha256(person["value"].encode()).hexdigest()}


async def told(registry: Driver, desk: Party, after: str) -> list[tuple[str, str]]:
    """The changes since a position, and of which entry."""
    return [(one["change"], one["entry_id"]) for one in (await rest(registry, desk, after))[0]]


async def test_a_consent_under_a_tagged_address_masks_what_stands_under_the_plain_one(
    registry: Driver, desk: Party
) -> None:
    person = email()
    entry = (await objects(registry, desk, person))["controllers"][0]["entry_ids"][0]
    await masked_and_unmasked(registry, desk, person, tagged(person), entry)


async def test_a_consent_by_value_masks_an_entry_that_is_known_by_its_hash(
    registry: Driver, desk: Party
) -> None:
    person = email()
    entry = (await registry.enter(desk, hashed(person))).json()["id"]
    await masked_and_unmasked(registry, desk, person, person, entry)
    await masked_and_unmasked(registry, desk, hashed(person), person, entry)


async def test_what_is_found_under_several_spellings_is_told_once(registry: Driver, desk: Party) -> None:
    person = tagged(email())
    entry = (await objects(registry, desk, person))["controllers"][0]["entry_ids"][0]
    await masked_and_unmasked(registry, desk, person, person, entry)


async def masked_and_unmasked(
    registry: Driver, desk: Party, asked: Json, consenting: Json, entry: str
) -> None:
    """As the lookup turns to allow and back, the feed says so."""
    start = await here(registry, desk)
    consent = await registry.consent(desk, consenting)
    assert (await registry.code(desk, asked))[0] == "allow"
    assert await told(registry, desk, start) == [("masked", entry)]
    later = await here(registry, desk)
    await registry.post(f"/v1/consents/{consent['id']}/withdraw", {}, desk)
    assert (await registry.code(desk, asked))[0] == "block"
    assert await told(registry, desk, later) == [("unmasked", entry)]
