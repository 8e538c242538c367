"""A registry of any earlier schema, with people in it, comes to this version's and answers as before."""

from pathlib import Path
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from app.main import found_registry, open_database, passwords
from app.storage import migrating
from app.storage.migrating import expected_revision, migrate
from app.storage.readiness import standing
from app.usecases.export_journal import export_journal
from app.usecases.sequence_events import Sequencer
from app.usecases.verify_journal import verify_export
from tests.architecture.repository import ROOT
from tests.cloned_registry import registry_at
from tests.direct import superuser
from tests.migrations.conftest import Empty
from tests.registry_driver import ISSUER, PHONE, Driver, Json, Party, first_admin, question

REVISIONS = sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("*.py"))
EARLIER = REVISIONS[:-1]
JOURNALS = {"journal_leaf", "journal_node", "journal_checkpoint", "journal_opening"}
DESK, STRANGER = "+46701740610", "+46701740611"
ASKED = [PHONE, DESK, STRANGER]

COLUMNS = """
SELECT n.nspname AS schema, c.relname AS table, a.attname::text AS column, c.relkind = 'r' AS stored,
       format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AND NOT a.atthasdef AS demanded
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname IN ('registry', 'vault', 'ops') AND c.relkind IN ('r', 'p', 'v')
  AND c.relname <> 'schema_revision'
ORDER BY 1, 2, a.attnum
"""
GRANTS = """
SELECT format('%s %s.%s %s', grantee, table_schema, table_name, privilege_type) AS held
FROM information_schema.role_table_grants
WHERE table_schema IN ('registry', 'vault', 'ops') AND grantee LIKE 'sparr%'
"""

Column = tuple[str, str, str]


class Past:
    """Migrations up to a revision, as that release had them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, ring: KeyRing) -> None:
        self._monkeypatch, self._folder, self._ring = monkeypatch, folder, ring

    async def bring(self, url: str, revision: str) -> None:
        """Migrate to a revision as its own release would have."""
        made = self._folder / revision / "migrations"
        for path in (ROOT / "migrations").rglob("*"):
            place = path.relative_to(ROOT / "migrations")
            later = place.parts[0] == "versions" and "".join(place.parts[1:])[:4] > revision
            if path.is_file() and "__pycache__" not in path.parts and not later:
                copy = made / place
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
        with self._monkeypatch.context() as at_that_time:
            at_that_time.setattr(migrating, "_MIGRATIONS", made)
            await migrate(url, passwords(self._ring))


@pytest.fixture
def past(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ring: KeyRing) -> Past:
    return Past(monkeypatch, tmp_path, ring)


class Lived:
    """A registry of this version with people in it."""

    def __init__(self, url: str, admin: Json, sender: Party) -> None:
        self.url, self.admin, self.sender = url, admin, sender
        self.answers: list[Json] = []


async def answers(driver: Driver, sender: Party) -> list[Json]:
    """What the sender is told about everybody, without what is of the moment."""
    sender.token = await driver.token(sender.credential)
    found: list[Json] = []
    for purpose in ("marketing", "service"):
        asked = {**question(sender.id, PHONE, purpose=purpose), "identifiers": ASKED}
        answer = await driver.post("/v1/lookups", asked, sender)
        assert answer.status_code == 200, answer.text
        found += answer.json()["results"]
    return found


@pytest.fixture(scope="module")
async def lived(empty: Empty, ring: KeyRing) -> Lived:
    url = await empty()
    await migrate(url, passwords(ring))
    database = open_database(url, ring, ISSUER)
    await found_registry(database)
    admin = await first_admin(database, ring)
    await database.dispose()
    async with registry_at(url, ring, admin) as driver:
        sender, agent = await driver.controller(), await driver.agent()
        mandate = await driver.mandate(agent)
        await driver.objection(agent, mandate, [sender.id])
        desk = await driver.desk(sender)
        assert (await driver.enter(desk, {"type": "phone", "value": DESK})).status_code == 201
        made = Lived(url, admin, sender)
        made.answers = await answers(driver, sender)
    codes = [one["code"] for one in made.answers[: len(ASKED)]]
    assert codes == ["OBJ_DM", "DNC_INTERNAL", "NO_OBJECTION_FOUND"]
    return made


async def columns(url: str) -> dict[Column, Any]:
    connection = await superuser(url)
    rows = await connection.fetch(COLUMNS)
    await connection.close()
    return {(row["schema"], row["table"], row["column"]): row for row in rows}


async def carry(source: str, target: str) -> dict[tuple[str, str], tuple[list[str], int]]:
    """Copy what the older schema has a place for; the columns and number of rows of each table."""
    now, then = await columns(source), await columns(target)
    before, after = await superuser(source), await superuser(target)
    await after.execute("SET session_replication_role = replica")
    carried: dict[tuple[str, str], tuple[list[str], int]] = {}
    for schema, table in sorted({key[:2] for key, row in then.items() if row["stored"]}):
        names = [key[2] for key in then if key[:2] == (schema, table)]
        assert all((schema, table, name) in now for name in names), (schema, table)
        if table in JOURNALS:
            continue
        rows = [tuple(row) for row in await before.fetch(picked(schema, table, names))]
        await after.copy_records_to_table(table, schema_name=schema, columns=names, records=rows)
        carried[schema, table] = (names, len(rows))
    await before.close()
    await after.close()
    return carried


def picked(schema: str, table: str, names: list[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f'SELECT {listed} FROM "{schema}"."{table}"'  # noqa: S608 - names of the catalogue


@pytest.mark.parametrize("revision", EARLIER)
async def test_people_of_an_earlier_schema_are_answered_as_before(
    lived: Lived, empty: Empty, past: Past, ring: KeyRing, tmp_path: Path, revision: str
) -> None:
    url = await empty()
    await past.bring(url, revision)
    carried = await carry(lived.url, url)
    assert sum(count for _, count in carried.values()) > 20
    await migrate(url, passwords(ring))
    connection = await superuser(url)
    assert await connection.fetchval("SELECT version_num FROM ops.schema_revision") == expected_revision()
    for (schema, table), (names, count) in carried.items():
        assert len(await connection.fetch(picked(schema, table, names))) == count, table
    await connection.close()
    database = open_database(url, ring, ISSUER)
    assert await found_registry(database) is False
    assert [name for name, ok in await standing(database) if not ok] == []
    sequencer = Sequencer(database, ring.journal_key)
    while await sequencer.round():
        pass
    await export_journal(database, ring.journal_key, tmp_path / "export")
    await database.dispose()
    assert verify_export(tmp_path / "export", None).findings == []
    async with registry_at(url, ring, lived.admin) as driver:
        assert await answers(driver, lived.sender) == lived.answers


async def test_every_revision_leaves_the_code_before_it_working(empty: Empty, past: Past) -> None:
    """Expand only: nothing that was there goes or changes its type, nothing new is demanded of who does not
    know it, and no right that was used is taken."""
    url = await empty()
    before: dict[Column, Any] = {}
    held: set[str] = set()
    for revision in REVISIONS:
        await past.bring(url, revision)
        now = await columns(url)
        connection = await superuser(url)
        rights = {row["held"] for row in await connection.fetch(GRANTS)}
        await connection.close()
        assert {key: row["type"] for key, row in before.items()}.items() <= {
            key: row["type"] for key, row in now.items()
        }.items(), revision
        known = {key[:2] for key in before}
        new = {key for key in now.keys() - before.keys() if key[:2] in known}
        assert [key for key in sorted(new) if now[key]["demanded"]] == [], revision
        assert held <= rights, revision
        before, held = now, rights
