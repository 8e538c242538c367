"""Whom an objection is for: any spelling, a hash in place of the value, and what cannot be read."""

from collections.abc import AsyncIterator
from hashlib import sha256
from secrets import token_hex
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from tests.conftest import Clone
from tests.registry_driver import ANNA, PHONE, Driver, Json, Party, served

OBJECTED = ("block", "OBJ_DM")
CLEAR = ("allow", "NO_OBJECTION_FOUND")

UNREADABLE = {"type": "phone", "value": "abc", "region": "SE"}
SOMEBODY_ELSE = {"type": "personal_number", "value": "200002292399"}


@pytest.fixture
async def fresh(clone: Clone, ring: KeyRing) -> AsyncIterator[Driver]:
    """A registry in which nothing was ever posted."""
    async with served(await clone(), ring) as driver:
        yield driver


def hashed(kind: str, canonical: str) -> Json:
    return {"type": kind, "sha256": sha256(canonical.encode()).hexdigest()}


async def test_one_that_cannot_be_read_does_not_hold_up_the_others(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    good = {"type": "phone", "value": "070-174 06 05", "region": "SE"}
    made = await registry.objection(agent, mandate, [sender.id], identifiers=[UNREADABLE, good])
    first, second = made["identifiers"]
    assert (first["index"], first["accepted"], first["canonical"], first["control"]) == (0, False, None, None)
    assert first["reason"] == "LETTERS"
    assert (second["index"], second["accepted"], second["canonical"]) == (1, True, PHONE)
    assert len(made["controllers"][0]["entry_ids"]) == 1
    assert await registry.code(sender) == OBJECTED


@pytest.mark.parametrize(
    "given",
    [
        UNREADABLE,
        {"type": "phone", "value": "070-174 06 05"},
        {"type": "email", "value": "anna"},
        {"type": "personal_number", "value": "199001012386"},
        {"type": "personal_number", "value": "9001012385"},
        {"type": "phone"},
        {"type": "phone", "value": PHONE, "sha256": "0" * 64},
        {"type": "customer_ref", "sha256": "0" * 64},
    ],
)
async def test_nothing_is_received_when_nothing_can_be_read(
    registry: Driver, agent: Party, mandate: Json, sender: Party, given: Json
) -> None:
    answer = await registry.object_to(agent, mandate, [sender.id], identifiers=[given, UNREADABLE])
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_IDENTIFIER")
    assert str(given.get("value")) not in answer.text


@pytest.mark.parametrize("given", [SOMEBODY_ELSE, hashed("personal_number", SOMEBODY_ELSE["value"])])
async def test_a_personal_number_that_is_not_the_grantors_is_somebody_else(
    registry: Driver, agent: Party, mandate: Json, sender: Party, given: Json
) -> None:
    phone = {"type": "phone", "value": PHONE}
    answer = await registry.object_to(agent, mandate, [sender.id], identifiers=[phone, given])
    assert (answer.status_code, answer.json()["code"]) == (403, "IDENTIFIER_NOT_GRANTOR")
    assert await registry.code(sender) == CLEAR


async def test_control_of_a_number_is_shown_by_the_mandate_or_unproven_and_both_block(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    unproven = {"type": "phone", "value": "+46701740607"}
    given = [{"type": "phone", "value": PHONE}, unproven, hashed("phone", PHONE)]
    made = await registry.objection(agent, mandate, [sender.id], identifiers=given)
    assert [one["control"] for one in made["identifiers"]] == ["shown", "unproven", "shown"]
    assert await registry.code(sender, "+46701740607") == OBJECTED


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("199001012385", {"value": "900101-2385", "region": "SE"}),
        ("199001012385", {"value": "9001012385", "region": "SE"}),
        ("19900101-2385", {"value": "199001012385"}),
        ("199001012385", {"sha256": sha256(b"199001012385").hexdigest()}),
    ],
)
async def test_a_personal_number_is_the_same_in_ten_and_in_twelve_digits(
    registry: Driver, agent: Party, mandate: Json, sender: Party, written: str, asked: Json
) -> None:
    given = [{"type": "personal_number", "value": written}]
    made = await registry.objection(agent, mandate, [sender.id], identifiers=given)
    assert made["identifiers"][0]["control"] == "shown"
    question = {"type": "personal_number", **asked}
    assert await registry.code(sender, question, channel="post_addressed") == OBJECTED


