"""Which controllers ask about more people than they have customers, and the base that an admin declares."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.console.words import LANGUAGES, word
from app.domain.novelty import Cause
from app.storage.database import Database
from app.storage.events import Event, record_events
from app.usecases.act import Act
from app.usecases.weigh_novelty import IN_SEQUENCE, note_novelty
from tests.api.fiction import numbers
from tests.console.browsing import Browser
from tests.console.conftest import World
from tests.console.test_acts import POLICY
from tests.registry_driver import Driver, Party


@pytest.fixture(scope="module")
async def curious(registry: Driver, database: Database) -> Party:
    """A controller of a thousand customers that asked about eight thousand people."""
    sender = await registry.controller(name="Nyfiken AB", policy={"customer_base": 1_000})
    for count in (2_000, 3_000):
        assert (await registry.ask(sender, *numbers(count))).status_code == 200
    assert (await registry.ask(sender, *numbers(3_000))).status_code == 429
    await note_novelty(database, datetime.now(UTC))
    return sender


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_is_slowed_is_shown_to_auditors_in_every_language(
    auditor: Browser, world: World, curious: Party, language: str
) -> None:
    auditor.language = language
    told = word(language, "event.lookups_slowed")
    rows = (await auditor.whole("/controllers")).split("<tr>")
    assert [told in row for row in rows if "Nyfiken AB" in row] == [True]
    assert [told in row for row in rows if "Nordfiber AB" in row].count(True) == 0
    page = (await auditor.get(f"/controllers/{curious.id}")).text
    assert told in page
    assert word(language, "cause.novelty") in page
    assert word(language, "controller.asking_text") in page
    assert auditor.forms() == ["/console/sign-out"]
    usual = (await auditor.get(f"/controllers/{world.controller.id}")).text
    assert word(language, "controller.usual") in usual
    assert word(language, "policy.undeclared") in usual


async def test_lookups_in_sequence_are_told_with_their_figures(
    admin: Browser, registry: Driver, database: Database
) -> None:
    sender = await registry.controller()
    act = Act.begin(datetime.now(UTC), None)
    detail = {"cause": Cause.SEQUENCE, "identifiers": 25_000, "allowance": 2_000_000, "customer_base": None}
    async with database.write() as unit:
        event = Event(act.event_id, act.now, IN_SEQUENCE, None, UUID(sender.id), detail=detail)
        await record_events(unit, [event])
    page = (await admin.get(f"/controllers/{sender.id}")).text
    assert "Lookups in sequence" in page
    assert "whole blocks of numbers" in page
    assert "25\u202f000" in page


async def test_an_admin_declares_the_customer_base_and_takes_it_back(
    admin: Browser, registry: Driver, curious: Party
) -> None:
    path = f"/controllers/{curious.id}"
    for text, base in (("200000", 200_000), ("", None)):
        assert 'name="customer_base"' in (await admin.get(path)).text
        answer = await admin.post(f"{path}/policy", {**POLICY, "customer_base": text})
        assert answer.headers["location"].endswith("?done=policy_changed")
        seen = (await registry.get(f"/v1{path}", await registry.admin())).json()["policy"]
        assert seen["customer_base"] == base
    for text in ("0", "-1", "many", "1000000001", "²"):
        await admin.get(path)
        assert (await admin.post(f"{path}/policy", {**POLICY, "customer_base": text})).status_code == 422
