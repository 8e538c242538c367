"""The schema can move to a distributed PostgreSQL unchanged; whatever would prevent it is caught here."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conftest import Clone
from tests.direct import superuser
from tests.storage.catalogue import RULES, breaches, controller_tables

PLANTED: dict[str, list[str]] = {
    "a table of the register is in no family": ["CREATE TABLE registry.note (id uuid PRIMARY KEY)"],
    "controller_no may be null": ["CREATE TABLE registry.note (id uuid PRIMARY KEY, controller_no int4)"],
    "controller_no does not lead a unique key": [
        "CREATE UNIQUE INDEX entry_alone ON registry.entry (id, controller_no)"
    ],
    "an index beside the key begins with controller_no": [
        "CREATE INDEX entry_since ON registry.entry (controller_no, since)"
    ],
    "there is no primary key": ["CREATE TABLE registry.note (controller_no int4 NOT NULL)"],
    "an id is no uuid": ["ALTER TABLE registry.entry ADD COLUMN campaign_id int8"],
    "a number comes from a sequence": [
        "CREATE TABLE registry.note (controller_no int4, n serial, PRIMARY KEY (controller_no, n))"
    ],
    "a foreign key leaves its family": [
        "ALTER TABLE registry.entry ADD FOREIGN KEY (objection_id) REFERENCES registry.objection (id)"
    ],
    "a foreign key of a controller's table leaves the controller out": [
        "CREATE UNIQUE INDEX entry_id_alone ON registry.entry (id)",
        "ALTER TABLE registry.entry_release ADD FOREIGN KEY (entry_id) REFERENCES registry.entry (id)",
    ],
    "a trigger or a rule changes what a statement does": [
        (
            "CREATE TRIGGER t BEFORE UPDATE ON registry.entry FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        )
    ],
    "a constraint can be deferred": [
        "ALTER TABLE registry.entry ADD UNIQUE (controller_no, version, id) DEFERRABLE"
    ],
    "an extension is needed": ["UPDATE pg_extension SET extname = 'other' WHERE extname = 'plpgsql'"],
    "a table inherits or is spread": ["CREATE TABLE registry.note () INHERITS (registry.entry)"],
    "a table of a controller has no forced row level security": [
        "ALTER TABLE registry.entry_key NO FORCE ROW LEVEL SECURITY"
    ],
    "a table with controller_no in its primary key has no policy": [
        "CREATE TABLE registry.note (controller_no int4 PRIMARY KEY)",
        "ALTER TABLE registry.note ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE registry.note FORCE ROW LEVEL SECURITY",
    ],
    "a policy is not the one for everybody": [
        "CREATE POLICY generous ON registry.entry TO sparr_lookup USING (true)"
    ],
}

LAX = {
    "identity": "CREATE TABLE registry.note (controller_no int4, n int8 GENERATED ALWAYS AS IDENTITY)",
    "rule": "CREATE RULE r AS ON INSERT TO registry.entry DO INSTEAD NOTHING",
    "policy to one role": "ALTER POLICY declared ON registry.entry TO sparr_api",
    "policy that checks no writes": "ALTER POLICY declared ON registry.entry WITH CHECK (true)",
    "policy that finds nothing": "ALTER POLICY declared ON registry.entry USING"
    " (controller_no = ANY (current_setting('sparr.controllers', true)::int4[]))"
    " WITH CHECK (controller_no = ANY (current_setting('sparr.controllers', true)::int4[]))",
    "row security switched off": "ALTER TABLE registry.entry DISABLE ROW LEVEL SECURITY",
    "dropped policy": "DROP POLICY declared ON registry.entry",
    "partitions": "CREATE TABLE registry.note (controller_no int4) PARTITION BY LIST (controller_no)",
}


@pytest.fixture(scope="module")
async def scratchpad(breakable: Clone) -> AsyncIterator[Any]:
    """The superuser in a database of this module's own. What a test plants is rolled back."""
    connection = await superuser(await breakable())
    yield connection
    await connection.close()


async def test_the_migrated_schema_keeps_every_rule(scratchpad: Any) -> None:
    assert await breaches(scratchpad) == {}
    assert {"entry", "entry_key", "controller_version"} <= set(await controller_tables(scratchpad))


def test_for_every_rule_a_breach_is_planted() -> None:
    assert PLANTED.keys() == RULES.keys()


@pytest.mark.parametrize("rule", PLANTED)
async def test_a_planted_breach_is_seen(scratchpad: Any, rule: str) -> None:
    planted = scratchpad.transaction()
    await planted.start()
    for statement in PLANTED[rule]:
        await scratchpad.execute(statement)
    found = await breaches(scratchpad)
    await planted.rollback()
    assert rule in found


@pytest.mark.parametrize("what", LAX)
async def test_a_breach_is_seen_in_its_other_spellings_too(scratchpad: Any, what: str) -> None:
    planted = scratchpad.transaction()
    await planted.start()
    await scratchpad.execute(LAX[what])
    found = await breaches(scratchpad)
    await planted.rollback()
    assert found
