"""The schema that the migrations make is the one that was agreed, to the last grant and constraint."""

import re
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from app.main import passwords
from app.storage.migrating import migrate
from tests.direct import superuser
from tests.migrations.conftest import Empty
from tests.migrations.schema_state import AGREED, agreed, as_agreed, schema_of

GENEROUS = """
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO PUBLIC;
GRANT ALL ON SCHEMA public TO PUBLIC;
"""
"""What an administrator may have given to everybody before the registry came: no right may come of it."""


@pytest.fixture
async def migrated(empty: Empty, ring: KeyRing) -> str:
    url = await empty()
    await migrate(url, passwords(ring))
    return url


async def facts(url: str) -> set[str]:
    connection = await superuser(url)
    found = await schema_of(connection)
    await connection.close()
    return found


async def test_the_migrated_schema_is_the_agreed_one(migrated: str, pytestconfig: pytest.Config) -> None:
    found = await facts(migrated)
    if pytestconfig.getoption("--write-schema", default=False):
        AGREED.write_text(as_agreed(found), encoding="utf-8")
    assert found ^ agreed() == set()
    assert len(found) > 800


async def test_a_database_whose_administrator_was_generous_gets_the_same_schema(
    empty: Empty, ring: KeyRing
) -> None:
    url = await empty()
    connection = await superuser(url)
    await connection.execute(GENEROUS)
    await connection.close()
    await migrate(url, passwords(ring))
    assert await facts(url) ^ agreed() == set()


DIFFERENT = [
    "GRANT UPDATE ON registry.entry TO sparr_api",
    "GRANT UPDATE (level) ON registry.entry TO sparr_api",
    "GRANT SELECT ON registry.entry TO PUBLIC",
    "GRANT TRUNCATE ON ops.wash TO sparr_api",
    "GRANT SELECT ON vault.sealed TO sparr_lookup WITH GRANT OPTION",
    "GRANT CREATE ON SCHEMA registry TO sparr_api",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
    "GRANT EXECUTE ON FUNCTION ops.refuse_definitions() TO PUBLIC",
    "GRANT sparr_owner TO sparr_api",
    "ALTER ROLE sparr_lookup BYPASSRLS",
    "ALTER ROLE sparr_lookup RESET search_path",
    "ALTER TABLE registry.entry OWNER TO sparr_api",
    "ALTER TABLE registry.entry NO FORCE ROW LEVEL SECURITY",
    "ALTER POLICY declared ON registry.entry WITH CHECK (true)",
    "ALTER VIEW registry.entry_now SET (security_invoker = false)",
    "ALTER TABLE registry.entry_release DROP CONSTRAINT entry_release_pkey",
    "ALTER EVENT TRIGGER sparr_refuse_definitions DISABLE",
    "ALTER FUNCTION ops.refuse_definitions() RESET search_path",
    "CREATE INDEX other ON registry.entry (since)",
    "CREATE TABLE ops.other ()",
]


@pytest.mark.parametrize("change", DIFFERENT)
async def test_any_difference_would_be_seen(database_url: str, change: str) -> None:
    connection: Any = await superuser(database_url)
    transaction = connection.transaction()
    await transaction.start()
    assert await schema_of(connection) == agreed()
    await connection.execute(change)
    assert await schema_of(connection) != agreed()
    await transaction.rollback()
    await connection.close()


GRANT = re.compile(r"grant on (.+) to (\w+): (.+)")
READING = {"SELECT", "INSERT", "USAGE", "CONNECT"}


def test_the_agreed_schema_gives_no_service_role_more_than_it_was_promised() -> None:
    """Nothing to everybody; INSERT to the two that write; of all else, work in progress and the key rows."""
    grants = [found.groups() for fact in agreed() if (found := GRANT.fullmatch(fact))]
    given = {(what, whom, verb) for what, whom, verbs in grants for verb in verbs.split(", ")}
    assert {(what, whom) for what, whom, _ in given if whom == "PUBLIC"} == set()
    assert {whom for _, whom, verb in given if verb == "INSERT"} == {"sparr_api", "sparr_journal"}
    more = {one for one in given if one[2] not in READING and not one[0].startswith("relation ops.")}
    assert more == {("relation vault.subject_key", "sparr_shredder", "DELETE")}
    work = {(whom, verb) for what, whom, verb in given if what.startswith("relation ops.")}
    assert work <= {("sparr_api", verb) for verb in ("SELECT", "INSERT", "UPDATE", "DELETE")} | {
        ("sparr_lookup", "SELECT")
    }
