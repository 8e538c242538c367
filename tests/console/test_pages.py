"""Every page answers, in every language, for both roles, and holds nobody's number."""

import pytest

from app.console.pages import DOORS
from app.console.parts import ISSUER_ANSWER
from app.console.words import LANGUAGES
from tests.console.browsing import Browser
from tests.console.conftest import World
from tests.console.places import pages

NUMBERS = ("+46701740605", "anna.test@example.com", "199001012385", "900101-2385")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_answers_in_every_language(admin: Browser, world: World, language: str) -> None:
    admin.language = language
    for path in pages(world):
        answer = await admin.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert f'<html lang="{language}">' in answer.text
        assert answer.headers["content-language"] == language
        assert answer.text.count("<h1>") == 1, path
        assert [number for number in NUMBERS if number in answer.text] == [], path


async def test_an_auditor_reads_every_page(auditor: Browser, world: World) -> None:
    for path in pages(world):
        assert (await auditor.get(path)).status_code == 200, path


def test_the_walk_goes_through_every_door_that_is_read(world: World) -> None:
    """A page that is added has to be walked to as well."""
    below = [f"{path.partition('?')[0]}" for path in pages(world)]
    skipped = {"/static/{name}", "/sign-in", "/language/{wanted}", "/sign-in/issuer", ISSUER_ANSWER}
    unseen = [
        door.path
        for door in DOORS
        if door.method == "GET"
        and door.path not in skipped
        and not any(door.pattern.fullmatch(one) for one in below)
    ]
    assert unseen == []


async def test_what_is_not_there_is_told_in_a_page(admin: Browser) -> None:
    for path in ("/nothing", "/mandates/00000000-0000-7000-8000-000000000000", "/mandates?agent=x"):
        answer = await admin.get(path)
        assert answer.status_code == 404, path
        assert "Check the id" in answer.text


async def test_an_empty_list_says_what_would_stand_there(admin: Browser) -> None:
    answer = await admin.get("/mandates?state=superseded")
    assert "Agents register mandates over the API" in answer.text
