"""Five hundred things that a superuser might do, and bytes that flipped on the way: each is found and named.

`./sparr prove p3` is the long form.
"""

from pathlib import Path

import pytest

from app.crypto.keys import KeyRing
from app.crypto.notes import Checkpoint, sign_checkpoint, verifier_key
from app.domain.merkle import Frontier, leaf_hash
from app.usecases.journal_findings import EXPORT, MANIFEST, UnreadableExportError
from app.usecases.verify_journal import verify_export
from tests.direct import superuser
from tests.storage.attacked_journal import Attacked, alter_journal, alter_rows, flip_bits, put_back
from tests.storage.journal_copies import copy_of, exported

OF_ROWS, OF_THE_JOURNAL, FLIPS = 450, 50, 150
SEED = 1


async def test_every_alteration_of_a_row_is_named(journalled: str, ring: KeyRing, tmp_path: Path) -> None:
    found = await alter_rows(journalled, ring, tmp_path / "export", OF_ROWS, SEED)
    assert (found.done, found.unnamed) == (OF_ROWS, [])


async def test_every_alteration_of_the_journal_is_named(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    found = await alter_journal(journalled, ring, tmp_path / "export", OF_THE_JOURNAL, SEED)
    assert (found.done, found.unnamed) == (OF_THE_JOURNAL, [])


async def test_a_backup_that_is_put_back_is_named_to_whoever_kept_a_newer_checkpoint(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    assert await put_back(journalled, ring, tmp_path) == Attacked(1, 1, [])


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
    found = await flip_bits(journalled, ring, tmp_path / "export", FLIPS, SEED)
    assert (found.done, found.unnamed) == (FLIPS, [])


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
