"""Long lists are paged by cursor, and a filter shows what it names and nothing else."""

import re
from secrets import token_hex

from app.crypto.keys import KeyRing
from tests.conftest import Clone
from tests.console.browsing import NEXT, Browser, browser
from tests.console.conftest import World
from tests.direct import superuser
from tests.registry_driver import Driver, served

LINK = re.compile(r'href="/console/(?:mandates|objections)/([0-9a-f-]{36})"')


def shown(text: str) -> list[str]:
    """The ids of the rows."""
    return LINK.findall(text.partition("<tbody")[2])


async def walked(who: Browser, path: str) -> list[str]:
    """Every row of a list, page after page."""
    found: list[str] = []
    address: str | None = path
    while address:
        text = (await who.get(address)).text
        found += shown(text)
        onward = NEXT.search(text)
        address = path.partition("?")[0] + onward[1].replace("&amp;", "&") if onward else None
    return found


async def test_a_long_list_shows_each_row_once_newest_first(admin: Browser, registry: Driver) -> None:
    agent = await registry.agent()
    made = [(await registry.mandate(agent, reference=f"L-{n}"))["id"] for n in range(120)]
    assert await walked(admin, f"/mandates?agent={agent.id}") == made[::-1]


async def test_objections_of_a_mandate_are_walked_likewise(admin: Browser, registry: Driver) -> None:
    agent, controller = await registry.agent(), await registry.controller()
    mandate = await registry.mandate(agent)
    made = []
    for _ in range(60):
        mail = [{"type": "email", "value": f"{token_hex(6)}@example.com"}]
        made.append((await registry.objection(agent, mandate, [controller.id], identifiers=mail))["id"])
    assert await walked(admin, f"/objections?mandate={mandate['id']}") == made[::-1]


async def test_a_filter_shows_one_state_alone(admin: Browser, registry: Driver, world: World) -> None:
    agent = await registry.agent()
    kept, ended = [(await registry.mandate(agent, reference=f"F-{n}"))["id"] for n in range(2)]
    gone = {"reason": "Changed her mind", "by": "grantor"}
    answer = await registry.post(f"/v1/mandates/{ended}/revoke", gone, agent)
    assert answer.status_code == 200, answer.text
    of_agent = f"/mandates?agent={agent.id}&state="
    assert await walked(admin, f"{of_agent}active") == [kept]
    assert await walked(admin, f"{of_agent}revoked") == [ended]
    assert await walked(admin, f"{of_agent}expired") == []
    assert world.contested_objection["id"] in await walked(admin, "/objections?state=contested")
    assert world.objection["id"] not in await walked(admin, "/objections?state=contested")


async def test_figures_that_cannot_be_counted_leave_the_rest_of_the_overview(
    clone: Clone, ring: KeyRing
) -> None:
    url = await clone()
    async with served(url, ring) as registry:
        one = browser(registry)
        async with one.client:
            await one.sign_in(await registry.staff("admin"))
            behind = await superuser(url)
            await behind.execute("ALTER EVENT TRIGGER sparr_refuse_definitions DISABLE")
            await behind.execute("ALTER TABLE registry.objection RENAME received_at TO received_then")
            await behind.close()
            answer = await one.get("/")
    assert (answer.status_code, "too many objections to count" in answer.text) == (200, True)
    assert "wait for a second admin" in answer.text
    assert "The deadlines could not be read in time" in answer.text


async def test_a_new_registry_says_what_will_stand_on_each_page(clone: Clone, ring: KeyRing) -> None:
    async with served(await clone(), ring) as registry:
        one = browser(registry)
        async with one.client:
            await one.sign_in(await registry.staff("admin"))
            for path, told in [
                ("/", "No objection has come in"),
                ("/mandates", "No mandates here"),
                ("/objections", "No objections here"),
                ("/agents", "No agents yet"),
                ("/contested", "Nothing is contested"),
                ("/deadlines", "Nothing waits"),
                ("/controllers", "No controllers yet"),
            ]:
                assert told in (await one.get(path)).text, path
