"""The service does not start on a database that could lose or hide anything, and says by a code why."""

import httpx2
import pytest

from app.crypto.keys import KeyRing
from app.domain.parties import ALL_CONTROLLERS
from app.domain.refusals import UnavailableError
from app.main import create_app, deployment, open_database, passwords
from app.storage.database import SESSION, Database
from app.storage.embedded import EmbeddedPostgres
from app.storage.lookups import find_entries, open_lists
from app.storage.migrating import migrate
from app.storage.readiness import GUARDED, UnsafeDatabaseError, refuse_unsafe, standing
from tests.direct import superuser
from tests.registry_driver import ISSUER

SLOW_CLOCK = """
ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO true_clock_timestamp;
CREATE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql
    AS $$SELECT pg_catalog.true_clock_timestamp() + interval '{shift}'$$;
"""

FAULTS: dict[str, tuple[str, str]] = {
    "commits are not awaited": ("DURABILITY", 'ALTER DATABASE "{database}" SET synchronous_commit = off'),
    "commits are awaited in memory only": (
        "DURABILITY",
        'ALTER ROLE sparr_api IN DATABASE "{database}" SET synchronous_commit = remote_write',
    ),
    "an older schema": ("SCHEMA_REVISION", "UPDATE ops.schema_revision SET version_num = '0000'"),
    "a newer schema": ("SCHEMA_REVISION", "UPDATE ops.schema_revision SET version_num = '9999'"),
    "no revision": ("SCHEMA_REVISION", "DELETE FROM ops.schema_revision"),
    "a clock ahead": ("CLOCK", SLOW_CLOCK.replace("{shift}", "6 seconds")),
    "a clock behind": ("CLOCK", SLOW_CLOCK.replace("{shift}", "-6 seconds")),
    "a right to update": ("PRIVILEGES", "GRANT UPDATE ON registry.entry TO sparr_api"),
    "a right to update one column": ("PRIVILEGES", "GRANT UPDATE (channels) ON registry.entry TO sparr_api"),
    "a right to delete": ("PRIVILEGES", "GRANT DELETE ON registry.entry_key TO sparr_lookup"),
    "a right to truncate": ("PRIVILEGES", "GRANT TRUNCATE ON registry.event TO sparr_api"),
    "a right to delete for everybody": ("PRIVILEGES", "GRANT DELETE ON registry.entry TO PUBLIC"),
    "a right to delete in the vault": ("PRIVILEGES", "GRANT DELETE ON vault.sealed TO sparr_api"),
    "a shredder of more than keys": ("PRIVILEGES", "GRANT DELETE ON vault.sealed TO sparr_shredder"),
    "an auditor who writes": ("PRIVILEGES", "GRANT INSERT ON registry.event TO sparr_auditor"),
    "a lookup that writes": ("PRIVILEGES", "GRANT INSERT ON registry.entry_release TO sparr_lookup"),
    "a right to set triggers": ("PRIVILEGES", "GRANT TRIGGER ON registry.entry TO sparr_api"),
    "temporary tables": ("PRIVILEGES", 'GRANT TEMP ON DATABASE "{database}" TO sparr_lookup'),
    "temporary tables for everybody": ("PRIVILEGES", 'GRANT TEMP ON DATABASE "{database}" TO PUBLIC'),
    "a right to create": ("PRIVILEGES", "GRANT CREATE ON SCHEMA registry TO sparr_api"),
    "a right to create in public": ("PRIVILEGES", "GRANT CREATE ON SCHEMA public TO PUBLIC"),
    "rights of somebody else": (
        "PRIVILEGES",
        "CREATE ROLE stranger; GRANT UPDATE ON registry.entry TO stranger",
    ),
    "rights of somebody else on a column": (
        "PRIVILEGES",
        "CREATE ROLE other_stranger; GRANT UPDATE (channels) ON registry.entry TO other_stranger",
    ),
    "reading for everybody": ("PRIVILEGES", "GRANT SELECT ON registry.entry TO PUBLIC"),
    "damaged pages read as empty": (
        "DURABILITY",
        'ALTER ROLE sparr_api IN DATABASE "{database}" SET zero_damaged_pages = on',
    ),
    "damaged pages read as they are": (
        "DURABILITY",
        'ALTER DATABASE "{database}" SET ignore_checksum_failure = on',
    ),
    "a table without its policy": (
        "GUARDS",
        (
            "DROP POLICY declared ON registry.entry_wish;"
            "ALTER TABLE registry.entry_wish DISABLE ROW LEVEL SECURITY"
        ),
    ),
    "a policy that shows everything": ("GUARDS", "ALTER POLICY declared ON registry.entry USING (true)"),
    "a policy that lets everything in": (
        "GUARDS",
        "ALTER POLICY declared ON registry.entry WITH CHECK (true)",
    ),
    "a second policy": ("GUARDS", "CREATE POLICY wide ON registry.entry USING (true)"),
    "a policy of some rows": (
        "GUARDS",
        "CREATE POLICY narrow ON registry.entry AS RESTRICTIVE USING (controller_no <> 7)",
    ),
    "a trigger": (
        "GUARDS",
        (
            "CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
            "CREATE TRIGGER nothing BEFORE INSERT ON registry.entry_release FOR EACH ROW"
            " EXECUTE FUNCTION public.nothing()"
        ),
    ),
    "a rule": ("GUARDS", "CREATE RULE nothing AS ON INSERT TO registry.entry_wish DO INSTEAD NOTHING"),
    "a table of somebody else": ("GUARDS", "ALTER TABLE registry.entry_wish OWNER TO sparr_super"),
    "an event trigger for little": (
        "GUARDS",
        (
            "DROP EVENT TRIGGER sparr_refuse_definitions;"
            "CREATE EVENT TRIGGER sparr_refuse_definitions ON ddl_command_start WHEN TAG IN ('CREATE VIEW')"
            " EXECUTE FUNCTION ops.refuse_definitions()"
        ),
    ),
    "an event trigger that does nothing": (
        "GUARDS",
        (
            "CREATE OR REPLACE FUNCTION ops.refuse_definitions() RETURNS event_trigger LANGUAGE plpgsql"
            " AS 'BEGIN END'"
        ),
    ),
    "sessions that skip triggers": (
        "GUARDS",
        'ALTER ROLE sparr_api IN DATABASE "{database}" SET session_replication_role = replica',
    ),
    "row security off": ("GUARDS", "ALTER TABLE registry.entry DISABLE ROW LEVEL SECURITY"),
    "row security not for the owner": ("GUARDS", "ALTER TABLE registry.entry NO FORCE ROW LEVEL SECURITY"),
    "the event trigger off": ("GUARDS", "ALTER EVENT TRIGGER sparr_refuse_definitions DISABLE"),
    "the event trigger gone": ("GUARDS", "DROP EVENT TRIGGER sparr_refuse_definitions"),
    "a check value of another key": (
        "FINGERPRINT_KEY",
        "UPDATE registry.fingerprint_key SET check_value = 'x'",
    ),
    "no check value": ("FINGERPRINT_KEY", "DELETE FROM registry.fingerprint_key"),
    "the canary released": (
        "CANARY",
        "INSERT INTO registry.entry_release SELECT 0, id, 'x', now(), 1, event_id FROM registry.entry",
    ),
    "the canary's key gone": ("CANARY", "DELETE FROM registry.entry_key"),
    "the canary's entry gone": ("CANARY", "DELETE FROM registry.entry"),
    "the policy gone": ("CANARY", "DROP POLICY declared ON registry.entry_key"),
    "a policy that hides": ("CANARY", "ALTER POLICY declared ON registry.entry USING (false)"),
    "a grant gone": ("CANARY", "REVOKE SELECT ON registry.entry_release FROM sparr_lookup"),
    "an empty register": ("CANARY", "TRUNCATE registry.party CASCADE"),
    "no way in": ("DATABASE", 'REVOKE CONNECT ON DATABASE "{database}" FROM sparr_api'),
    "no schema": ("DATABASE", "DROP SCHEMA ops CASCADE"),
}

