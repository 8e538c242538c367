"""Five hundred things that a superuser might do, and bytes that flipped on the way: each is found and named.

`ALTERATIONS=10000 FLIPS=1000 SEED=7 ./sparr test tests/storage/test_journal_altered.py` is the long form.
"""

import os
import random
import shutil
from itertools import islice
from pathlib import Path

import pytest

from app.crypto.keys import KeyRing
from app.crypto.notes import Checkpoint, sign_checkpoint, verifier_key
from app.domain.journalled import JOURNALLED
from app.domain.merkle import Frontier, leaf_hash
from app.usecases.journal_findings import EXPORT, MANIFEST, UnreadableExportError
from app.usecases.verify_journal import verify_export
from tests.direct import superuser
from tests.storage.alterations import UNBOUND, Superuser, rows_of, types_of
from tests.storage.journal_alterations import tamperings
from tests.storage.journal_copies import an_hour_later, copy_of, drop, exported, told

WANTED = int(os.environ.get("ALTERATIONS", "500"))
OF_THE_JOURNAL = WANTED // 10
FLIPS = int(os.environ.get("FLIPS", "150"))
TABLES = (
    "registry.journal_leaf",
    "registry.journal_node",
    "registry.journal_checkpoint",
    "vault.journal_opening",
)
SEED = int(os.environ.get("SEED", "1"))


async def test_every_alteration_of_a_row_is_named(journalled: str, ring: KeyRing, tmp_path: Path) -> None:
    """Cells changed, emptied and exchanged, rows deleted, added and moved to other events, constraints out of
    the way; in every table and every column."""
    unbound, export, done = await copy_of(journalled), tmp_path / "export", []
    connection = await superuser(unbound)
    await connection.execute(UNBOUND)
    types = await types_of(connection)
    await connection.close()
    rows = rows_of(await exported(unbound, ring, export))
    for group in Superuser(rows, types, SEED).groups(WANTED - OF_THE_JOURNAL):
        copied = await copy_of(unbound)
        connection = await superuser(copied)
        await connection.execute("SET session_replication_role = replica")
        for one in group:
            await one.do(connection)
        await connection.close()
        shutil.rmtree(export)
        await exported(copied, ring, export)
        await drop(copied)
        an_hour_later(export, ring)
        named = told(verify_export(export, None))
        assert [one for one in group if not one.names <= named] == []
        assert len(named) <= 3 * sum(len(one.names) for one in group)
        done += group
    changed = {(one.table, one.what) for one in done}
    assert len(done) == WANTED - OF_THE_JOURNAL
    assert {(table, f"change {column}") for table in JOURNALLED for column in types[table]} | {
        (table, f"{what} ") for table in JOURNALLED for what in ("delete", "add")
    } <= changed
    print(f"{len(done)} alterations of rows, {len(changed)} kinds, seed {SEED}: all named")


