"""Signing in and out: the cookie, the token in each form, and what ends a session."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
import time_machine

from app.console.pages import DOORS
from app.crypto.keys import KeyRing
from app.main import create_app, deployment
from app.storage.database import Database
from tests.console.browsing import Browser
from tests.console.conftest import World
from tests.registry_driver import Driver

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def crumbs(answer: httpx2.Response) -> set[str]:
    """What is said with the cookie that an answer sets."""
    said = [one for one in answer.headers.get_list("set-cookie") if "sparr-console" in one]
    assert len(said) == 1, said
    return {part.strip().partition("=")[0] for part in said[0].split(";")} | {
        part.strip() for part in said[0].split(";")[1:]
    }


async def test_whoever_has_not_signed_in_is_led_to_the_form(visitor: Browser, world: World) -> None:
    for door in DOORS:
        if door.method == "GET" and door.roles and "{" not in door.path:
            answer = await visitor.get(door.path)
            assert answer.status_code == 303, door.path
            assert answer.headers["location"].startswith("/console/sign-in")
    answer = await visitor.get(f"/mandates/{world.mandate['id']}")
    assert answer.headers["location"].endswith(f"?back=%2Fconsole%2Fmandates%2F{world.mandate['id']}")


async def test_signing_in_leads_back_to_what_was_asked_for(visitor: Browser, registry: Driver) -> None:
    who = await registry.staff("auditor")
    await visitor.get("/sign-in?back=%2Fconsole%2Fjournal")
    answer = await visitor.post("/sign-in/open", {**who.credential, "back": "/console/journal"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/journal")


@pytest.mark.parametrize(
    "back", ["https://example.com", "//example.com", "/console//example.com", "/v1/x", "/console\\x"]
)
async def test_nobody_is_led_elsewhere_after_signing_in(
    visitor: Browser, registry: Driver, back: str
) -> None:
    who = await registry.staff("auditor")
    await visitor.get("/sign-in")
    answer = await visitor.post("/sign-in/open", {**who.credential, "back": back})
    assert answer.headers["location"] == "/console"


async def test_a_wrong_secret_and_an_unknown_credential_get_the_same_answer(
    visitor: Browser, registry: Driver
) -> None:
    who = await registry.staff("admin")
    await visitor.get("/sign-in")
    wrong = await visitor.post("/sign-in/open", {**who.credential, "client_secret": "sk_wrong"})
    unknown = await visitor.post(
        "/sign-in/open", {"client_id": str(UUID(int=1)), "client_secret": "sk_wrong"}
    )
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text == unknown.text
    assert "do not belong together" in wrong.text


async def test_a_senders_credential_does_not_open_the_console(visitor: Browser, world: World) -> None:
    await visitor.get("/sign-in")
    answer = await visitor.post("/sign-in/open", world.controller.credential)
    assert answer.status_code == 403
    assert "opens the API, not the console" in answer.text
    assert (await visitor.get("/")).status_code == 303


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(
    visitor: Browser, registry: Driver
) -> None:
    answer = await visitor.sign_in(await registry.staff("admin"))
    assert crumbs(answer) >= {"sparr-console", "HttpOnly", "SameSite=strict", "Path=/console", "Max-Age=1800"}


async def test_over_https_the_cookie_never_travels_without(
    database: Database, ring: KeyRing, registry: Driver
) -> None:
    issuer = "https://registry.test"
    transport = httpx2.ASGITransport(create_app(deployment(database, ring, issuer)))
    async with httpx2.AsyncClient(transport=transport, base_url=issuer) as client:
        answer = await Browser(client).sign_in(await registry.staff("admin"))
    assert crumbs(answer) >= {"__Host-sparr-console", "Secure", "HttpOnly", "SameSite=strict", "Path=/"}


async def test_every_answer_lets_nothing_foreign_in(admin: Browser, visitor: Browser) -> None:
    for who, path in [(admin, "/"), (admin, "/nothing"), (visitor, "/sign-in"), (visitor, "/journal")]:
        answer = await who.get(path)
        assert answer.headers["content-security-policy"] == CSP, path
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for inline in ("<style", " style=", "<script>", "onclick", "javascript:", "http://", "https://"):
            assert inline not in answer.text, (path, inline)


async def test_a_session_ends_when_its_credential_is_revoked(visitor: Browser, registry: Driver) -> None:
    who = await registry.staff("admin")
    await visitor.sign_in(who)
    assert (await visitor.get("/")).status_code == 200
    await registry.post(f"/v1/credentials/{who.credential['client_id']}/revoke", {}, await registry.admin())
    assert (await visitor.get("/")).status_code == 303


async def test_a_session_ends_when_one_signs_out_and_a_copy_of_it_too(
    visitor: Browser, registry: Driver
) -> None:
    await visitor.sign_in(await registry.staff("admin"))
    await visitor.get("/")
    copy = dict(visitor.client.cookies)
    answer = await visitor.post("/sign-out")
    assert answer.headers["location"] == "/console/sign-in?done=signed_out"
    assert (await visitor.get("/")).status_code == 303
    visitor.client.cookies.update(copy)
    assert (await visitor.get("/")).status_code == 303


async def test_signing_in_and_out_stand_in_the_journal(
    visitor: Browser, registry: Driver, behind: Any
) -> None:
    who = await registry.staff("auditor")
    await visitor.sign_in(who)
    await visitor.get("/")
    await visitor.post("/sign-out")
    rows = await behind.fetch(
        "SELECT kind FROM registry.event WHERE credential_id = $1 ORDER BY id",
        UUID(who.credential["client_id"]),
    )
    assert [row["kind"] for row in rows] == ["console.signed_in", "console.signed_out"]


@pytest.mark.parametrize(("after", "status"), [(timedelta(minutes=29), 200), (timedelta(minutes=31), 303)])
async def test_a_session_without_a_request_ends_after_half_an_hour(
    visitor: Browser, registry: Driver, after: timedelta, status: int
) -> None:
    await visitor.sign_in(await registry.staff("admin"))
    with time_machine.travel(datetime.now(UTC) + after, tick=True):
        assert (await visitor.get("/registers")).status_code == status


async def test_a_session_in_use_goes_on_and_ends_after_a_days_work(
    visitor: Browser, registry: Driver
) -> None:
    await visitor.sign_in(await registry.staff("admin"))
    began, cookies = datetime.now(UTC), dict(visitor.client.cookies)
    for quarters in range(1, 40):
        with time_machine.travel(began + timedelta(minutes=15 * quarters), tick=True):
            answer = await visitor.client.get("/console/registers", headers={"Cookie": _spelt(cookies)})
        assert answer.status_code == (200 if quarters < 32 else 303), quarters
        if quarters >= 32:
            return
        said = answer.headers["set-cookie"].partition(";")[0]
        cookies = dict([said.split("=", 1)])


def _spelt(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


async def test_an_altered_cookie_is_nobodys(visitor: Browser, registry: Driver) -> None:
    await visitor.sign_in(await registry.staff("admin"))
    (name, value), *_ = [one for one in visitor.client.cookies.items() if one[0] == "sparr-console"]
    altered = value[:-2] + ("AA" if value[-2:] != "AA" else "BB")
    answer = await visitor.client.get("/console/", headers={"Cookie": f"{name}={altered}"})
    assert answer.status_code == 303


async def test_the_language_switch_is_remembered(visitor: Browser) -> None:
    answer = await visitor.get("/language/da?back=%2Fconsole%2Fsign-in")
    assert answer.headers["location"] == "/console/sign-in"
    assert '<html lang="da">' in (await visitor.get("/sign-in")).text
    assert (await visitor.get("/language/fi")).status_code == 404
