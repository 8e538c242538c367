"""One mandate on its page: whose it is by name, and each check in the reader's language, with the reason."""

from html import escape

import pytest

from app.console.words import LANGUAGES, word
from tests.console.browsing import Browser
from tests.console.conftest import World
from tests.registry_driver import Driver, Json, Party, signed_mandate


@pytest.fixture(scope="module")
async def rejected(registry: Driver) -> Json:
    """A mandate that somebody else's key signed, for one controller."""
    agent, stranger = await registry.agent(name="Förväxlat Ombud AB"), await registry.agent()
    controller = await registry.controller(name="Nordfiber & Co AB")
    limited = {"controllers": [controller.id]}
    sent = signed_mandate(Party(agent.id, "agent", {}, agent.token, stranger.key), **limited)
    answer = await registry.post("/v1/mandates", sent, agent)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    assert made["state"] == "rejected"
    return made


@pytest.mark.parametrize("language", LANGUAGES)
async def test_why_a_check_did_not_pass_is_told_in_every_language(
    auditor: Browser, rejected: Json, language: str
) -> None:
    auditor.language = language
    page = (await auditor.get(f"/mandates/{rejected['id']}")).text
    assert escape(word(language, "check_failed.EVIDENCE_KEY"), quote=False) in page
    assert 'lang="en"' not in page.partition("<main")[2]
    untried = [one for one in rejected["checks"] if one["outcome"] == "indeterminate"]
    assert page.count(word(language, "check_untried.OTHER")) == len(untried)
    assert untried


async def test_agent_and_controllers_are_called_by_their_names(
    auditor: Browser, world: World, rejected: Json
) -> None:
    page = (await auditor.get(f"/mandates/{rejected['id']}")).text
    assert ">Förväxlat Ombud AB</a>" in page
    assert ">Nordfiber &amp; Co AB</a>" in page
    page = (await auditor.get(f"/objections/{world.objection['id']}")).text
    assert f'/console/controllers/{world.controller.id}">Nordfiber AB</a>' in page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_document_that_nobody_has_looked_at_says_so(
    auditor: Browser, registry: Driver, language: str
) -> None:
    agent = await registry.agent()
    paper = {"kind": "document", "media_type": "application/pdf", "content": "JVBERi0xLjcK"}
    made = await registry.post("/v1/mandates", {**signed_mandate(agent), "evidence": paper}, agent)
    auditor.language = language
    page = (await auditor.get(f"/mandates/{made.json()['id']}")).text
    assert word(language, "check_untried.DOCUMENT_REVIEW") in page