async def test_every_alteration_of_the_journal_is_named(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    """Leaves, openings, checkpoints and nodes: changed, hashed anew, exchanged, cut off, added."""
    copied, export = await copy_of(journalled), tmp_path / "export"
    connection = await superuser(copied)
    found = verify_export(await exported(copied, ring, export), None)
    assert found.findings == []
    nodes = len((export / "nodes.jsonl").read_text().splitlines())
    assert nodes > 0
    for table in TABLES:
        await connection.execute(f"CREATE TABLE public.{table.partition('.')[2]} AS TABLE {table}")
    for one in islice(tamperings(found.size, nodes, SEED), OF_THE_JOURNAL):
        for statement in one.statements:
            assert not (await connection.execute(statement)).endswith(" 0"), one
        shutil.rmtree(export)
        found = verify_export(await exported(copied, ring, export), None)
        assert (one.table, one.wrong) in {(finding.table, finding.wrong) for finding in found.findings}, one
        for table in TABLES:
            await connection.execute(f"TRUNCATE {table}")
            await connection.execute(f"INSERT INTO {table} TABLE public.{table.partition('.')[2]}")
    await connection.close()
    print(f"{OF_THE_JOURNAL} alterations of the journal, seed {SEED}: all named")


async def test_a_journal_that_was_written_anew_and_signed_by_another_key_is_not_believed(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    """Whoever altered a leaf can grow the whole tree again, and has no key to sign it."""
    copied, other = await copy_of(journalled), KeyRing.generate().journal_key
    connection = await superuser(copied)
    await connection.execute("UPDATE registry.journal_leaf SET leaf = overlay(leaf PLACING '1' FROM 8)")
    await connection.execute("UPDATE registry.journal_leaf SET hash = sha256('\\x00' || leaf)")
    leaves = await connection.fetch("SELECT leaf FROM registry.journal_leaf ORDER BY position")
    note = await connection.fetchval("SELECT note FROM registry.journal_checkpoint LIMIT 1")
    tree, origin = Frontier(), note.partition("\n")[0]
    tree.append(leaf_hash(row["leaf"]) for row in leaves)
    forged = sign_checkpoint(other, Checkpoint(origin, tree.size, tree.root()))
    await connection.execute("DELETE FROM registry.journal_checkpoint")
    await connection.execute(
        "INSERT INTO registry.journal_checkpoint VALUES ($1, $2, now(), $3)", tree.size, tree.root(), forged
    )
    await connection.close()
    folder = await exported(copied, ring, tmp_path / "export")
    named = {
        (one.table, one.key) for one in verify_export(folder, verifier_key(ring.journal_key, origin)).findings
    }
    assert named >= {("journal_checkpoint", "newest"), ("journal_checkpoint", str(tree.size))}


async def test_every_byte_that_flipped_on_the_way_is_named_by_its_file(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    """And nothing that stands in a file can make the verifier break off."""
    folder = await exported(await copy_of(journalled), ring, tmp_path / "export")
    chance, vkey = random.Random(SEED), verifier_key(ring.journal_key, origin_of(folder))  # noqa: S311 - the same in every run
    files = sorted(path for path in folder.iterdir() if path.stat().st_size)
    for _ in range(FLIPS):
        path = chance.choice(files)
        whole = path.read_bytes()
        at, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        try:
            named = {one.key for one in verify_export(folder, vkey).findings if one.table == EXPORT}
        except UnreadableExportError:
            named = {MANIFEST}
        expected = MANIFEST if path.name == "seal" else path.name
        assert expected in named, (path.name, at, bit)
        path.write_bytes(whole)
    assert verify_export(folder, vkey).findings == []


def origin_of(folder: Path) -> str:
    return (folder / "checkpoint").read_text().partition("\n")[0]


@pytest.mark.parametrize(
    "name", ["entry.jsonl", "leaves.jsonl", "checkpoints.jsonl", "nodes.jsonl", "event.jsonl"]
)
async def test_a_file_that_was_cut_off_emptied_or_taken_away_is_named(
    journalled: str, ring: KeyRing, tmp_path: Path, name: str
) -> None:
    folder = await exported(await copy_of(journalled), ring, tmp_path / "export")
    path = folder / name
    whole = path.read_bytes()
    for rest in (whole[: len(whole) // 2], b"", b'"text"\n[]\nnull\n{}\n'):
        path.write_bytes(rest)
        assert (EXPORT, name, "altered") in named_files(folder)
    path.unlink()
    assert (EXPORT, name, "missing") in named_files(folder)
    (folder / "more.jsonl").write_bytes(whole)
    assert (EXPORT, "more.jsonl", "added") in named_files(folder)


def named_files(folder: Path) -> set[tuple[str, str, str]]:
    return {(one.table, one.key, one.wrong) for one in verify_export(folder, None).findings}


async def test_an_export_of_another_format_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text('{"format": 1, "exported_at": "2026-11-01", "vkey": "a", "files": {}}')
    with pytest.raises(UnreadableExportError, match="another format"):
        verify_export(tmp_path, None)
