"""A person's walk through the console in a real browser: each page in each language, judged by axe-core too.

Where there is no Chromium and none can be installed, these tests cannot run, and the suite says so in red.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.console.words import LANGUAGES, word
from app.crypto.keys import KeyRing
from app.main import create_app, deployment
from app.storage.database import Database
from app.usecases.sequence_events import Sequencer
from tests.console.chromium import Window, chromium, free_port
from tests.console.chromium_found import MISSING, ensured
from tests.console.conftest import World
from tests.console.places import pages
from tests.registry_driver import Driver, Party

pytestmark = pytest.mark.timeout(900)

TAB, ENTER = "\ue004", "\ue007"
LOOKS: dict[str, Any] = {
    "light": {},
    "dark": {"dark": True},
    "narrow": {"width": 400, "height": 800},
    "narrow and dark": {"width": 400, "height": 800, "dark": True},
}
OPEN = "document.querySelectorAll('main details').forEach(one => { one.open = true; })"
NARROW = """
const boxes = [document.documentElement, ...document.querySelectorAll('.scroll, .card')];
return boxes.filter(one => one.scrollWidth > one.clientWidth).map(one => one.outerHTML.slice(0, 120));
"""
CUT = """
const wider = one => one.scrollWidth > one.clientWidth + 1;
const chosen = one => {
  const said = document.createElement('span');
  said.style.cssText = 'position: absolute; white-space: nowrap; font: ' + getComputedStyle(one).font;
  said.textContent = one.selectedOptions[0].textContent;
  document.body.append(said);
  const needed = said.offsetWidth + 30;
  said.remove();
  return needed > one.clientWidth;
};
const boxes = [...document.querySelectorAll('nav.main a, .scroll, .card')].filter(wider);
const choices = [...document.querySelectorAll('main select')].filter(chosen);
return [...boxes, ...choices].map(one => one.outerHTML.slice(0, 120));
"""
PLACES = {
    "": "overview",
    "/mandates": "mandates",
    "/objections": "objections",
    "/search": "search",
    "/decisions": "decisions",
    "/agents": "agents",
    "/contested": "contested",
    "/deadlines": "deadlines",
    "/registers": "registers",
    "/journal": "journal",
    "/controllers": "controllers",
}


@dataclass(frozen=True)
class Served:
    """A window before a registry that really listens."""

    window: Window
    root: str
    admin: Party

    async def sign_in(self) -> None:
        await self.window.command("Network.clearBrowserCookies")
        await self.window.go(self.root)
        await self.window.fill("#client_id", self.admin.credential["client_id"])
        await self.window.fill("#client_secret", self.admin.credential["client_secret"])
        await self.window.click("main button")
        await self.window.until(f"return location.href === '{self.root}' && document.querySelector('.leave')")


@pytest.fixture(scope="module")
async def served(
    registry: Driver,
    world: World,
    database: Database,
    ring: KeyRing,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Served]:
    if not await asyncio.to_thread(ensured):
        pytest.skip(MISSING)
    for place in range(60):
        await registry.mandate(world.agent, reference=f"B-{place}")
    await Sequencer(database, ring.journal_key).round()
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    app = create_app(deployment(database, ring, root))
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="warning"))
    serving = asyncio.create_task(server.serve())
    folder: Path = tmp_path_factory.mktemp("chromium")
    async with chromium(folder) as window:
        await window.look()
        yield Served(window, f"{root}/console", await registry.staff("admin"))
    server.should_exit = True
    await serving


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_person_walks_through_every_page(served: Served, language: str) -> None:
    await served.sign_in()
    await served.window.click(f".languages a[hreflang={language}]")
    for place, name in PLACES.items():
        title = word(language, f"nav.{name}")
        await served.window.click(f'nav.main a[href="/console{place}"]')
        await served.window.until(f"return document.querySelector('h1').textContent === '{title}'")
        assert await served.window.run("return document.title") == f"{title} – Sparr"  # noqa: RUF001 - as it stands
        assert await served.window.run("return document.documentElement.lang") == language
        current = "return document.querySelector('nav.main [aria-current=page]').textContent"
        assert await served.window.run(current) == title
        if language == "sv":
            assert await served.window.violations() == [], place
    assert await served.window.log() == []


@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing_on_any_page(served: Served, world: World, look: str) -> None:
    await served.window.command("Network.clearBrowserCookies")
    await served.window.look(**LOOKS[look])
    await served.window.go(served.root + "/sign-in")
    assert await served.window.violations() == []
    await served.sign_in()
    for path in (*pages(world), "/nothing"):
        await served.window.go(served.root + path)
        await served.window.run(OPEN)
        assert await served.window.violations() == [], path
    await served.window.look()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_on_a_wide_page_is_seen_without_scrolling_sideways(
    served: Served, world: World, language: str
) -> None:
    """Also where words are long: in the menu, in the tables, in what can be chosen from."""
    await served.sign_in()
    await served.window.click(f".languages a[hreflang={language}]")
    for path in pages(world):
        await served.window.go(served.root + path)
        assert await served.window.run(CUT) == [], path


async def test_the_fields_of_an_address_stand_there_when_they_are_chosen(served: Served) -> None:
    await served.sign_in()
    shown = "return ['#value', '#address_street'].map(one => document.querySelector(one).checkVisibility())"
    for path in ("/search", "/decisions"):
        await served.window.go(served.root + path)
        assert await served.window.run(shown) == [True, False]
        await served.window.click('#type [value="postal_address"]')
        assert await served.window.run(shown) == [False, True]


@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing_in_what_a_form_answers(served: Served, world: World, look: str) -> None:
    await served.sign_in()
    await served.window.look(**LOOKS[look])
    await served.window.log()
    for path, fields, button in [
        ("/search", {"#value": "070-174 06 05", "#purpose": "Complaint 18"}, "main form button"),
        (
            f"/decisions?controller={world.controller.id}",
            {"#value": "070-174 06 05", "#purpose": "Complaint 18"},
            "main form button",
        ),
        (f"/objections/{world.objection['id']}", {"#purpose": "Complaint 18"}, ".guard button"),
        (f"/mandates/{world.mandate['id']}", {"#purpose": "Complaint 18"}, ".guard button"),
        ("/journal", {}, "main section form button"),
        ("/search", {"#value": "1", "#purpose": "Complaint 18"}, "main form button"),
    ]:
        await served.window.go(served.root + path)
        for field, text in fields.items():
            await served.window.fill(field, text)
        await served.window.click(button)
        await served.window.until(
            f"return location.href !== '{served.root}{path}' && document.readyState === 'complete'"
        )
        assert await served.window.violations() == [], path
    await served.window.look()


async def test_nothing_is_wider_than_a_narrow_window(served: Served, world: World) -> None:
    await served.sign_in()
    await served.window.look(width=360, height=740)
    for path in pages(world):
        await served.window.go(served.root + path)
        assert await served.window.run(NARROW) == [], path
    await served.window.look()


async def test_the_keyboard_reaches_the_content_first(served: Served) -> None:
    await served.sign_in()
    await served.window.go(f"{served.root}/registers")
    await served.window.keys(TAB)
    assert await served.window.run("return document.activeElement.className") == "skip"
    shown = "return document.activeElement.getBoundingClientRect().top"
    assert await served.window.run(shown) >= 0
    await served.window.keys(ENTER)
    assert await served.window.run("return document.activeElement.id") == "content"
    await served.window.keys(TAB)
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert await served.window.run(outline) == "solid"


async def test_more_rows_come_without_leaving_the_page(served: Served) -> None:
    await served.sign_in()
    await served.window.log()
    await served.window.go(f"{served.root}/mandates")
    rows = "return document.querySelectorAll('#rows tr').length"
    assert await served.window.run(rows) == 50
    await served.window.click("#more")
    await served.window.until(f"{rows} > 50")
    ids = "return new Set([...document.querySelectorAll('#rows a')].map(one => one.href)).size"
    assert await served.window.run(rows) == await served.window.run(ids) > 60
    assert await served.window.url() == f"{served.root}/mandates"
    assert await served.window.log() == []


async def test_everything_is_read_without_scripts(served: Served) -> None:
    await served.window.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        await served.sign_in()
        await served.window.click('nav.main a[href="/console/mandates"]')
        await served.window.click("#more")
        await served.window.until("return location.search.startsWith('?before=')")
        await served.window.click("#rows a")
        await served.window.until("return location.pathname.startsWith('/console/mandates/')")
    finally:
        await served.window.command("Emulation.setScriptExecutionDisabled", value=False)
