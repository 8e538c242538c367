"""Whose rows a transaction touches is said first, and the database holds it to that, whatever it asks."""

from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from app.crypto.keys import KeyRing
from app.domain.refusals import UnavailableError
from app.storage.bootstrap import registry_party
from app.storage.database import Database
from app.storage.lookups import find_entries, open_lists
from tests.direct import superuser
from tests.storage.busy import Busy
from tests.storage.catalogue import controller_tables
from tests.storage.logins import login, select

DECLARE = "SELECT set_config('sparr.controllers', $1, true)"
READERS = ("sparr_api", "sparr_lookup", "sparr_auditor")


async def numbers(busy: Busy, connection: Any) -> tuple[int, int]:
    """The list numbers of the two controllers."""
    sql = "SELECT controller_no FROM registry.holder WHERE party_id = $1::uuid"
    return await connection.fetchval(sql, busy.sender.id), await connection.fetchval(sql, busy.other.id)


async def readable(connection: Any, role: str) -> list[str]:
    """The controllers' tables that a role may read."""
    tables = await controller_tables(connection)
    sql = "SELECT has_table_privilege($1, 'registry.' || $2, 'SELECT')"
    return [table for table in tables if await connection.fetchval(sql, role, table)]


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("before", ["nothing was ever declared", "the transaction before declared"])
async def test_who_declared_nobody_gets_an_error_and_not_an_empty_answer(
    busy: Busy, ring: KeyRing, role: str, before: str
) -> None:
    connection = await superuser(busy.url)
    tables = await readable(connection, role)
    mine, _ = await numbers(busy, connection)
    session = await login(busy.url, role, ring)
    if before == "the transaction before declared":
        async with session.transaction():
            await session.execute(DECLARE, f"{{{mine}}}")
    for table in tables:
        for condition in ("", f" WHERE controller_no = {mine}"):
            with pytest.raises(asyncpg.PostgresError):
                await session.fetch(select("*", f"registry.{table}", condition))
    assert len(tables) >= 7
    await session.close()
    await connection.close()


@pytest.mark.parametrize("role", READERS)
async def test_who_declared_one_controller_sees_no_row_of_another(
    busy: Busy, ring: KeyRing, role: str
) -> None:
    connection = await superuser(busy.url)
    tables = await readable(connection, role)
    mine, other = await numbers(busy, connection)
    session = await login(busy.url, role, ring)
    async with session.transaction():
        await session.execute(DECLARE, f"{{{mine}}}")
        for table in tables:
            everything = select("DISTINCT controller_no", f"registry.{table}")
            of_other = select("count(*)", f"registry.{table}", f"WHERE controller_no = {other}")
            assert await connection.fetchval(of_other) > 0, f"{table} shows nothing about this"
            assert [row[0] for row in await session.fetch(everything)] == [mine]
            assert await session.fetchval(of_other) == 0
    await session.close()
    await connection.close()


async def test_who_declared_one_controller_writes_no_row_of_another(busy: Busy, ring: KeyRing) -> None:
    connection = await superuser(busy.url)
    tables = await controller_tables(connection)
    mine, other = await numbers(busy, connection)
    for table in tables:
        of_other = select("*", f"registry.{table}", f"WHERE controller_no = {other} LIMIT 1")
        row = await connection.fetchrow(of_other)
        session = await login(busy.url, "sparr_api", ring)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await write(session, table, mine, list(row.values()))
        await session.close()
    await connection.close()


async def write(session: Any, table: str, declared: int, row: list[Any]) -> None:
    # The name comes from the catalogue.
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    async with session.transaction():
        await session.execute(DECLARE, f"{{{declared}}}")
        await session.execute(f"INSERT INTO registry.{table} VALUES ({places})", *row)  # noqa: S608 - as above


async def test_the_views_hide_what_the_tables_hide(busy: Busy, ring: KeyRing) -> None:
    connection = await superuser(busy.url)
    mine, _ = await numbers(busy, connection)
    session = await login(busy.url, "sparr_lookup", ring)
    with pytest.raises(asyncpg.PostgresError):
        await session.fetch("SELECT * FROM registry.entry_now")
    async with session.transaction():
        await session.execute(DECLARE, f"{{{mine}}}")
        seen = await session.fetch("SELECT DISTINCT controller_no FROM registry.entry_now")
    assert [row[0] for row in seen] == [mine]
    await session.close()
    await connection.close()


async def test_row_security_cannot_be_switched_off_by_a_session(busy: Busy, ring: KeyRing) -> None:
    for role in READERS:
        session = await login(busy.url, role, ring)
        await session.execute("SET row_security = off")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await session.fetch("SELECT * FROM registry.entry")
        await session.close()


async def test_a_declaration_ends_with_its_transaction(busy: Busy) -> None:
    async with busy.database.lookup() as unit:
        await unit.declare([0])
        assert await unit.rows(text("SELECT * FROM registry.entry"))
    with pytest.raises(UnavailableError):
        async with busy.database.lookup() as unit:
            await unit.rows(text("SELECT * FROM registry.entry"))


async def test_declaring_more_adds_to_what_was_declared(busy: Busy) -> None:
    connection = await superuser(busy.url)
    mine, other = await numbers(busy, connection)
    await connection.close()
    async with busy.database.lookup() as unit:
        await unit.declare([mine])
        await unit.declare([other])
        rows = await unit.rows(text("SELECT DISTINCT controller_no FROM registry.entry ORDER BY 1"))
    assert [row.controller_no for row in rows] == sorted([mine, other])


SHADOWS = """
DO $$
DECLARE t text;
BEGIN
    FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'registry'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('CREATE TABLE public.%I AS SELECT * FROM registry.%I WHERE false', t, t);
        EXECUTE format('GRANT ALL ON public.%I TO PUBLIC', t);
    END LOOP;
END $$;
CREATE FUNCTION public.max(int8) RETURNS int8 LANGUAGE sql AS 'SELECT 0::int8';
CREATE FUNCTION public.string_to_array(text, text) RETURNS text[] LANGUAGE sql AS $$SELECT '{}'::text[]$$;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


async def test_tables_and_functions_of_the_same_name_elsewhere_have_no_effect(
    scratch: Database, scratch_url: str
) -> None:
    connection = await superuser(scratch_url)
    await connection.execute(SHADOWS)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f'ALTER DATABASE "{name}" SET search_path = public, registry, pg_catalog')
    await connection.close()
    async with scratch.lookup() as unit:
        assert (await unit.rows(text("SHOW search_path")))[0][0] == "pg_catalog"
        lists = await open_lists(unit, 0, None)
        assert lists.as_of.everybody == 1
        assert await find_entries(unit, lists, b"") == {}


async def test_temporary_tables_of_the_same_name_have_no_effect_either(
    scratch: Database, scratch_url: str
) -> None:
    """They come first in every search path, so they would need TEMP, which no role has, and a bare name."""
    connection = await superuser(scratch_url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute("ALTER EVENT TRIGGER sparr_refuse_definitions DISABLE")
    await connection.execute(f'GRANT TEMP ON DATABASE "{name}" TO sparr_api')
    await connection.close()
    async with scratch.write() as unit:
        for table in ("party", "holder", "controller_version"):
            hidden = select("*", f"registry.{table}", "LIMIT 0")
            await unit.run(text(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {hidden}"))
        assert await registry_party(unit) is not None
        assert (await open_lists(unit, 0, None)).as_of.everybody == 1
