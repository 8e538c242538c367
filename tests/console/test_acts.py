"""What admins do in the console goes through the same use cases as the API, and what an auditor may not."""

from secrets import token_hex
from typing import Any
from uuid import UUID

import pytest

from app.console.pages import DOORS
from app.console.pages.exports import EXPORTS
from app.domain.parties import Role
from tests.console.browsing import Browser, browser
from tests.console.conftest import World
from tests.direct import row_counts
from tests.registry_driver import EMAIL, PHONE, Driver

POLICY = {
    "basis": "recorded",
    "political": "legacy_2022",
    "minimum_level": "L2",
    "registers": ["nix_phone", "nix_post"],
}


def filled(path: str, world: World) -> str:
    """The path of a door with real ids."""
    ids = {
        "{mandate_id}": world.mandate["id"],
        "{objection_id}": world.objection["id"],
        "{agent_id}": world.agent.id,
        "{controller_id}": world.controller.id,
    }
    for name, value in ids.items():
        path = path.replace(name, value)
    return path


ACTS = [door for door in DOORS if door.changes]
POSTS = [door for door in DOORS if door.method == "POST"]


def test_nothing_in_the_console_deletes() -> None:
    assert {door.method for door in DOORS} == {"GET", "POST"}
    assert [door.path for door in DOORS if "delete" in door.path or "erase" in door.path] == []


def test_whatever_changes_anything_is_an_admins_alone() -> None:
    assert [door.path for door in ACTS if door.roles != {Role.ADMIN}] == []
    assert len(ACTS) >= 6
    quiet = {"/sign-in/open", "/sign-out", "/search/found", "/decisions/answered", "/journal/check"}
    quiet |= {"/mandates/{mandate_id}/evidence", "/objections/{objection_id}/chain"}
    quiet |= {f"/{place}/export" for place in EXPORTS}
    assert {door.path for door in POSTS if not door.changes} == quiet


async def test_an_auditor_changes_nothing_through_any_form(
    auditor: Browser, world: World, behind: Any
) -> None:
    page = await auditor.get("/")
    assert page.status_code == 200
    before = await row_counts(behind)
    for door in ACTS:
        answer = await auditor.post(filled(door.path, world), {"reason": "Because", **POLICY})
        assert answer.status_code == 403, door.path
        assert "An auditor reads and changes nothing" in answer.text
        await auditor.get("/")
    changed = {name: count - before[name] for name, count in (await row_counts(behind)).items()}
    assert {name for name, more in changed.items() if more} == {"registry.event"}
    assert changed["registry.event"] == len(ACTS)


async def test_an_auditor_is_shown_no_form_that_changes_anything(auditor: Browser, world: World) -> None:
    own = {door.pattern for door in POSTS if not door.changes}
    for path in (f"/mandates/{world.mandate['id']}", f"/objections/{world.contested_objection['id']}"):
        await auditor.get(path)
        forms = [form.removeprefix("/console") for form in auditor.forms()]
        assert forms
        assert [form for form in forms if not any(one.fullmatch(form) for one in own)] == []
    of_agent = f"/agents/{world.agent.id}"
    for path in (of_agent, f"{of_agent}/suspension", f"/controllers/{world.controller.id}"):
        await auditor.get(path)
        assert auditor.forms() == ["/console/sign-out"]


@pytest.mark.parametrize("token", ["", "0" * 64, "another session's"])
async def test_a_form_without_the_sessions_token_does_nothing(
    admin: Browser, registry: Driver, world: World, token: str
) -> None:
    if token.startswith("another"):
        other = browser(registry)
        async with other.client:
            await other.sign_in(await registry.staff("admin"))
            await other.get("/")
            token = other.last.partition('name="form_token" value="')[2][:64]
    for door in POSTS:
        await admin.get("/")
        answer = await admin.post(filled(door.path, world), {"form_token": token, "reason": "Because"})
        assert answer.status_code == 403, door.path
        assert "did not come from your session" in answer.text


async def test_a_form_on_another_site_does_nothing(admin: Browser, world: World) -> None:
    for said in ({"Sec_Fetch_Site": "cross-site"}, {"Content_Type": "text/plain"}):
        await admin.get("/")
        answer = await admin.post(f"/agents/{world.agent.id}/suspend", {"reason": "Because"}, **said)
        assert answer.status_code == 403


async def test_a_form_is_not_read_without_end(admin: Browser, world: World) -> None:
    await admin.get("/")
    answer = await admin.post(f"/agents/{world.agent.id}/suspend", {"reason": "x" * 70_000})
    assert answer.status_code == 403


