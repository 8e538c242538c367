"""Dropping old lists of national registers: the operator's act, which the service only sees."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from app.crypto.keys import KeyRing
from app.domain.refusals import OperatorError
from app.storage.dropping import drop_snapshots
from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party, served
from tests.storage.logins import ROLES, login

NOW = datetime.now(UTC)
OLD, NEW = (NOW - timedelta(days=20)).date(), (NOW - timedelta(days=5)).date()
LISTED, GONE = "+46846500477", "+46846500478"
CALL: dict[str, Any] = {"channel": "voice_live"}
DROPPED = """
INSERT INTO registry.register_snapshot_dropped (snapshot_no, row_count, at, event_id)
VALUES (1, 0, now(), '00000000-0000-7000-8000-000000000000')
"""
LEFT = "SELECT count(*) FROM registry.register_entry e JOIN registry.register_snapshot s USING (snapshot_no)"


async def imported(driver: Driver, day: date, *numbers: str) -> Json:
    headers = {**(await driver.admin()).headers, "Content-Type": "text/plain"}
    path = f"/v1/registers/nix_phone/imports?version_date={day}"
    answer = await driver.client.post(path, content="\n".join(numbers).encode(), headers=headers)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def verdict(driver: Driver, found: Json) -> str:
    answer = await driver.post("/v1/receipts/verify", {"receipt": found["receipt"]})
    return str(answer.json()["code"])


async def code(driver: Driver, caller: Party, number: str) -> str:
    return (await driver.code(caller, number, **CALL))[1]


async def test_an_old_list_goes_and_what_was_answered_from_it_still_holds(
    scratch_url: str, ring: KeyRing
) -> None:
    async with served(scratch_url, ring) as driver:
        caller = await driver.controller("customer_service", policy={"registers": ["nix_phone"]})
        await driver.enter(caller, {"type": "phone", "value": GONE})
        old = await imported(driver, OLD, LISTED, GONE)
        answered = await driver.look_up(caller, LISTED, **CALL)
        assert answered["registers"][0]["snapshot_id"] == old["id"]
        await imported(driver, NEW, LISTED)
        (dropped,) = await drop_snapshots(scratch_url, "nix_phone", OLD, NOW)
        assert (str(dropped.id), dropped.rows) == (old["id"], 2)
        assert await verdict(driver, answered) == "VALID"
        kept = await driver.get(f"/v1/receipts/{answered['lookup_id']}", caller)
        assert kept.json()["receipt"] == answered["receipt"]
        assert await code(driver, caller, LISTED) == "REG_HIT:nix_phone"
        assert await code(driver, caller, GONE) == "DNC_INTERNAL", "an objection is no part of a list"
    connection = await superuser(scratch_url)
    assert await connection.fetchval(f"{LEFT} WHERE s.version_date = $1", OLD) == 0
    assert await connection.fetchval(f"{LEFT} WHERE s.version_date = $1", NEW) == 2
    event = await connection.fetchrow("SELECT * FROM registry.event WHERE kind = 'register.dropped'")
    assert (event["object_id"], event["actor_id"]) == (dropped.id, None)
    await connection.close()


async def test_the_list_that_lookups_ask_and_one_that_is_not_there_are_refused(
    scratch_url: str, ring: KeyRing
) -> None:
    async with served(scratch_url, ring) as driver:
        await imported(driver, OLD, LISTED)
        with pytest.raises(OperatorError, match="newest list"):
            await drop_snapshots(scratch_url, "nix_phone", OLD, NOW)
        await imported(driver, NEW, LISTED)
        for register, day in (("nix_phone", NEW), ("nix_phone", NOW.date()), ("nix_post", OLD)):
            with pytest.raises(OperatorError):
                await drop_snapshots(scratch_url, register, day, NOW)
        assert await drop_snapshots(scratch_url, "nix_phone", OLD, NOW)
        with pytest.raises(OperatorError, match="no list"):
            await drop_snapshots(scratch_url, "nix_phone", OLD, NOW)


async def test_a_list_that_was_dropped_can_be_imported_anew(scratch_url: str, ring: KeyRing) -> None:
    async with served(scratch_url, ring) as driver:
        old = await imported(driver, OLD, LISTED)
        await imported(driver, NEW, LISTED)
        await drop_snapshots(scratch_url, "nix_phone", OLD, NOW)
        again = await imported(driver, OLD, LISTED)
        assert again["id"] != old["id"]


async def test_nothing_is_dropped_while_a_list_is_being_imported(scratch_url: str, ring: KeyRing) -> None:
    async with served(scratch_url, ring) as driver:
        await imported(driver, OLD, LISTED)
        await imported(driver, NEW, LISTED)
    connection = await superuser(scratch_url)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(7233)")
        with pytest.raises(OperatorError, match="being imported"):
            await drop_snapshots(scratch_url, "nix_phone", OLD, NOW)
    await connection.close()


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_of_the_service_can_say_that_a_list_was_dropped(
    scratch_url: str, ring: KeyRing, role: str
) -> None:
    """Whoever could would take a register out of every lookup."""
    session = await login(scratch_url, role, ring)
    deleting = "DELETE FROM registry.register_entry WHERE snapshot_no = 1"
    for statement in (DROPPED, deleting, "SET ROLE sparr_owner"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await session.execute(statement)
    await session.close()
