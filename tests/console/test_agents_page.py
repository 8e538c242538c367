"""What stands out in what an agent sends, and what a suspension would touch, in words for people."""

from secrets import token_hex

import pytest

from app.console.words import LANGUAGES, word
from app.domain.anomalies import BURST_ACTS, REJECTED_ACTS
from tests.console.browsing import Browser
from tests.console.conftest import World
from tests.registry_driver import Driver, Party


@pytest.fixture(scope="module")
async def sloppy(registry: Driver) -> Party:
    """An agent of which half of what it sends is refused."""
    agent = await registry.agent(name="Slarv AB")
    mandate = await registry.mandate(agent)
    for _ in range(REJECTED_ACTS):
        answer = await registry.object_to(agent, mandate, ["00000000-0000-7000-8000-000000000000"])
        assert answer.status_code == 403, answer.text
    return agent


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_stands_out_is_told_in_every_language(
    auditor: Browser, sloppy: Party, language: str
) -> None:
    auditor.language = language
    page = (await auditor.get(f"/agents/{sloppy.id}")).text
    share = round(100 * REJECTED_ACTS / (REJECTED_ACTS + 1))
    assert word(language, "anomaly.HIGH_REJECTS", found=share, threshold=20) in page
    assert word(language, "agent.stands_out_text") in page
    rows = (await auditor.whole("/agents")).split("<tr>")
    told = word(language, "anomaly_name.HIGH_REJECTS")
    assert [told in row for row in rows if "Slarv AB" in row] == [True]
    assert [told in row for row in rows if "Nej Tack AB" in row].count(True) == 0


async def test_of_an_agent_like_any_other_nothing_stands_out(auditor: Browser, registry: Driver) -> None:
    agent = await registry.agent()
    await registry.mandate(agent)
    page = (await auditor.get(f"/agents/{agent.id}")).text
    assert "Nothing stands out" in page
    assert "<dt>Mandates</dt><dd>1</dd>" in page


async def test_a_burst_is_told_with_its_figures(auditor: Browser, registry: Driver) -> None:
    agent = await registry.agent()
    for _ in range(BURST_ACTS):
        await registry.mandate(agent, reference=token_hex(4))
    page = (await auditor.get(f"/agents/{agent.id}")).text
    assert "in the busiest hour: 100. From 100 on" in page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_auditor_reads_what_a_suspension_would_touch_and_suspends_nobody(
    auditor: Browser, world: World, language: str
) -> None:
    auditor.language = language
    page = (await auditor.get(f"/agents/{world.agent.id}/suspension")).text
    for key in ("impact.entries_in_force", "stops.new_mandates", "leaves.entries"):
        assert word(language, key) in page
    assert word(language, "agent.suspend") not in page
    assert auditor.forms() == ["/console/sign-out"]


async def test_a_controller_is_no_agent_to_be_suspended(admin: Browser, world: World) -> None:
    assert (await admin.get(f"/agents/{world.controller.id}/suspension")).status_code == 404


async def test_of_a_suspended_agent_it_is_said_that_it_is_suspended(
    auditor: Browser, registry: Driver
) -> None:
    agent = await registry.agent()
    first, already = word("en", "agent.weigh_first"), word("en", "agent.already")
    page = (await auditor.get(f"/agents/{agent.id}")).text
    assert (first in page, already in page) == (True, False)
    await registry.post(f"/v1/agents/{agent.id}/suspend", {"reason": "Complaints"}, await registry.admin())
    page = (await auditor.get(f"/agents/{agent.id}")).text
    assert (first in page, already in page) == (False, True)
