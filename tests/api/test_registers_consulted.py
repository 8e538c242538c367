"""Who consults a national register is told who is in it, and nothing when it cannot be asked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from tests.conftest import Clone
from tests.registry_driver import Driver, Party, iso, served

LANDLINE, LISTED, OTHER = "+46846500400", "+46846500477", "+46846500499"
TODAY = datetime.now(UTC)
CALL: dict[str, Any] = {"channel": "voice_live"}
STALE = ("block", "REG_STALE")
HIT = ("block", "REG_HIT:nix_phone")


@pytest.fixture(scope="module")
async def nix(clone: Clone, ring: KeyRing) -> AsyncIterator[Driver]:
    """A registry of its own: a register is the same for everybody who consults it."""
    async with served(await clone(), ring) as driver:
        await imported(driver, 10, LANDLINE, LISTED)
        yield driver


@pytest.fixture(scope="module")
async def caller(nix: Driver) -> Party:
    return await nix.controller(policy={"registers": ["nix_phone"]})


def digest(number: str) -> str:
    return sha256(number.encode()).hexdigest()


async def imported(nix: Driver, days_old: int, *numbers: str) -> None:
    headers = {**(await nix.admin()).headers, "Content-Type": "text/plain"}
    day = (TODAY - timedelta(days=days_old)).date()
    path = f"/v1/registers/nix_phone/imports?version_date={day}"
    answer = await nix.client.post(path, content="\n".join(numbers).encode(), headers=headers)
    assert answer.status_code == 201, answer.text


async def test_a_register_is_asked_only_when_it_can_be(clone: Clone, ring: KeyRing) -> None:
    async with served(await clone(), ring) as fresh:
        await judged_by_age(fresh, await fresh.controller(policy={"registers": ["nix_phone"]}))


async def judged_by_age(nix: Driver, caller: Party) -> None:
    assert await nix.code(caller, OTHER, **CALL) == STALE
    await imported(nix, 70, LANDLINE)
    assert await nix.code(caller, OTHER, **CALL) == STALE
    await imported(nix, 10, LANDLINE)
    assert await nix.code(caller, OTHER, **CALL) == ("allow", "NO_OBJECTION_FOUND")
    assert await nix.code(caller, LANDLINE, **CALL) == HIT
    assert (await nix.code(caller, LANDLINE))[1] == "NO_OBJECTION_FOUND", "a text is no call"
    later = iso(TODAY + timedelta(days=60))
    assert await nix.code(caller, OTHER, **CALL, dispatch_at=later) == STALE


async def test_who_does_not_consult_it_is_told_to_check(nix: Driver, caller: Party) -> None:
    stranger = await nix.controller()
    (result,) = (await nix.look_up(stranger, LANDLINE, **CALL))["results"]
    assert (result["code"], result["obligations"]) == ("NO_OBJECTION_FOUND", ["CHECK_REGISTER:nix_phone"])
    assert await nix.code(caller, LANDLINE, **CALL, purpose="political") == ("allow", "POLITICAL_INFO")


async def test_a_customer_of_the_same_goods_is_called_until_it_says_no(nix: Driver, caller: Party) -> None:
    desk, phone = await nix.desk(caller), {"type": "phone", "value": LANDLINE}
    await nix.relationship(desk, phone)
    same = {**CALL, "offer": {"own_similar": True}}
    assert await nix.code(caller, LANDLINE, **same) == ("allow", "REG_CUSTOMER")
    assert await nix.code(caller, LANDLINE, **CALL) == HIT
    await nix.enter(desk, phone)
    assert await nix.code(caller, LANDLINE, **same) == ("block", "DNC_INTERNAL")


async def test_a_recipient_that_a_register_cannot_know_was_not_asked(nix: Driver, caller: Party) -> None:
    hashed = {"type": "phone", "sha256": digest(OTHER)}
    reference = {"type": "customer_ref", "value": "K-1"}
    asked: list[Any] = [OTHER, hashed, reference, {"all": [reference, {"type": "phone", "value": OTHER}]}]
    found = (await nix.look_up(caller, *asked, **CALL))["results"]
    assert [one["code"] for one in found] == [
        "NO_OBJECTION_FOUND",
        "REG_STALE",
        "REG_STALE",
        "NO_OBJECTION_FOUND",
    ]
    beside = {"all": [{"type": "phone", "value": OTHER}, {**hashed, "sha256": digest(LISTED)}]}
    assert await nix.code(caller, beside, **CALL) == STALE
    mirrored = (await nix.look_up(caller, hashed, reference, hashed, OTHER, **CALL))["results"]
    assert [one["code"] for one in mirrored] == ["REG_STALE"] * 3 + ["NO_OBJECTION_FOUND"]


async def test_an_answer_and_its_receipt_name_the_lists_that_were_asked(clone: Clone, ring: KeyRing) -> None:
    async with served(await clone(), ring) as nix:
        caller = await nix.controller(policy={"registers": ["nix_phone", "nix_post"]})
        assert (await nix.look_up(caller, OTHER, **CALL))["registers"] == [], "there is no list yet"
        await imported(nix, 10, LANDLINE)
        (newest,) = (await nix.look_up(caller, OTHER, **CALL))["registers"]
        listed = (await nix.get("/v1/registers", await nix.admin())).json()["items"]
        shown = next(one["newest"] for one in listed if one["code"] == "nix_phone")
        assert newest == {
            "code": "nix_phone",
            "snapshot_id": shown["id"],
            "version_date": shown["version_date"],
        }
        compact = await nix.look_up(caller, LANDLINE, **CALL, view="compact")
        claims = (await nix.post("/v1/receipts/verify", {"receipt": compact["receipt"]})).json()["claims"]
        assert compact["registers"] == claims["registers"] == [newest]
        for asked in ({"channel": "sms"}, {**CALL, "purpose": "service"}, {**CALL, "purpose": "no such"}):
            assert (await nix.look_up(caller, OTHER, **asked))["registers"] == [], asked
        promoting = {**CALL, "purpose": "service", "promo": True}
        assert (await nix.look_up(caller, OTHER, **promoting))["registers"] == [newest]
        stranger = await nix.controller()
        assert (await nix.look_up(stranger, OTHER, **CALL))["registers"] == []


async def test_a_consent_for_another_number_lets_nobody_call_one_that_is_listed(
    nix: Driver, caller: Party
) -> None:
    desk, other = await nix.desk(caller), {"type": "phone", "value": "+46846500488"}
    both = {"all": [{"type": "phone", "value": LISTED}, other]}
    await nix.consent(desk, other, channels=["voice_live"])
    assert await nix.code(caller, other, **CALL) == ("allow", "REG_CONSENT")
    assert await nix.code(caller, both, **CALL) == HIT
