"""What an admin says of a document in the console, and an auditor cannot."""

import pytest

from app.console.words import LANGUAGES, word
from tests.console.browsing import Browser
from tests.console.conftest import World
from tests.registry_driver import Driver, signed_mandate


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_document_is_reviewed_by_an_admin_alone(
    admin: Browser, auditor: Browser, registry: Driver, language: str
) -> None:
    paper = {"kind": "document", "media_type": "application/pdf", "content": "JVBERi0xLjcK"}
    agent = await registry.agent()
    sent = {**signed_mandate(agent), "evidence": paper}
    made = (await registry.post("/v1/mandates", sent, agent)).json()
    path = f"/mandates/{made['id']}"
    admin.language = auditor.language = language
    assert word(language, "mandate.review_text") not in (await auditor.get(path)).text
    for outcome, level in (("refused", "L0"), ("accepted", "L2")):
        assert word(language, "mandate.review_text") in (await admin.get(path)).text
        answer = await admin.post(f"{path}/review", {"outcome": outcome, "reason": "Her hand"})
        assert answer.headers["location"] == f"/console{path}?done=review_{outcome}", answer.text
        page = await admin.get(answer.headers["location"])
        assert word(language, f"done.review_{outcome}") in page.text
        assert f">{level}</span>" in page.text
    assert (await admin.post(f"{path}/review", {"outcome": "void", "reason": "x"})).status_code == 422


async def test_what_is_computed_is_not_reviewed(admin: Browser, world: World) -> None:
    path = f"/mandates/{world.mandate['id']}"
    page = await admin.get(path)
    assert f"{path}/review" not in page.text
    assert (await admin.post(f"{path}/review", {"outcome": "accepted", "reason": "x"})).status_code == 409
