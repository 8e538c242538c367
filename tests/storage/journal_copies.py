"""Copies of a journalled registry, exported as an auditor gets them."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.crypto.keys import KeyRing
from app.main import open_database
from app.storage.database import Database
from app.usecases.export_journal import export_journal, seal
from app.usecases.journal_findings import MANIFEST, SEAL, Verified
from app.usecases.sequence_events import Sequencer
from app.usecases.verify_journal import verify_export
from tests.direct import superuser
from tests.registry_driver import ISSUER

MANY = """
INSERT INTO registry.event (id, at, kind, outcome)
SELECT uuidv7(make_interval(secs => $2 * i)), now(), 'test', 'done' FROM generate_series(1, $1) i
"""


async def drained(database: Database, ring: KeyRing) -> Sequencer:
    """A sequencer that found nothing more to do."""
    sequencer = Sequencer(database, ring.journal_key)
    while await sequencer.round():
        pass
    return sequencer


async def copy_of(url: str) -> str:
    """A copy of a database that nobody is connected to."""
    name = url.partition("?")[0].rpartition("/")[2]
    copied = f"{name.partition('_copy')[0]}_copy{os.urandom(4).hex()}"
    admin = await superuser(url, "postgres")
    await admin.execute(f'CREATE DATABASE "{copied}" TEMPLATE "{name}"')
    await admin.close()
    return url.replace(f"/{name}?", f"/{copied}?")


async def drop(url: str) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    admin = await superuser(url, "postgres")
    await admin.execute(f'DROP DATABASE "{name}"')
    await admin.close()


async def exported(url: str, ring: KeyRing, folder: Path) -> Path:
    database = open_database(url, ring, ISSUER)
    await export_journal(database, ring.journal_key, folder)
    await database.dispose()
    return folder


def an_hour_later(folder: Path, ring: KeyRing) -> None:
    """An event of the last minute may still wait for the sequencer; one of the last hour may not."""
    (folder / MANIFEST).unlink()
    (folder / SEAL).unlink()
    origin = (folder / "checkpoint").read_text().partition("\n")[0]
    seal(folder, ring.journal_key, origin, datetime.now(UTC) + timedelta(hours=1))


async def verified_after(url: str, ring: KeyRing, folder: Path, *statements: str) -> Verified:
    """What is found in a copy after these statements of a superuser."""
    copied = await copy_of(url)
    connection = await superuser(copied)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
    shutil.rmtree(folder, ignore_errors=True)
    found = verify_export(await exported(copied, ring, folder), None)
    await drop(copied)
    return found


def told(found: Verified) -> set[tuple[str, str]]:
    """Table and key of what was named by its hash, and not only by what contradicts it."""
    return {(one.table, one.key) for one in found.findings if one.wrong != "contradiction"}