async def test_an_admin_suspends_and_resumes_an_agent(admin: Browser, registry: Driver) -> None:
    agent = await registry.agent(name="Ombud 2")
    await registry.mandate(agent)
    await admin.get(f"/agents/{agent.id}")
    assert admin.forms() == ["/console/sign-out"]
    page = await admin.get(f"/agents/{agent.id}/suspension")
    assert "<dt>Mandates in force</dt><dd>1</dd>" in page.text
    assert page.text.index("goes on blocking: no answer") < page.text.index(f"/agents/{agent.id}/suspend")
    answer = await admin.post(f"/agents/{agent.id}/suspend", {"reason": "Bursts at night"})
    assert answer.headers["location"] == f"/console/agents/{agent.id}?done=suspended"
    page = await admin.get(answer.headers["location"])
    assert "Bursts at night" in page.text
    assert "Nothing new is taken in from it" in page.text
    refused = await registry.object_to(agent, await registry.mandate(await registry.agent()), "all")
    assert refused.json()["code"] == "AGENT_SUSPENDED"
    again = await admin.post(f"/agents/{agent.id}/suspend", {"reason": "Again"})
    assert again.status_code == 409
    await admin.get(f"/agents/{agent.id}")
    answer = await admin.post(f"/agents/{agent.id}/resume", {"reason": "Explained"})
    assert answer.headers["location"].endswith("?done=resumed")


async def test_a_reason_that_is_missing_is_asked_for(admin: Browser, world: World) -> None:
    for reason in ("", "   ", "x" * 501):
        await admin.get(f"/agents/{world.agent.id}")
        answer = await admin.post(f"/agents/{world.agent.id}/suspend", {"reason": reason})
        assert answer.status_code == 422
        assert "A field was left empty" in answer.text


async def test_an_objection_is_voided_by_two_admins_and_not_by_one(
    admin: Browser, registry: Driver, world: World
) -> None:
    mandate = await registry.mandate(world.agent, reference=token_hex(4))
    mail = [{"type": "email", "value": f"{token_hex(4)}@example.com"}]
    made = await registry.objection(world.agent, mandate, [world.controller.id], identifiers=mail)
    path = f"/objections/{made['id']}"
    await admin.get(path)
    answer = await admin.post(f"{path}/void", {"reason": "Wrong person"})
    assert answer.headers["location"].endswith("?done=contested")
    queue = (await admin.get("/contested")).text
    assert made["id"] in queue
    assert "Another admin: you contested it" in queue
    refused = await admin.post(f"{path}/void", {"reason": "Wrong person"})
    assert refused.status_code == 403
    assert "You contested this yourself" in refused.text
    second = browser(registry)
    async with second.client:
        await second.sign_in(await registry.staff("admin"))
        await second.get(path)
        answer = await second.post(f"{path}/void", {"reason": "Wrong person"})
        assert answer.headers["location"].endswith("?done=voided")
        assert made["id"] not in (await second.get("/contested")).text
        await second.get(path)
        assert f"/console{path}/void" not in second.forms()


async def test_a_contested_mandate_is_settled(admin: Browser, registry: Driver, world: World) -> None:
    mandate = await registry.mandate(world.agent, reference=token_hex(4))
    path = f"/mandates/{mandate['id']}"
    await admin.get(path)
    answer = await admin.post(f"{path}/contest", {"finding": "forged", "reason": "Says she never signed"})
    assert answer.headers["location"].endswith("?done=found_forged")
    await admin.get(path)
    missing = await admin.post(f"{path}/contest", {"finding": "confirmed", "reason": "She called"})
    assert missing.status_code == 422
    await admin.get(path)
    said = {"finding": "genuine", "reason": "She remembers"}
    answer = await admin.post(f"{path}/contest", said)
    assert answer.headers["location"].endswith("?done=found_genuine")
    assert "in force" in (await admin.get(path)).text
    answer = await admin.post(f"{path}/recheck")
    assert answer.headers["location"].endswith("?done=rechecked")
    assert "Checked again" in (await admin.get(path)).text


async def test_a_policy_is_changed_as_the_form_says(admin: Browser, registry: Driver) -> None:
    controller = await registry.controller()
    await admin.get(f"/controllers/{controller.id}")
    answer = await admin.post(f"/controllers/{controller.id}/policy", POLICY)
    assert answer.headers["location"].endswith("?done=policy_changed")
    seen = (await registry.get(f"/v1/controllers/{controller.id}", await registry.admin())).json()["policy"]
    assert seen == {**POLICY, "consent_lifts_objection": False, "customer_base": None}
    await admin.get(f"/controllers/{controller.id}")
    bad = await admin.post(f"/controllers/{controller.id}/policy", {**POLICY, "registers": ["nix_mail"]})
    assert bad.status_code == 422


