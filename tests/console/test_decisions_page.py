"""A question about the past, asked by a form for a stated purpose, and answered with its doubts."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from typing import Any
from uuid import UUID

import pytest

from app.console.words import LANGUAGES, word
from app.crypto.keys import KeyRing
from app.storage.database import Database
from app.usecases.sequence_events import Sequencer
from tests.console.browsing import Browser
from tests.console.conftest import World
from tests.registry_driver import PHONE, Driver

NUMBER = "070-174 06 05"


def asked(world: World, at: datetime, /, **fields: str) -> dict[str, str]:
    """The form, filled in about the person who objected."""
    about = {"controller": world.controller.id, "channel": "sms", "about": "marketing", "at": at.isoformat()}
    person = {"type": "phone", "value": NUMBER, "region": "SE", "purpose": "Complaint 21"}
    return about | person | {"as_of": "", "known_at": ""} | fields


async def answered(who: Browser, sent: dict[str, str]) -> Any:
    await who.get("/decisions")
    return await who.post("/decisions/answered", sent)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_would_have_been_answered_is_told_in_every_language(
    auditor: Browser, world: World, database: Database, ring: KeyRing, language: str
) -> None:
    while await Sequencer(database, ring.journal_key).round():
        pass
    auditor.language = language
    blocked = await answered(auditor, asked(world, datetime.now(UTC)))
    assert blocked.status_code == 200, blocked.text
    assert f"{word(language, 'said.block')} · <code>OBJ_DM</code>" in blocked.text
    allowed = await answered(auditor, asked(world, datetime.now(UTC), about="emergency"))
    assert f"{word(language, 'said.allow')} · <code>EMERGENCY</code>" in allowed.text
    assert word(language, "decisions.certain") in allowed.text
    assert PHONE not in blocked.text + allowed.text
    assert NUMBER not in blocked.text + allowed.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_codes_are_told_with_what_they_mean(auditor: Browser, world: World, language: str) -> None:
    auditor.language = language
    page = (await answered(auditor, asked(world, datetime.now(UTC)))).text
    meant = escape(word(language, "decision.OBJ_DM"), quote=False)
    assert page.count(f"<code>OBJ_DM</code> {meant}</li>") == 1
    assert f'<code>OBJ_DM</code> <span class="meaning">{meant}</span>' in page
    call = {"channel": "voice_live", "value": "070-174 06 99"}
    page = (await answered(auditor, asked(world, datetime.now(UTC), **call))).text
    duty = escape(word(language, "obligation.CHECK_REGISTER", register="NIX-Telefon"), quote=False)
    assert f"<code>CHECK_REGISTER:nix_phone</code> {duty}" in page


@dataclass(frozen=True)
class Objector:
    """Somebody of whom the registry knows an identifier of a type, as a form names them and another one."""

    identifier: Any
    written: dict[str, str]
    another: dict[str, str]


ADDRESS = {"name": "Anna Test", "street": "Storgatan 1 A", "postal_code": "123 45", "city": "Ingenstad"}
OBJECTORS = [
    Objector(
        {"type": "postal_address", "value": {**ADDRESS, "country": "SE"}},
        {"address_name": "Test, Anna", "address_street": "Storgatan 1A", "address_postal_code": "SE-123 45"},
        {"address_name": "Test, Anna", "address_street": "Storgatan 2", "address_postal_code": "123 45"},
    ),
    Objector(
        {"type": "postal_address", "value": {**ADDRESS, "country": "DE"}},
        {f"address_{name}": text for name, text in {**ADDRESS, "country": "de"}.items()},
        {f"address_{name}": text for name, text in {**ADDRESS, "country": "no"}.items()},
    ),
    Objector(
        {"type": "email", "value": "anna.t@example.com"},
        {"value": "Anna.T@example.com"},
        {"value": "b@example.com"},
    ),
    Objector({"type": "customer_ref", "value": "K-77"}, {"value": "K-77"}, {"value": "K-78"}),
    Objector(
        {"type": "personal_number", "value": "19640823-3234"},
        {"value": "640823-3234"},
        {"value": "20000229-2399"},
    ),
    Objector(
        {"type": "phone", "value": "+46701740655"},
        {"value": sha256(b"+46701740655").hexdigest().upper()},
        {"value": sha256(b"+46701740656").hexdigest()},
    ),
]


@pytest.mark.parametrize("objector", OBJECTORS, ids=lambda one: str(one.identifier["type"]))
async def test_a_recipient_is_named_in_every_way_that_a_lookup_takes(
    auditor: Browser, registry: Driver, objector: Objector
) -> None:
    desk = await registry.controller("customer_service")
    answer = await registry.enter(desk, objector.identifier, "dnc", channels=["sms"])
    assert answer.status_code == 201, answer.text
    kind = objector.identifier["type"]
    about = {
        "controller": desk.id,
        "channel": "sms",
        "about": "marketing",
        "at": datetime.now(UTC).isoformat(),
    }
    for written, code in ((objector.written, "DNC_INTERNAL"), (objector.another, "NO_OBJECTION_FOUND")):
        sent = {**about, "type": kind, "region": "SE", "purpose": "Complaint 22", **written}
        page = await answered(auditor, sent)
        assert f"<code>{code}</code>" in page.text, page.text
        assert [text for text in written.values() if f'value="{text}"' in page.text] == []


@pytest.mark.parametrize("fields", [{}, {"address_name": "Anna Test"}, {"address_country": "Sweden"}])
async def test_half_an_address_is_told_beside_the_form(
    auditor: Browser, world: World, fields: dict[str, str]
) -> None:
    page = await answered(auditor, asked(world, datetime.now(UTC), type="postal_address", **fields))
    assert page.status_code == 422
    assert word("en", "decisions.failed_identifier") in page.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_cannot_be_known_is_said_with_its_doubt(
    auditor: Browser, world: World, language: str
) -> None:
    auditor.language = language
    page = await answered(auditor, asked(world, datetime(2020, 1, 1, tzinfo=UTC)))
    assert word(language, "said.unknown") in page.text
    assert word(language, "doubt.CONTROLLER_NOT_REGISTERED") in page.text
    assert word(language, "decisions.no_answer") in page.text


async def test_two_moments_are_asked_apart(auditor: Browser, world: World) -> None:
    long_ago = "2020-01-01 00:00"
    page = await answered(auditor, asked(world, datetime.now(UTC), known_at=long_ago))
    assert "2020-01-01 00:00:00" in page.text
    assert "The controller was not registered then" in page.text
    assert f'value="{long_ago}"' in page.text


async def test_the_question_is_journalled_with_its_purpose_and_nothing_of_the_person(
    auditor: Browser, world: World, behind: Any
) -> None:
    count = (
        "SELECT count(*) FROM registry.event e JOIN vault.sealed s ON s.id = e.id AND s.kind = 'purpose' "
        "WHERE e.kind = 'decision.audited' AND e.object_id = $1"
    )
    controller = UUID(world.controller.id)
    before = await behind.fetchval(count, controller)
    missing = await answered(auditor, asked(world, datetime.now(UTC), purpose=" "))
    assert missing.status_code == 422
    assert await behind.fetchval(count, controller) == before
    await answered(auditor, asked(world, datetime.now(UTC)))
    assert await behind.fetchval(count, controller) == before + 1
    said = "SELECT detail::text FROM registry.event WHERE kind = 'decision.audited'"
    assert [row[0] for row in await behind.fetch(said) if "701740605" in row[0]] == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"value": "<b>12"}, "identifier"),
        ({"value": ""}, "identifier"),
        ({"type": "name"}, "identifier"),
        ({"region": "XX"}, "identifier"),
        ({"controller": "Nordfiber"}, "controller"),
        ({"controller": "00000000-0000-7000-8000-000000000000"}, "controller"),
        ({"at": "yesterday"}, "time"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "time"),
        ({"known_at": "2099-01-01"}, "time"),
        ({"as_of": "12"}, "position"),
    ],
)
async def test_what_cannot_be_asked_is_told_beside_the_form(
    auditor: Browser, world: World, fields: dict[str, str], told: str
) -> None:
    page = await answered(auditor, asked(world, datetime.now(UTC), **fields))
    assert page.status_code == 422
    assert word("en", f"decisions.failed_{told}") in page.text
    assert "<b>12" not in page.text
    assert 'aria-invalid="true"' in page.text
