"""Admins see which providers are connected, and end a connection; a secret is never seen again."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.providers import BASIC, Line, connect, journal
from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party

TOKEN = {"auth_token": "twilio-token-of-nobody"}


@pytest.fixture
async def line(registry: Driver, sender: Party) -> Line:
    return await connect(registry, sender, "twilio", TOKEN, defaults={"region": "SE"})


async def all_connections(registry: Driver, query: str = "limit=1000") -> list[Json]:
    answer = await registry.get(f"/v1/intake/connections?{query}", await registry.admin())
    assert answer.status_code == 200, answer.text
    for secret in (*TOKEN.values(), *BASIC.values()):
        assert secret not in answer.text.replace("provider/", "")
    items: list[Json] = answer.json()["items"]
    return items


async def revoke(registry: Driver, connection_id: str, **headers: str) -> Any:
    path = f"/v1/intake/connections/{connection_id}/revoke"
    return await registry.post(path, None, await registry.admin(), **headers)


async def test_a_connection_is_listed_without_its_secrets(
    registry: Driver, sender: Party, line: Line
) -> None:
    (shown,) = [one for one in await all_connections(registry) if one["id"] == line.id]
    assert {k: v for k, v in shown.items() if k not in {"created_at", "event_id"}} == {
        "id": line.id,
        "controller_id": sender.id,
        "source": "twilio",
        "region": "SE",
        "url": line.url,
        "revoked_at": None,
    }


async def test_connections_are_paged_in_the_order_in_which_they_were_made(
    registry: Driver, sender: Party
) -> None:
    made = [(await connect(registry, sender, "46elks", BASIC)).id for _ in range(3)]
    admin, found, cursor = await registry.admin(), list[str](), ""
    while True:
        page = (await registry.get(f"/v1/intake/connections?limit=2{cursor}", admin)).json()
        found += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == sorted(found)
    assert [one for one in found if one in made] == made


async def test_a_revoked_connection_is_answered_like_one_that_never_was(
    registry: Driver, line: Line, database_url: str
) -> None:
    assert (await line.text("+46701740614", "STOPP")).status_code == 200
    assert (await revoke(registry, line.id)).status_code == 200
    refused = await line.text("+46701740615", "STOPP")
    unknown = line.url.replace(line.id, str(uuid4()))
    stranger = await Line(registry, unknown, line.id, line.secrets).text("+46701740615", "STOPP")
    told = [{k: v for k, v in one.json().items() if k != "instance"} for one in (refused, stranger)]
    assert (refused.status_code, told[0]) == (401, told[1])
    assert refused.headers["www-authenticate"] == stranger.headers["www-authenticate"]
    outcomes = [(one["kind"], one["outcome"]) for one in await journal(database_url, line.id)]
    assert outcomes == [
        ("intake.connected", "done"),
        ("intake.received", "done"),
        ("intake.revoked", "done"),
        ("intake.refused", "UNAUTHENTICATED"),
    ]


async def test_what_came_in_before_stands_and_what_comes_after_does_not(
    registry: Driver, sender: Party, line: Line
) -> None:
    await line.text("+46701740616", "STOPP")
    await revoke(registry, line.id)
    await line.text("+46701740617", "STOPP")
    assert await registry.code(sender, "+46701740616") == ("block", "CHANNEL_OPTOUT")
    assert (await registry.code(sender, "+46701740617"))[0] == "allow"


async def test_a_secret_is_changed_by_a_new_connection_and_the_end_of_the_old_one(
    registry: Driver, sender: Party, line: Line
) -> None:
    fresh = await connect(registry, sender, "twilio", {"auth_token": "another-token-of-nobody"})
    assert (await line.text("+46701740618", "STOPP")).status_code == 200
    assert (await revoke(registry, line.id)).json()["revoked_at"] is not None
    assert (await line.text("+46701740619", "STOPP")).status_code == 401
    assert (await fresh.text("+46701740619", "STOPP")).status_code == 200
    assert await registry.code(sender, "+46701740619") == ("block", "CHANNEL_OPTOUT")


async def test_a_revoked_connection_stays_listed_with_its_end(registry: Driver, line: Line) -> None:
    revoked = (await revoke(registry, line.id)).json()
    (shown,) = [one for one in await all_connections(registry) if one["id"] == line.id]
    assert shown == revoked
    assert shown["created_at"] < shown["revoked_at"]


async def test_a_connection_ends_once(registry: Driver, line: Line) -> None:
    first = await revoke(registry, line.id, Idempotency_Key="end-1")
    again = await revoke(registry, line.id, Idempotency_Key="end-1")
    assert (again.status_code, again.content) == (200, first.content)
    other = await revoke(registry, line.id)
    assert (other.status_code, other.json()["code"]) == (409, "STATE_CONFLICT")
    unknown = await revoke(registry, str(uuid4()))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")


async def test_nobody_but_an_admin_sees_or_ends_connections(
    registry: Driver, sender: Party, line: Line
) -> None:
    for caller in (
        sender,
        await registry.desk(sender),
        await registry.agent(),
        await registry.source(),
        await registry.staff("auditor"),
    ):
        answers = [
            await registry.get("/v1/intake/connections", caller),
            await registry.post(f"/v1/intake/connections/{line.id}/revoke", None, caller),
        ]
        assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "ROLE_DENIED")] * 2
    assert (await line.text("+46701740620", "STOPP")).status_code == 200


async def test_the_end_of_a_connection_is_a_row_beside_it(
    line: Line, registry: Driver, database_url: str
) -> None:
    await revoke(registry, line.id)
    admin = await superuser(database_url)
    kept = await admin.fetchval("SELECT source FROM registry.intake_connection WHERE id = $1::uuid", line.id)
    ends = await admin.fetchval(
        "SELECT count(*) FROM registry.intake_revocation WHERE connection_id = $1::uuid", line.id
    )
    await admin.close()
    assert (kept, ends) == ("twilio", 1)
