"""Never a false clear: a database that hides, lost or never had the facts gives no answer at all (R03).

Each test breaks the database as its superuser, asks, and mends it: then the same question is answered again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from app.crypto.keys import KeyRing
from tests.api.degraded import assert_no_answer
from tests.cloned_registry import registry_at
from tests.conftest import Clone
from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party, email

POLICY = (
    "CREATE POLICY declared ON registry.{table} TO PUBLIC "
    "USING (controller_no = ANY (current_setting('sparr.controllers')::int4[])) "
    "WITH CHECK (controller_no = ANY (current_setting('sparr.controllers')::int4[]))"
)
KEEP = (
    "CREATE TABLE public.kept AS SELECT * FROM registry.{table} WHERE controller_no = {number};"
    "DELETE FROM registry.{table} WHERE controller_no = {number}"
)
TAKE_ONE = (
    "CREATE TABLE public.kept AS SELECT * FROM registry.entry WHERE id = '{entry}';"
    "DELETE FROM registry.entry WHERE id = '{entry}'"
)
PUT_BACK = "INSERT INTO registry.{table} SELECT * FROM public.kept; DROP TABLE public.kept"
RELEASE = (
    "INSERT INTO registry.entry_release SELECT controller_no, id, 'test', now(), version, event_id "
    "FROM registry.entry WHERE controller_no = {number} AND kind = 0"
)
UNDO = "DELETE FROM registry.entry_release WHERE controller_no = {number}"
NEEDED = ("entry", "entry_key", "holder_trait", "controller_version", "controller_policy")


@dataclass(frozen=True)
class Own:
    """A registry of its own, a controller in it, and a source that the questions name."""

    url: str
    registry: Driver
    desk: Party
    source: Party

    @property
    def named(self) -> Json:
        return {"source": {"id": self.source.id}}

    async def number(self, party_id: str) -> int:
        connection = await superuser(self.url)
        sql = "SELECT controller_no FROM registry.holder WHERE party_id = $1"
        found: int = await connection.fetchval(sql, UUID(party_id))
        await connection.close()
        return found

    @asynccontextmanager
    async def broken(self, breaking: str, mending: str) -> AsyncIterator[None]:
        connection = await superuser(self.url)
        await connection.execute(breaking)
        try:
            yield
        finally:
            await connection.execute(mending)
            await connection.close()

    async def answers(self) -> None:
        """The unbroken registry allows whoever nobody has heard of."""
        assert await self.registry.code(self.desk, email(), **self.named) == ("allow", "NO_OBJECTION_FOUND")


@pytest.fixture(scope="module")
async def own(clone: Clone, ring: KeyRing) -> AsyncIterator[Own]:
    url = await clone()
    async with registry_at(url, ring) as registry:
        desk, source = await registry.controller("customer_service"), await registry.source()
        yield Own(url, registry, desk, source)


@pytest.mark.parametrize("table", NEEDED)
@pytest.mark.parametrize("holder", ["controller", "all controllers", "source"])
async def test_a_list_that_lost_its_canary_gives_no_answer(own: Own, table: str, holder: str) -> None:
    if (table, holder) in {("controller_policy", "all controllers"), ("controller_policy", "source")}:
        table, holder = "controller_policy", "controller"  # Only a controller has a policy.
    parties = {"controller": own.desk.id, "source": own.source.id}
    number = await own.number(parties[holder]) if holder in parties else 0
    breaking = KEEP.format(table=table, number=number)
    async with own.broken(breaking, PUT_BACK.format(table=table)):
        await assert_no_answer(own.registry, own.desk, own.named)
    await own.answers()


async def test_a_canary_that_was_released_gives_no_answer(own: Own) -> None:
    number = await own.number(own.desk.id)
    async with own.broken(RELEASE.format(number=number), UNDO.format(number=number)):
        await assert_no_answer(own.registry, own.desk, own.named)
    await own.answers()


async def test_whom_a_list_knows_without_showing_the_entry_is_not_answered(own: Own) -> None:
    person = email()
    entry = (await own.registry.enter(own.desk, person)).json()
    async with own.broken(TAKE_ONE.format(entry=entry["id"]), PUT_BACK.format(table="entry")):
        assert (await own.registry.ask(own.desk, person)).status_code == 503
        await own.answers()
    assert await own.registry.code(own.desk, person) == ("block", "DNC_INTERNAL")


@pytest.mark.parametrize("table", NEEDED)
async def test_rows_hidden_by_a_dropped_policy_give_no_answer(own: Own, table: str) -> None:
    breaking = f"DROP POLICY declared ON registry.{table}"
    async with own.broken(breaking, POLICY.format(table=table)):
        await assert_no_answer(own.registry, own.desk, own.named)
    await own.answers()


async def test_releases_hidden_by_a_dropped_policy_block_what_was_released(own: Own) -> None:
    person = email()
    entry = (await own.registry.enter(own.desk, person)).json()
    evidence = {"reason": "x", "evidence": {"method": "call", "reference": "x"}}
    await own.registry.post(f"/v1/entries/{entry['id']}/release", evidence, own.desk)
    assert (await own.registry.code(own.desk, person))[0] == "allow"
    async with own.broken(
        "DROP POLICY declared ON registry.entry_release", POLICY.format(table="entry_release")
    ):
        assert await own.registry.code(own.desk, person) == ("block", "DNC_INTERNAL")


@pytest.mark.parametrize("table", [*NEEDED, "entry_state", "entry_release", "holder", "party"])
async def test_a_table_that_may_not_be_read_gives_no_answer(own: Own, table: str) -> None:
    grant = f"SELECT ON registry.{table}"
    async with own.broken(f"REVOKE {grant} FROM sparr_lookup", f"GRANT {grant} TO sparr_lookup"):
        await assert_no_answer(own.registry, own.desk, own.named)
    await own.answers()


async def test_a_schema_that_may_not_be_used_gives_no_answer(own: Own) -> None:
    grant = "USAGE ON SCHEMA registry"
    async with own.broken(f"REVOKE {grant} FROM sparr_lookup", f"GRANT {grant} TO sparr_lookup"):
        await assert_no_answer(own.registry, own.desk, own.named)
    await own.answers()


async def test_a_table_that_is_gone_gives_no_answer(own: Own) -> None:
    away = "ALTER TABLE registry.entry_key RENAME TO elsewhere"
    async with own.broken(away, "ALTER TABLE registry.elsewhere RENAME TO entry_key"):
        await assert_no_answer(own.registry, own.desk, own.named)
    await own.answers()


async def test_an_empty_table_in_the_place_of_another_gives_no_answer(own: Own) -> None:
    breaking = (
        "ALTER TABLE registry.entry_key RENAME TO elsewhere;"
        "CREATE TABLE registry.entry_key (LIKE registry.elsewhere);"
        "GRANT SELECT ON registry.entry_key TO PUBLIC"
    )
    mending = "DROP TABLE registry.entry_key; ALTER TABLE registry.elsewhere RENAME TO entry_key"
    async with own.broken(breaking, mending):
        await assert_no_answer(own.registry, own.desk, own.named)
    await own.answers()


async def test_with_the_wrong_fingerprint_key_nothing_would_match_so_nothing_is_answered(
    own: Own, ring: KeyRing
) -> None:
    person = email()
    await own.registry.enter(own.desk, person)
    wrong = replace(ring, fingerprint_key=bytes(32))
    async with registry_at(own.url, wrong, own.desk.credential) as registry:
        await assert_no_answer(registry, own.desk, own.named)
        assert (await registry.ask(own.desk, person)).status_code == 503


async def test_an_empty_database_gives_no_answer(own: Own, ring: KeyRing) -> None:
    connection = await superuser(own.url, "postgres")
    await connection.execute("CREATE DATABASE empty")
    url = own.url.rsplit("/", 1)[0] + "/empty?" + own.url.rsplit("?", 1)[1]
    async with registry_at(url, ring, own.desk.credential) as registry:
        await assert_no_answer(registry, own.desk, {})
    await connection.execute("DROP DATABASE empty")
    await connection.close()


async def test_another_registrys_database_knows_nobody(own: Own, ring: KeyRing, clone: Clone) -> None:
    async with registry_at(await clone(), ring, own.desk.credential) as registry:
        for purpose in ("marketing", "emergency"):
            answer = await registry.ask(own.desk, email(), purpose=purpose)
            assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