ROLE_FAULTS = {
    "a superuser": ("SUPERUSER", "NOSUPERUSER"),
    "one who passes row security": ("BYPASSRLS", "NOBYPASSRLS"),
    "one who makes roles": ("CREATEROLE", "NOCREATEROLE"),
}


async def failed(database: Database) -> list[str]:
    return [name for name, ok in await standing(database) if not ok]


async def break_it(url: str, statement: str) -> None:
    connection = await superuser(url)
    await connection.execute(
        statement.replace("{database}", await connection.fetchval("SELECT current_database()"))
    )
    await connection.close()


async def test_a_sound_database_is_accepted(scratch: Database) -> None:
    await refuse_unsafe(scratch)
    assert [name for name, _ in await standing(scratch)] == [
        "DATABASE",
        "DURABILITY",
        "SCHEMA_REVISION",
        "CLOCK",
        "PRIVILEGES",
        "GUARDS",
        "FINGERPRINT_KEY",
        "CANARY",
    ]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_database_with_a_fault_is_refused_at_start_and_reported_as_unready(
    scratch: Database, scratch_url: str, ring: KeyRing, fault: str
) -> None:
    code, statement = FAULTS[fault]
    await break_it(scratch_url, statement)
    with pytest.raises(UnsafeDatabaseError, match=code):
        await refuse_unsafe(scratch)
    app = create_app(deployment(scratch, ring, ISSUER))
    with pytest.raises(UnsafeDatabaseError, match=code):
        async with app.router.lifespan_context(app):
            raise AssertionError("it started")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=ISSUER) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert code in [check["name"] for check in answer.json()["checks"] if not check["ok"]]
    assert "retry-after" in answer.headers