async def purposes(behind: Any, object_id: str, kind: str) -> int:
    """How often something was read in that way."""
    found = await behind.fetchval(
        "SELECT count(*) FROM registry.event WHERE object_id = $1 AND kind = $2", UUID(object_id), kind
    )
    return int(found)


async def test_evidence_is_opened_for_a_purpose_that_is_journalled(
    auditor: Browser, registry: Driver, world: World, behind: Any
) -> None:
    mandate = world.mandate["id"]
    page = await auditor.get(f"/mandates/{mandate}")
    assert "199001012385" not in page.text
    assert (await auditor.post(f"/mandates/{mandate}/evidence", {"purpose": ""})).status_code == 422
    assert await purposes(behind, mandate, "mandate.evidence_read") == 0
    await auditor.get(f"/mandates/{mandate}")
    answer = await auditor.post(f"/mandates/{mandate}/evidence", {"purpose": "Complaint 18"})
    assert "199001012385" in answer.text
    events = await registry.get(f"/v1/mandates/{mandate}/events", await registry.admin())
    last = [one for one in events.json()["items"] if one["kind"] == "mandate.evidence_read"]
    assert [one["detail"]["purpose"] for one in last] == ["Complaint 18"]


async def test_each_mandate_that_is_shown_says_so_in_its_history(
    auditor: Browser, registry: Driver, world: World, behind: Any
) -> None:
    mandate = (await registry.mandate(world.agent, reference=token_hex(4)))["id"]
    await auditor.get("/mandates")
    await auditor.get(f"/mandates/{mandate}")
    assert await purposes(behind, mandate, "mandate.read") == 2


async def test_the_chain_shows_the_identifiers_for_a_stated_purpose(
    auditor: Browser, world: World, behind: Any
) -> None:
    objection = world.objection["id"]
    page = await auditor.get(f"/objections/{objection}")
    assert "+46•••••05" in page.text
    assert PHONE not in page.text
    answer = await auditor.post(f"/objections/{objection}/chain", {"purpose": "Complaint 19"})
    assert PHONE in answer.text
    assert "Objection received" in answer.text
    assert await purposes(behind, objection, "objection.audited") == 1


async def test_a_search_finds_what_blocks_and_says_that_it_looked(
    admin: Browser, registry: Driver, world: World, behind: Any
) -> None:
    desk = await registry.desk(world.controller)
    entered = (await registry.enter(desk, {"type": "phone", "value": PHONE})).json()["id"]
    await admin.get("/search")
    given = {"type": "phone", "value": "070-174 06 05", "region": "SE", "purpose": "Complaint 20"}
    answer = await admin.post("/search/found", given)
    assert answer.status_code == 200
    assert world.objection["id"] in answer.text
    assert world.mandate["id"] in answer.text
    assert "do not call" in answer.text
    assert PHONE not in answer.text
    assert await purposes(behind, entered, "entry.read") == 1
    sealed = await behind.fetchval(
        "SELECT count(*) FROM vault.sealed s JOIN registry.event e ON e.id = s.id "
        "WHERE e.kind = 'identifier.searched' AND s.kind = 'purpose'"
    )
    assert sealed >= 1


async def test_an_auditors_search_leaves_controllers_own_lists_out(
    auditor: Browser, registry: Driver, world: World
) -> None:
    desk = await registry.desk(world.controller)
    await registry.enter(desk, {"type": "phone", "value": PHONE})
    await auditor.get("/search")
    answer = await auditor.post("/search/found", {"type": "phone", "value": PHONE, "purpose": "Complaint 20"})
    assert world.objection["id"] in answer.text
    assert "do not call" not in answer.text


async def test_what_cannot_be_read_is_told_and_not_echoed(admin: Browser) -> None:
    await admin.get("/search")
    answer = await admin.post("/search/found", {"type": "email", "value": "<b>anna", "purpose": "Complaint"})
    assert answer.status_code == 422
    assert "cannot be read as an identifier" in answer.text
    assert "anna" not in answer.text


async def test_a_name_with_markup_is_shown_as_it_is_written(admin: Browser, registry: Driver) -> None:
    agent = await registry.agent(name='<script>alert("x")</script>')
    page = await admin.get(f"/agents/{agent.id}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
    assert EMAIL not in page.text


async def test_the_console_has_no_door_for_delete(admin: Browser, world: World) -> None:
    answer = await admin.client.request("DELETE", f"/console/mandates/{world.mandate['id']}")
    assert answer.status_code == 405