async def test_ten_digits_are_the_grantors_number_too(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    given = [{"type": "personal_number", "value": "900101-2385", "region": "SE"}]
    made = await registry.objection(agent, mandate, [sender.id], identifiers=given)
    assert made["identifiers"][0]["canonical"] == ANNA["value"]


@pytest.mark.parametrize(
    ("written", "asked"),
    [("{0}@example.com", "{0}+offers@example.com"), ("{0}+shop@example.com", "{0}@example.com")],
)
async def test_a_tag_after_the_plus_is_the_same_mailbox(
    registry: Driver, agent: Party, mandate: Json, sender: Party, written: str, asked: str
) -> None:
    name = f"p{token_hex(6)}"
    given = [{"type": "email", "value": written.format(name)}]
    await registry.objection(agent, mandate, [sender.id], identifiers=given)
    assert await registry.code(sender, asked.format(name), channel="email") == OBJECTED
    by_hash = hashed("email", f"{name}@example.com")
    assert await registry.code(sender, by_hash, channel="email") == OBJECTED


@pytest.mark.parametrize(
    ("kind", "canonical"),
    [("phone", "+46701740608"), ("email", "hash.test@example.com"), ("personal_number", ANNA["value"])],
)
async def test_a_hash_is_found_by_the_value_and_a_value_by_the_hash(
    registry: Driver, agent: Party, mandate: Json, kind: str, canonical: str
) -> None:
    by_value, by_hash = await registry.controller(), await registry.controller()
    value, hash_ = {"type": kind, "value": canonical}, hashed(kind, canonical)
    await registry.objection(agent, mandate, [by_value.id], identifiers=[value])
    made = await registry.objection(agent, mandate, [by_hash.id], identifiers=[hash_])
    assert made["identifiers"][0]["canonical"] is None
    for sender in (by_value, by_hash):
        for asked in (value, hash_, {**hash_, "sha256": hash_["sha256"].upper()}):
            assert await registry.code(sender, asked) == OBJECTED


@pytest.mark.parametrize("everywhere", [False, True])
async def test_an_address_known_by_its_hash_alone_is_found_by_its_value_from_the_first_one_on(
    fresh: Driver, *, everywhere: bool
) -> None:
    """In a registry that holds no other hash."""
    agent, sender = await fresh.agent(), await fresh.controller()
    address = "only.hash@example.com"
    assert await fresh.code(sender, address, channel="email") == CLEAR
    reached: Any = "all" if everywhere else [sender.id]
    given = [hashed("email", address)]
    await fresh.objection(agent, await fresh.mandate(agent), reached, identifiers=given)
    assert await fresh.code(sender, address, channel="email") == OBJECTED
    assert await fresh.code(sender, "Only.Hash+tag@Example.com", channel="email") == OBJECTED
    assert await fresh.code(sender, "another@example.com", channel="email") == CLEAR


async def test_a_customer_reference_means_something_to_one_controller_only(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    reference = {"type": "customer_ref", "value": f"K-{token_hex(4)}"}
    await registry.objection(agent, mandate, [sender.id], identifiers=[reference])
    other = await registry.controller()
    assert await registry.code(sender, reference) == OBJECTED
    assert await registry.code(other, reference) == CLEAR
    answer = await registry.object_to(agent, mandate, "all", identifiers=[reference])
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_IDENTIFIER")


async def test_the_same_number_twice_is_no_other_will(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    spellings = [
        {"type": "phone", "value": "070-174 06 05", "region": "SE"},
        {"type": "phone", "value": PHONE},
    ]
    twice = await registry.objection(agent, mandate, [sender.id], identifiers=spellings)
    once = await registry.object_to(agent, mandate, [sender.id], identifiers=spellings[:1])
    assert (once.status_code, once.json()["duplicate_of"]) == (200, twice["id"])


async def test_a_possible_number_is_accepted_even_if_it_is_known_not_to_be_in_use(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    """A wrong rejection loses a right."""
    given = [{"type": "phone", "value": "071-900 00 00", "region": "SE"}]
    made = await registry.objection(agent, mandate, [sender.id], identifiers=given)
    assert made["identifiers"][0]["warnings"] == ["POSSIBLE_NOT_VALID"]
    assert await registry.code(sender, "+46719000000") == OBJECTED


# 08-20 85 00 of Stockholm: no series of fiction is as short, so the digits are plainly invented.
SHORT = "+468208500"


@pytest.mark.parametrize("many", [1, 60], ids=["alone", "among_many"])
async def test_digits_without_their_plus_never_get_past_an_objection_to_the_number(
    registry: Driver, agent: Party, mandate: Json, sender: Party, many: int
) -> None:
    """However many are asked about with it: many are read at once, few one by one."""
    given = [{"type": "phone", "value": SHORT}]
    await registry.objection(agent, mandate, [sender.id], identifiers=given)
    others = ["070-174 06 06"] * (many - 1)
    for written in (SHORT, "08-208 500", "00468208500", "+46 (0)8 208 500", "468208500", "46 8 208 500"):
        asked = await registry.look_up(sender, written, *others, region="SE", channel="voice_live")
        decision, reason = ("block", "INPUT_INVALID") if written.startswith("46") else OBJECTED
        first = asked["results"][0]
        assert (first["decision"], first["code"]) == (decision, reason), written


async def test_an_objection_in_digits_that_could_be_two_numbers_is_refused_rather_than_lost(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    """Written with a plus it is received, and found."""
    german = "4915123456789"
    given = [{"type": "phone", "value": german, "region": "DE"}, {"type": "phone", "value": PHONE}]
    made = await registry.objection(agent, mandate, [sender.id], identifiers=given)
    first, _ = made["identifiers"]
    assert (first["accepted"], first["reason"]) == (False, "AMBIGUOUS_REGION")
    given = [{"type": "phone", "value": f"+{german}", "region": "DE"}]
    await registry.objection(agent, mandate, [sender.id], identifiers=given)
    for written in (german, "015123456789", f"+{german}"):
        asked = await registry.look_up(sender, written, region="DE")
        assert asked["results"][0]["decision"] == "block"