@pytest.mark.parametrize("fault", ROLE_FAULTS)
async def test_a_role_of_the_service_that_is_more_than_a_role_is_refused(
    scratch: Database, scratch_url: str, fault: str
) -> None:
    given, taken = ROLE_FAULTS[fault]
    await break_it(scratch_url, f"ALTER ROLE sparr_lookup {given}")
    try:
        assert "PRIVILEGES" in await failed(scratch)
    finally:
        await break_it(scratch_url, f"ALTER ROLE sparr_lookup {taken}")
    assert await failed(scratch) == []


async def test_a_role_of_the_service_that_can_become_the_owner_is_refused(
    scratch: Database, scratch_url: str
) -> None:
    await break_it(scratch_url, "GRANT sparr_owner TO sparr_api")
    try:
        assert await failed(scratch) == ["PRIVILEGES"]
    finally:
        await break_it(scratch_url, "REVOKE sparr_owner FROM sparr_api")


async def test_an_owner_that_somebody_can_be_is_refused(scratch: Database, scratch_url: str) -> None:
    await break_it(scratch_url, "CREATE ROLE heir; GRANT sparr_owner TO heir")
    try:
        assert await failed(scratch) == ["PRIVILEGES"]
    finally:
        await break_it(scratch_url, "DROP ROLE heir; ALTER ROLE sparr_owner LOGIN")
    try:
        assert await failed(scratch) == ["PRIVILEGES"]
    finally:
        await break_it(scratch_url, "ALTER ROLE sparr_owner NOLOGIN")
    assert await failed(scratch) == []


async def test_a_connection_that_finds_names_elsewhere_is_refused(
    scratch_url: str, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SESSION, "search_path", "public, pg_catalog")
    astray = open_database(scratch_url, ring, ISSUER)
    assert await failed(astray) == ["GUARDS"]
    await astray.dispose()


async def test_every_table_with_a_policy_is_one_that_must_have_it(scratch_url: str) -> None:
    connection = await superuser(scratch_url)
    rows = await connection.fetch(
        "SELECT DISTINCT c.relname::text AS name FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
    )
    await connection.close()
    assert {row["name"] for row in rows} == set(GUARDED)


async def test_a_wrong_fingerprint_key_is_refused_and_finds_no_canary(
    scratch_url: str, ring: KeyRing
) -> None:
    other = KeyRing.generate()
    assert other.fingerprint_key != ring.fingerprint_key
    right = open_database(scratch_url, ring, ISSUER)
    wrong = open_database(scratch_url, other, ISSUER)
    mixed = Database(scratch_url, passwords(ring), wrong.instruments)
    assert await failed(right) == []
    assert await failed(mixed) == ["FINGERPRINT_KEY", "CANARY"]
    assert await failed(wrong) == ["DATABASE"]
    for database in (right, wrong, mixed):
        await database.dispose()


async def test_a_database_that_was_migrated_but_never_founded_is_refused(
    own_server: EmbeddedPostgres, ring: KeyRing
) -> None:
    url = own_server.start().url()
    empty = open_database(url, ring, ISSUER)
    assert await failed(empty) == ["DATABASE"]
    await migrate(url, passwords(ring))
    assert await failed(empty) == ["FINGERPRINT_KEY", "CANARY"]
    await empty.dispose()


async def test_a_server_without_durable_commits_is_refused(
    own_server: EmbeddedPostgres, ring: KeyRing
) -> None:
    """The embedded server cannot be started so; one that is reached by URL can."""
    own_server._settings |= {"full_page_writes": "off"}
    url = own_server.start().url()
    await migrate(url, passwords(ring))
    database = open_database(url, ring, ISSUER)
    assert "DURABILITY" in await failed(database)
    with pytest.raises(UnsafeDatabaseError, match="DURABILITY"):
        await refuse_unsafe(database)
    await database.dispose()


async def test_what_readiness_reports_a_lookup_refuses(scratch: Database, scratch_url: str) -> None:
    await break_it(scratch_url, "DELETE FROM registry.entry_key")
    with pytest.raises(UnavailableError):
        async with scratch.lookup() as unit:
            await find_entries(unit, await open_lists(unit, ALL_CONTROLLERS, None), b"")
