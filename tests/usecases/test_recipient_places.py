"""Where recipients are, as far as what is asked tells."""

from datetime import date
from typing import Any

import pytest

from app.domain.facts import Question
from app.usecases.asked_identifiers import read_asked
from app.usecases.recipient_places import places_of

NORWEGIAN, DANISH, SWEDISH, GERMAN = "+4740123456", "+4520123456", "+46701740605", "+493023125001"
HASH = {"type": "phone", "sha256": "ab" * 32}
CALL = Question("voice_live", "marketing")
TO_COMPANIES = Question("email", "marketing", legal_person=True)
LETTER = {"name": "Anna Test", "street": "Gata 1", "postal_code": "0150", "city": "Oslo", "country": "NO"}


def phone(value: str, **fields: Any) -> dict[str, Any]:
    return {"type": "phone", "value": value, **fields}


def email(value: str) -> dict[str, Any]:
    return {"type": "email", "value": value}


def places(*items: Any, question: Question = CALL, region: str | None = None) -> Any:
    asked = read_asked(items, question.channel, region, date(2026, 11, 23))
    return places_of(question, asked, items, region)


def countries(*items: Any, region: str | None = None) -> list[str]:
    found = places(*items, region=region)
    return [" ".join(sorted(found.of(index).countries)) for index in range(len(items))]


def offices(*items: Any, question: Question = TO_COMPANIES) -> list[bool]:
    found = places(*items, question=question)
    return [found.of(index).office for index in range(len(items))]


def test_a_number_tells_its_country_by_its_code() -> None:
    assert countries(NORWEGIAN, DANISH, SWEDISH, GERMAN, "+4791234567") == ["NO", "DK", "SE", "ZZ", "NO"]


def test_a_national_number_tells_the_country_in_which_it_was_read() -> None:
    assert countries("401 23 456", NORWEGIAN, region="NO") == ["NO", "NO"]
    assert countries(phone("070-174 06 05", region="SE"), NORWEGIAN) == ["SE", "NO"]


def test_numbers_of_which_none_is_norwegian_or_danish_have_one_place_and_no_other() -> None:
    found = places(SWEDISH, GERMAN, phone(SWEDISH), "nonsense")
    assert (found.usual.countries, dict(found.special)) == (frozenset({"ZZ"}), {})


def test_one_norwegian_among_many_is_the_only_one_elsewhere() -> None:
    found = places(SWEDISH, SWEDISH, NORWEGIAN, SWEDISH)
    assert dict(found.special) == {2: found.of(2)}
    assert found.usual.countries == {"SE"}


def test_several_identifiers_tell_several_countries() -> None:
    assert countries({"all": [phone(SWEDISH), phone(NORWEGIAN)]}) == ["NO SE"]
    assert countries({"all": [phone(SWEDISH), HASH]}) == ["SE"]
    assert countries({"all": [phone(SWEDISH), {**HASH, "region": "NO"}]}) == ["NO SE"]


def test_an_address_tells_its_country() -> None:
    assert countries({"type": "postal_address", "value": LETTER}) == ["NO"]


def test_a_mail_tells_a_country_only_by_a_name_of_one() -> None:
    addresses = [
        "a@example.no",
        "a@example.se",
        "a@example.dk",
        "a@example.de",
        "a@example.com",
        "a@example.nu",
    ]
    assert countries(*map(email, addresses)) == ["NO", "SE", "DK", "ZZ", "", ""]


@pytest.mark.parametrize("silent", [HASH, {"type": "customer_ref", "value": "K-1"}, email("a@example.com")])
def test_what_cannot_tell_is_where_the_sender_says(silent: dict[str, Any]) -> None:
    assert countries(silent) == [""]
    assert countries(silent, region="NO") == ["NO"]
    assert countries({**silent, "region": "dk"}, silent, region="NO") == ["DK", "NO"]
    assert countries({"all": [silent, {**silent, "region": "NO"}]}) == ["NO"]


def test_what_does_not_read_as_a_country_is_none() -> None:
    assert countries({**HASH, "region": "Norway"}) == [""]
    assert countries({**HASH, "region": ""}) == [""]


def test_the_region_of_a_request_does_not_move_a_number() -> None:
    assert countries(NORWEGIAN, phone(DANISH, region="SE"), region="SE") == ["NO", "DK"]


def test_hashes_alone_have_one_place() -> None:
    found = places(*[HASH] * 9, region="NO")
    assert (found.usual.countries, dict(found.special)) == (frozenset({"NO"}), {})


def test_an_office_is_known_by_its_name_and_has_no_person_beside_it() -> None:
    assert offices("info@example.se", "Kontakt@Example.no", "anna@example.se") == [True, True, False]
    assert offices("info+anna@example.se", "information.anna@example.se") == [False, False]
    beside = [phone(SWEDISH), {"type": "customer_ref", "value": "K-1"}]
    assert offices({"all": [email("info@example.se"), *beside]}) == [True]
    persons = [
        email("anna@example.se"),
        {"type": "personal_number", "value": "199001012385"},
        {"type": "email", "sha256": "cd" * 32},
        {"type": "personal_number", "sha256": "cd" * 32},
    ]
    assert offices(*({"all": [email("info@example.se"), one]} for one in persons)) == [False] * 4
    assert offices(phone(SWEDISH)) == [False]


def test_nothing_is_read_where_no_rule_looks() -> None:
    for question in (
        Question("sms", "marketing", legal_person=True),
        Question("voice_live", "service"),
        Question("voice_live", "political"),
        Question("email", "marketing"),
        Question("post_addressed", "marketing"),
    ):
        assert places(phone(NORWEGIAN), email("info@example.no"), question=question).special == {}
        assert places(phone(NORWEGIAN), question=question).usual.countries == frozenset()


@pytest.mark.parametrize(
    "question", [Question("voice_live", "service", promo=True), Question("voice_live", "winback")]
)
def test_marketing_by_another_name_is_looked_at_too(question: Question) -> None:
    assert places(NORWEGIAN, question=question).of(0).countries == {"NO"}
