"""What somebody with all rights over the database did to it is found from the export alone, and named."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.crypto.keys import KeyRing
from app.crypto.notes import verifier_key
from app.domain.journalled import JOURNALLED
from app.main import open_database
from app.usecases.verify_journal import verify_export
from tests.direct import superuser
from tests.registry_driver import ISSUER
from tests.storage.journal_copies import MANY, copy_of, drained, exported, verified_after


async def test_what_nobody_touched_verifies_and_every_table_is_in_it(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    folder = await exported(await copy_of(journalled), ring, tmp_path / "export")
    found = verify_export(folder, None)
    assert found.findings == []
    assert found.waiting == 0
    assert found.size > 50
    assert found.state["entries in force"] > 5
    assert [table for table in JOURNALLED if not (folder / f"{table}.jsonl").read_text()] == []
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


REHASHED = """
UPDATE registry.journal_leaf SET leaf = leaf || ' ', hash = sha256('\\x00' || leaf || ' ') WHERE position = 7
"""
LAST_GONE = """
DELETE FROM registry.journal_leaf WHERE position = (SELECT max(position) FROM registry.journal_leaf)
"""
ONE_MORE = """
INSERT INTO registry.journal_leaf
SELECT (SELECT max(position) + 1 FROM registry.journal_leaf), gen_random_uuid(), leaf, hash
FROM registry.journal_leaf WHERE position = 7
"""
CUT_BACK = """
WITH cut AS (SELECT min(size) AS size FROM registry.journal_checkpoint),
openings AS (DELETE FROM vault.journal_opening o USING registry.journal_leaf l, cut
             WHERE l.event_id = o.event_id AND l.position >= cut.size),
nodes AS (DELETE FROM registry.journal_node n USING cut WHERE (n.position + 1) << n.level > cut.size),
leaves AS (DELETE FROM registry.journal_leaf l USING cut WHERE l.position >= cut.size)
DELETE FROM registry.journal_checkpoint c USING cut WHERE c.size > cut.size
"""


@pytest.mark.parametrize(
    ("statement", "table", "wrong"),
    [
        ("UPDATE registry.journal_leaf SET leaf = leaf || ' ' WHERE position = 7", "journal_leaf", "altered"),
        (REHASHED, "journal_leaf", "altered"),
        ("DELETE FROM registry.journal_leaf WHERE position = 7", "journal_leaf", "missing"),
        (LAST_GONE, "journal_leaf", "missing"),
        (ONE_MORE, "journal_leaf", "added"),
        (
            "UPDATE registry.journal_leaf SET event_id = gen_random_uuid() WHERE position = 7",
            "journal_leaf",
            "altered",
        ),
        ("DELETE FROM vault.journal_opening WHERE salt < '\\x40'", "journal_opening", "missing"),
        ("UPDATE vault.journal_opening SET rows = '{}'", "journal_opening", "altered"),
        ("UPDATE vault.journal_opening SET salt = sha256('')", "journal_opening", "altered"),
        (
            "UPDATE registry.journal_checkpoint SET note = replace(note, 'sparr/', 'other/')",
            "journal_checkpoint",
            "altered",
        ),
        (
            "UPDATE registry.journal_checkpoint SET size = size + 1",
            "journal_checkpoint",
            "altered",
        ),
    ],
)
async def test_an_altered_journal_is_named(
    journalled: str, ring: KeyRing, tmp_path: Path, statement: str, table: str, wrong: str
) -> None:
    found = await verified_after(journalled, ring, tmp_path / "export", statement)
    assert (table, wrong) in {(one.table, one.wrong) for one in found.findings}


async def test_a_row_and_its_opening_altered_together_are_still_found(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    """The leaf commits to the opening, and the signature to the leaf."""
    found = await verified_after(
        journalled,
        ring,
        tmp_path / "export",
        "UPDATE registry.entry_release SET reason = 'altered'",
        "UPDATE vault.journal_opening SET rows = replace(convert_from(rows, 'UTF8'), "
        "'entry_release', 'entry_releasf')::bytea WHERE convert_from(rows, 'UTF8') ~ 'entry_release'",
    )
    assert {one.table for one in found.findings} == {"journal_opening"}


async def test_a_journal_cut_back_to_an_earlier_checkpoint_is_found_by_who_saw_a_later_one(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    """It is whole in itself, and grown again over the same events it still is another."""
    copied = await copy_of(journalled)
    connection = await superuser(copied)
    await connection.execute(MANY, 3, 0.001)
    first = open_database(copied, ring, ISSUER)
    await drained(first, ring)
    await first.dispose()
    seen = await connection.fetchval(
        "SELECT note FROM registry.journal_checkpoint ORDER BY size DESC LIMIT 1"
    )
    await connection.execute(CUT_BACK)
    again = open_database(copied, ring, ISSUER)
    await drained(again, ring)
    await again.dispose()
    await connection.close()
    folder = await exported(copied, ring, tmp_path / "export")
    assert verify_export(folder, None).findings == []
    assert {one.key for one in verify_export(folder, None, seen).findings} == {"remembered"}


async def test_what_another_key_signed_is_not_believed(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    folder = await exported(await copy_of(journalled), ring, tmp_path / "export")
    other = verifier_key(KeyRing.generate().journal_key, "sparr/other")
    assert {one.table for one in verify_export(folder, other).findings} == {
        "export",
        "journal_checkpoint",
        "journal_leaf",
    }


PROGRAM = """
import sys
from app.cli import main
try:
    main(["journal", "verify", sys.argv[1], "--json"])
finally:
    known = [name for name in sys.modules if name.startswith(("sqlalchemy", "asyncpg", "app.storage"))]
    assert known == [], known
"""


async def test_the_verifier_is_a_program_without_a_database(
    journalled: str, ring: KeyRing, tmp_path: Path
) -> None:
    folder = await exported(await copy_of(journalled), ring, tmp_path / "export")
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    released = folder / "entry_release.jsonl"
    released.write_text("".join(released.read_text().splitlines(keepends=True)[1:]))
    bad = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stderr) == (1, "")
    assert '"entry_release"' in bad.stdout
