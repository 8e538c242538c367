"""What an identifier tells of a country, what names an office, and when any of that is looked at."""

import pytest

from app.domain.channels import CHANNELS
from app.domain.places import (
    ELSEWHERE,
    NOWHERE,
    Place,
    calling_country,
    mail_country,
    of_an_office,
    stated_country,
)
from app.domain.purposes import PURPOSES
from app.domain.rules_countries import OFFICES, PRODUCTS, UNBANNED, place_matters
from tests.domain.recipients import ask


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+4740123456", "NO"),
        ("+4779000000", "NO"),
        ("+4520123456", "DK"),
        ("+46701740605", "SE"),
        ("+441414960000", ELSEWHERE),
        ("+298200000", ELSEWHERE),
        ("+14155550100", ELSEWHERE),
    ],
)
def test_a_number_tells_its_country(number: str, country: str) -> None:
    assert calling_country(number) == country


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("anna@example.se", "SE"),
        ("anna@mail.example.no", "NO"),
        ("anna@example.dk", "DK"),
        ("anna@example.fi", ELSEWHERE),
        ("anna@example.com", None),
        ("anna@example.nu", None),
        ("anna@example.eu", None),
        ("a.se@example.com", None),
        ("a.se@example.info", None),
    ],
)
def test_an_address_tells_a_country_by_the_end_of_its_domain_alone(address: str, country: str | None) -> None:
    assert mail_country(address) == country


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ("SE", "SE"),
        (" no ", "NO"),
        ("Norway", None),
        ("N", None),
        ("", None),
        (None, None),
        (47, None),
        ("4 7", None),
    ],
)
def test_a_region_counts_if_it_reads_as_a_country(said: object, country: str | None) -> None:
    assert stated_country(said) == country


@pytest.mark.parametrize("local", ["info", "kontakt", "kundservice", "postmottak", "faktura", "jobs"])
def test_a_role_names_an_office(local: str) -> None:
    assert of_an_office(f"{local}@example.se")
    assert not of_an_office(f"{local}.anna@example.se")
    assert not of_an_office(f"{local}+anna@example.se")
    assert not of_an_office(f"anna@{local}.se")


def test_a_persons_name_names_no_office() -> None:
    assert not of_an_office("anna.test@example.com")
    assert not of_an_office("@example.com")


def test_nowhere_is_no_country_and_no_office() -> None:
    assert Place() == NOWHERE
    assert (NOWHERE.countries, NOWHERE.office) == (frozenset(), False)


DM = {"marketing", "fundraising", "winback", "repermission"}


@pytest.mark.parametrize("channel", sorted(CHANNELS))
@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_a_place_is_looked_at_for_calls_and_for_mail_to_companies(channel: str, purpose: str) -> None:
    called = channel == "voice_live"
    assert place_matters(ask(purpose, channel)) is (called and purpose in DM)
    assert place_matters(ask(purpose, channel, promo=True)) is called
    to_companies = called or channel == "email"
    assert place_matters(ask(purpose, channel, legal_person=True)) is (to_companies and purpose in DM)


def test_no_place_is_looked_at_for_a_question_that_nobody_can_read() -> None:
    for channel, purpose in (
        (None, "marketing"),
        ("voice_live", None),
        ("pigeon", "winback"),
        ("voice_live", "x"),
    ):
        assert not place_matters(ask(purpose, channel, promo=True, legal_person=True))


def test_the_words_of_an_offer_are_permanent() -> None:
    assert PRODUCTS == ("books", "newspaper_subscription", "insurance", "rescue", "other")
    assert {"books", "newspaper_subscription", "insurance", "rescue"} == UNBANNED
    assert {"SE", "NO"} == OFFICES
