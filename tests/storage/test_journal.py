"""The sequencer: every committed event once, whatever else happens, in a tree that was signed."""

import asyncio
from datetime import timedelta

import pytest

from app.crypto.keys import KeyRing
from app.crypto.notes import open_checkpoint, verifier_key
from app.domain.journalled import JOURNALLED, NOT_JOURNALLED
from app.domain.merkle import Frontier, leaf_hash
from app.main import open_database
from app.storage.database import Database
from app.usecases.sequence_events import LARGEST, Sequencer
from tests.direct import superuser
from tests.registry_driver import ISSUER
from tests.storage.busy import Busy
from tests.storage.journal_copies import MANY, drained

COVERED = """
SELECT c.relname::text AS name,
       (SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey, a.attnum))
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary) AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'registry' AND c.relkind = 'r'
"""


async def test_every_table_of_the_register_is_journalled_or_left_out_by_name(database_url: str) -> None:
    connection = await superuser(database_url)
    found = {row["name"]: tuple(row["key"]) for row in await connection.fetch(COVERED)}
    await connection.close()
    assert {name: key for name, key in found.items() if name not in NOT_JOURNALLED} == dict(JOURNALLED)
    assert found.keys() >= NOT_JOURNALLED


async def test_every_event_gets_one_place_and_the_tree_is_that_of_the_leaves(
    busy: Busy, ring: KeyRing
) -> None:
    await drained(busy.database, ring)
    connection = await superuser(busy.url)
    events = {row["id"] for row in await connection.fetch("SELECT id FROM registry.event")}
    leaves = await connection.fetch("SELECT * FROM registry.journal_leaf ORDER BY position")
    note = await connection.fetchval(
        "SELECT note FROM registry.journal_checkpoint ORDER BY size DESC LIMIT 1"
    )
    party = await connection.fetchval("SELECT id FROM registry.party WHERE kind = 'registry'")
    await connection.close()
    assert [row["position"] for row in leaves] == list(range(len(events)))
    assert {row["event_id"] for row in leaves} == events
    tree = Frontier()
    tree.append(leaf_hash(row["leaf"]) for row in leaves)
    checkpoint = open_checkpoint(note, verifier_key(ring.journal_key, f"sparr/{party}"))
    assert (checkpoint.size, checkpoint.root) == (len(events), tree.root())


EVENT = "INSERT INTO registry.event (id, at, kind, outcome) VALUES ($1, now(), 'test', 'done')"


async def positions(url: str) -> list[int]:
    connection = await superuser(url)
    rows = await connection.fetch("SELECT position FROM registry.journal_leaf ORDER BY position")
    unplaced = await connection.fetchval(
        "SELECT count(*) FROM registry.event e "
        "WHERE NOT EXISTS (SELECT FROM registry.journal_leaf l WHERE l.event_id = e.id)"
    )
    await connection.close()
    assert unplaced == 0
    return [row["position"] for row in rows]


async def test_an_event_that_commits_long_after_its_id_was_made_is_found(
    scratch: Database, scratch_url: str, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.usecases.sequence_events.WIDE_EVERY", 0.0)
    sequencer = await drained(scratch, ring)
    late = await superuser(scratch_url)
    open_transaction = late.transaction()
    await open_transaction.start()
    await late.execute(EVENT, await late.fetchval("SELECT uuidv7('-25 seconds')"))
    other = await superuser(scratch_url)
    await other.execute(EVENT, await other.fetchval("SELECT uuidv7()"))
    await other.close()
    assert await sequencer.round() == 1
    assert await sequencer.round() == 0
    await open_transaction.commit()
    await late.close()
    assert await sequencer.round() == 1
    assert await positions(scratch_url) == list(range(3))


async def test_an_event_older_than_all_nets_is_found_by_the_look_at_all(
    scratch: Database, scratch_url: str, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequencer = await drained(scratch, ring)
    connection = await superuser(scratch_url)
    await connection.execute(EVENT, await connection.fetchval("SELECT uuidv7('-3 days')"))
    await connection.close()
    monkeypatch.setattr("app.usecases.sequence_events.WIDE_EVERY", 0.0)
    assert await sequencer.round() == 0
    monkeypatch.setattr("app.usecases.sequence_events.ALL_EVERY", 0.0)
    assert await sequencer.round() == 1
    assert await positions(scratch_url) == [0, 1]


async def test_all_events_are_looked_at_in_slices(
    scratch: Database, scratch_url: str, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.usecases.sequence_events._SLICE", 7)
    monkeypatch.setattr("app.usecases.sequence_events.LARGEST", 5)
    connection = await superuser(scratch_url)
    await connection.execute(MANY, 40, -60.0)
    await connection.close()
    sequencer = Sequencer(scratch, ring.journal_key)
    for _ in range(30):
        await sequencer.round()
    assert await positions(scratch_url) == list(range(41))


async def test_two_sequencers_at_once_give_every_event_one_place(
    scratch: Database, scratch_url: str, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.usecases.sequence_events.LARGEST", 40)
    second = open_database(scratch_url, ring, ISSUER)
    pair = [Sequencer(one, ring.journal_key) for one in (scratch, second)]
    connection = await superuser(scratch_url)
    added: list[int | None] = []

    async def run(sequencer: Sequencer) -> None:
        for _ in range(25):
            added.append(await sequencer.round())
            await asyncio.sleep(0.01)

    async def write() -> None:
        for _ in range(6):
            await connection.execute(MANY, 50, 0.001)
            await asyncio.sleep(0.02)

    await asyncio.gather(*(run(one) for one in pair), write())
    await drained(scratch, ring)
    assert await positions(scratch_url) == list(range(301))
    sizes = await connection.fetch("SELECT size, root FROM registry.journal_checkpoint ORDER BY size")
    leaves = await connection.fetch("SELECT hash FROM registry.journal_leaf ORDER BY position")
    for row in sizes:
        tree = Frontier()
        tree.append(leaf["hash"] for leaf in leaves[: row["size"]])
        assert tree.root() == row["root"]
    await connection.close()
    await second.dispose()


async def test_a_round_that_is_cut_off_leaves_nothing_behind(
    scratch: Database, scratch_url: str, ring: KeyRing
) -> None:
    """The server ends its connection in the middle, as it does when the process is killed with -9."""
    connection = await superuser(scratch_url)
    await connection.execute(MANY, 300, 0.001)
    sequencer = Sequencer(scratch, ring.journal_key)
    running = asyncio.create_task(sequencer.round())
    cut = 0
    while not running.done():
        cut += await connection.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE usename = 'sparr_journal' AND datname = current_database() AND query ~ 'journal_leaf'"
        )
        await asyncio.sleep(0.001)
    await asyncio.gather(running, return_exceptions=True)
    assert cut
    assert sequencer.limit < LARGEST
    await connection.close()
    while await sequencer.round():
        pass
    assert sequencer.limit == LARGEST
    await drained(scratch, ring)
    assert await positions(scratch_url) == list(range(301))


def test_the_widest_net_is_wider_than_any_transaction() -> None:
    from app.storage.database import SESSION
    from app.usecases.sequence_events import NEAR, WIDE

    assert timedelta(milliseconds=int(SESSION["transaction_timeout"])) < WIDE
    assert NEAR < WIDE
