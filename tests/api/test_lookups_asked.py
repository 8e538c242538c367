"""What a lookup is asked with: bare strings, unreadable items, bad questions. Doubt is never allow."""

from typing import Any

import pytest

from app.domain.channels import CHANNELS
from tests.registry_driver import Driver, Json, email, question

PHONE = "+46701740662"
UNREADABLE: list[Any] = [
    None,
    True,
    7,
    46701740662,
    1.5,
    "",
    " ",
    "abc",
    "+",
    "112",
    "070-174 06 62, 070-174 06 63",
    PHONE * 100,
    {},
    [],
    [PHONE],
    {"value": PHONE},
    {"type": "phone"},
    {"type": "phone", "value": None},
    {"type": "phone", "value": 46701740662},
    {"type": "phone", "value": [PHONE]},
    {"type": "phone", "value": {"name": PHONE}},
    {"type": "phone", "value": PHONE, "sha256": "0" * 64},
    {"type": "phone", "sha256": "0" * 63},
    {"type": "phone", "sha256": 0},
    {"type": "phone", "value": PHONE, "region": 46},
    {"type": "phone", "value": PHONE, "country": "SE"},
    {"type": "Phone", "value": PHONE},
    {"type": "pigeon", "value": PHONE},
    {"type": ["phone"], "value": PHONE},
    {"type": None, "value": PHONE},
    {"type": "email", "value": "anna@"},
    {"type": "personal_number", "value": "199001012386"},
    {"type": "postal_address", "value": "Provgatan 1"},
    {"type": "postal_address", "value": [1]},
    {"type": "postal_address", "value": 1},
    {"type": "postal_address", "value": {"name": 1, "street": 2, "postal_code": 3}},
    {"type": "postal_address", "value": {"name": {"name": "Anna"}}},
    {"type": "postal_address", "sha256": "0" * 64},
    {"type": "customer_ref", "value": ""},
    {"all": []},
    {"all": None},
    {"all": PHONE},
    {"all": {"type": "phone", "value": PHONE}},
    {"all": [PHONE]},
    {"all": [None]},
    {"all": [{"all": [{"type": "phone", "value": PHONE}]}]},
    {"all": [{"type": "phone", "value": PHONE}, {"type": "phone", "value": "abc"}]},
    {"all": [{"type": "customer_ref", "value": str(n)} for n in range(17)]},
    {"all": [{"type": "phone", "value": PHONE}], "type": "phone"},
]


async def codes(registry: Driver, *items: Any, **fields: Any) -> list[str]:
    sender = await registry.controller()
    return [one["code"] for one in (await registry.look_up(sender, *items, **fields))["results"]]


async def test_what_cannot_be_read_is_blocked_for_itself_and_the_batch_goes_on(registry: Driver) -> None:
    items = [each for one in UNREADABLE for each in (one, PHONE)]
    found = await codes(registry, *items)
    assert found[1::2] == ["NO_OBJECTION_FOUND"] * len(UNREADABLE)
    read = [one for one, code in zip(UNREADABLE, found[::2], strict=True) if code != "INPUT_INVALID"]
    assert read == []


@pytest.mark.parametrize("item", UNREADABLE[:12])
async def test_an_unreadable_item_is_blocked_in_an_emergency_too(registry: Driver, item: Any) -> None:
    assert await codes(registry, item, purpose="emergency") == ["INPUT_INVALID"]


@pytest.mark.parametrize("channel", sorted(CHANNELS))
async def test_a_bare_string_is_read_by_its_channel_or_not_at_all(registry: Driver, channel: str) -> None:
    found = await codes(registry, "anna.test@example.com", PHONE, channel=channel)
    phone = channel in {"sms", "mms", "voice_auto", "fax", "voice_live"}
    assert [code != "INPUT_INVALID" for code in found] == [channel == "email", phone]


async def test_an_object_is_read_in_every_channel(registry: Driver) -> None:
    sender = await registry.controller()
    for channel in CHANNELS:
        assert (await registry.code(sender, email(), channel=channel))[0] == "allow"


async def test_a_national_number_needs_a_region_of_its_own_or_of_the_request(registry: Driver) -> None:
    national, own = "070-174 06 62", {"type": "phone", "value": "070-174 06 62", "region": "SE"}
    assert await codes(registry, national, own, PHONE, region=None) == [
        "INPUT_INVALID",
        "NO_OBJECTION_FOUND",
        "NO_OBJECTION_FOUND",
    ]
    assert await codes(registry, national, region="se") == ["NO_OBJECTION_FOUND"]


async def test_a_ten_digit_personal_number_could_be_somebody_elses_without_a_region(registry: Driver) -> None:
    item = {"type": "personal_number", "value": "900101-2385"}
    assert await codes(registry, item, region=None) == ["INPUT_INVALID"]
    assert await codes(registry, item) == ["NO_OBJECTION_FOUND"]


BAD: list[Json] = [
    {"channel": "pigeon"},
    {"channel": None},
    {"channel": "SMS"},
    {"purpose": "greeting"},
    {"purpose": None},
    {"purpose": "direct_marketing"},
    {"purpose": "legal_notice"},
    {"purpose": "legal_notice", "legal_basis_ref": None},
]


@pytest.mark.parametrize("fields", BAD)
@pytest.mark.parametrize("view", ["full", "compact"])
async def test_a_question_that_nobody_understands_blocks_every_item(
    registry: Driver, fields: Json, view: str
) -> None:
    """With 200: the sender learns which question, and its other batches go on."""
    desk, person = await registry.controller("customer_service"), email()
    await registry.enter(desk, person)
    found = await registry.look_up(desk, email(), person, "abc", view=view, **fields)
    assert found["counts"] == {"asked": 3, "allow": 0, "block": 3, "invalid": 3}
    answers = found["blocked" if view == "compact" else "results"]
    assert [one["code"] for one in answers] == ["INPUT_INVALID"] * 3
    assert found.get("allow_code") is None


async def test_a_left_out_channel_or_purpose_blocks_as_well(registry: Driver) -> None:
    sender = await registry.controller()
    for left_out in ("channel", "purpose"):
        body = {"controller_id": sender.id, "channel": "sms", "purpose": "service", "identifiers": [email()]}
        del body[left_out]
        answer = (await registry.post("/v1/lookups", body, sender)).json()
        assert answer["results"][0]["code"] == "INPUT_INVALID"


async def test_a_legal_notice_names_its_law(registry: Driver) -> None:
    found = await codes(registry, email(), purpose="legal_notice", legal_basis_ref="1 kap. 2 §")
    assert found == ["LEGAL_NOTICE"]


@pytest.mark.parametrize(
    "fields",
    [
        {"promo": "true"},
        {"promo": 1},
        {"view": "short"},
        {"receipt": "yes"},
        {"source": {}},
        {"source": {"kind": "stolen"}},
        {"source": {"id": "KX"}},
        {"source": "KX"},
        {"dispatch_at": "tomorrow"},
        {"dispatch_at": "2026-11-21T12:00:00"},
        {"region": "Sweden"},
        {"service_id": ""},
        {"legal_basis_ref": ""},
        {"identifiers": None},
        {"identifiers": PHONE},
        {"identifiers": {"0": PHONE}},
        {"controller_id": "NF"},
        {"controller_id": None},
        {"chanel": "sms"},
    ],
)
async def test_a_request_outside_the_contract_is_refused_whole(registry: Driver, fields: Json) -> None:
    sender = await registry.controller()
    answer = await registry.post("/v1/lookups", question(sender.id, PHONE) | fields, sender)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert PHONE not in answer.text
    assert "results" not in answer.json()
