"""Migrating an empty database, one that is there already, and one that somebody else migrates meanwhile."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from app.crypto.keys import KeyRing
from app.main import found_registry, open_database, passwords
from app.storage import migrating
from app.storage.migrating import expected_revision, migrate
from app.storage.readiness import standing
from tests.architecture.repository import ROOT
from tests.direct import superuser
from tests.migrations.conftest import Empty
from tests.registry_driver import ISSUER

Probing = Callable[[str], None]

CATALOGUE = """
SELECT 'column' AS kind, format('%s.%s.%s', n.nspname, c.relname, a.attname) AS what,
       format_type(a.atttypid, a.atttypmod) || a.attnotnull
       || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS state
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE n.nspname IN ('registry', 'vault', 'ops')
UNION ALL
SELECT 'relation', format('%s.%s', n.nspname, c.relname),
       row(c.relacl, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity)::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('registry', 'vault', 'ops')
UNION ALL SELECT 'schema', nspname, coalesce(nspacl::text, '') FROM pg_namespace
UNION ALL SELECT 'constraint', conname || conrelid::regclass, pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid <> 0
UNION ALL SELECT 'policy', polname || polrelid::regclass, pg_get_expr(polqual, polrelid) FROM pg_policy
UNION ALL SELECT 'role', rolname, rolsuper::text || rolcanlogin || rolinherit || coalesce(rolconfig::text, '')
FROM pg_roles
UNION ALL SELECT 'database', 'this', datacl::text FROM pg_database WHERE datname = current_database()
UNION ALL SELECT 'revision', version_num, '' FROM ops.schema_revision
"""


async def catalogue(url: str) -> set[tuple[str, str, str]]:
    connection = await superuser(url)
    rows = await connection.fetch(CATALOGUE)
    await connection.close()
    return {tuple(row) for row in rows}


async def works(url: str, ring: KeyRing) -> bool:
    """Whether the service would start on it."""
    database = open_database(url, ring, ISSUER)
    await found_registry(database)
    sound = all(ok for _, ok in await standing(database))
    await database.dispose()
    return sound


async def test_migrating_again_changes_nothing(empty: Empty, ring: KeyRing) -> None:
    url = await empty()
    await migrate(url, passwords(ring))
    before = await catalogue(url)
    assert len(before) > 300
    await migrate(url, passwords(ring))
    assert await catalogue(url) == before
    assert await works(url, ring)


async def test_several_who_migrate_an_empty_database_at_once_all_end_well(
    empty: Empty, ring: KeyRing
) -> None:
    url, alone = await empty(), await empty()
    await asyncio.gather(*(migrate(url, passwords(ring)) for _ in range(5)))
    await migrate(alone, passwords(ring))
    assert await catalogue(url) == await catalogue(alone)
    assert await works(url, ring)


async def test_several_processes_that_migrate_at_once_all_end_well(empty: Empty, ring: KeyRing) -> None:
    url = await empty()
    program = (
        "import asyncio, json, sys; from app.storage.migrating import migrate; "
        "asyncio.run(migrate(*json.load(sys.stdin)))"
    )

    async def run() -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, cwd=ROOT, stdin=asyncio.subprocess.PIPE
        )
        await process.communicate(json.dumps([url, passwords(ring)]).encode())
        return process.returncode or 0

    assert set(await asyncio.gather(run(), run())) == {0}
    assert await works(url, ring)


async def test_a_database_beside_another_one_finds_the_roles_there_already(
    empty: Empty, ring: KeyRing
) -> None:
    first, second = await empty(), await empty()
    await migrate(first, passwords(ring))
    before = await catalogue(first)
    await migrate(second, passwords(ring))
    assert await catalogue(first) == before == await catalogue(second)
    assert await works(first, ring)
    assert await works(second, ring)


async def test_roles_that_somebody_made_before_are_held_to_the_same(empty: Empty, ring: KeyRing) -> None:
    url = await empty()
    admin = await superuser(url)
    name = await admin.fetchval("SELECT current_database()")
    await admin.execute(f'GRANT ALL ON DATABASE "{name}" TO PUBLIC; GRANT ALL ON SCHEMA public TO PUBLIC')
    await admin.close()
    await migrate(url, passwords(ring))
    assert await works(url, ring)


async def test_the_passwords_of_the_service_roles_are_those_of_the_last_key_ring(
    empty: Empty, ring: KeyRing
) -> None:
    url, other = await empty(), KeyRing.generate()
    await migrate(url, passwords(other))
    refused = open_database(url, ring, ISSUER)
    assert await standing(refused) == [("DATABASE", False)]
    await refused.dispose()
    await migrate(url, passwords(ring))
    assert await works(url, ring)


async def test_a_password_that_a_statement_cannot_take_is_refused(empty: Empty) -> None:
    url = await empty()
    with pytest.raises(ValueError, match="password"):
        await migrate(url, {"sparr_api": "x'; DROP SCHEMA registry CASCADE; --", "sparr_lookup": "x"})


async def test_the_register_is_never_taken_apart(empty: Empty, ring: KeyRing) -> None:
    script = ScriptDirectory(str(ROOT / "migrations"))
    for revision in script.walk_revisions():
        with pytest.raises(RuntimeError, match="never"):
            revision.module.downgrade()
    assert len(list(script.get_heads())) == 1
    assert script.get_current_head() == expected_revision()
    url = await empty()
    await migrate(url, passwords(ring))
    assert await works(url, ring)


HEAD = expected_revision()
PROBE = '''
"""Notes under which settings a migration runs, and fails if it is told to."""
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade() -> None:
    op.execute("""CREATE TABLE ops.probe AS
        SELECT name, setting FROM pg_settings WHERE name IN ('lock_timeout', 'statement_timeout')
        UNION ALL SELECT 'locks', count(*)::text FROM pg_locks
        WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted""")
    op.execute("{statement}")
'''


@pytest.fixture
def probing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Probing:
    """The migrations with one more, whose last statement the test chooses."""

    def with_statement(statement: str) -> None:
        versions = tmp_path / "migrations" / "versions"
        versions.mkdir(parents=True)
        for path in (ROOT / "migrations").rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                copy = tmp_path / "migrations" / path.relative_to(ROOT / "migrations")
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
        (versions / "9999_probe.py").write_text(
            PROBE.replace("{statement}", statement).replace("{head}", HEAD)
        )
        monkeypatch.setattr(migrating, "_MIGRATIONS", tmp_path / "migrations")

    return with_statement


async def test_a_migration_has_short_times_and_holds_the_lock(
    empty: Empty, ring: KeyRing, probing: Probing
) -> None:
    probing("SELECT 1")
    url = await empty()
    await migrate(url, passwords(ring))
    admin = await superuser(url)
    noted = {row["name"]: row["setting"] for row in await admin.fetch("SELECT name, setting FROM ops.probe")}
    await admin.close()
    assert noted == {"lock_timeout": "5000", "statement_timeout": "60000", "locks": "1"}


async def test_a_migration_that_fails_takes_itself_back_and_leaves_the_earlier_ones(
    empty: Empty, ring: KeyRing, probing: Probing
) -> None:
    probing("SELECT 1 / 0")
    url = await empty()
    with pytest.raises(Exception, match="division by zero"):
        await migrate(url, passwords(ring))
    admin = await superuser(url)
    assert await admin.fetchval("SELECT version_num FROM ops.schema_revision") == HEAD
    assert await admin.fetchval("SELECT to_regclass('ops.probe')") is None
    assert await admin.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    await admin.close()


async def test_a_migration_gives_up_soon_on_a_table_that_somebody_holds(
    empty: Empty, ring: KeyRing, probing: Probing
) -> None:
    url = await empty()
    await migrate(url, passwords(ring))
    probing("ALTER TABLE registry.party ADD COLUMN other int")
    holder = await superuser(url)
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("LOCK TABLE registry.party IN ACCESS SHARE MODE")
    async with asyncio.timeout(15):
        with pytest.raises(Exception, match="lock timeout"):
            await migrate(url, passwords(ring))
    await transaction.rollback()
    with pytest.raises(asyncpg.UndefinedColumnError):
        await holder.fetch("SELECT other FROM registry.party")
    await holder.close()
