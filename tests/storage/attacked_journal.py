"""A journalled registry in a superuser's hands: what was done to it, and what a verifier did not name."""

import random
import shutil
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from app.crypto.keys import KeyRing
from app.crypto.notes import verifier_key
from app.domain.journalled import JOURNALLED
from app.main import open_database
from app.usecases.journal_findings import EXPORT, MANIFEST, UnreadableExportError
from app.usecases.verify_journal import verify_export
from tests.direct import superuser
from tests.registry_driver import ISSUER
from tests.storage.alterations import UNBOUND, Alteration, Superuser, rows_of, types_of
from tests.storage.busy import make_busy
from tests.storage.journal_alterations import tamperings
from tests.storage.journal_copies import MANY, an_hour_later, copy_of, drained, drop, exported, told

TABLES = (
    "registry.journal_leaf",
    "registry.journal_node",
    "registry.journal_checkpoint",
    "vault.journal_opening",
)


class Attacked(NamedTuple):
    """How much was done, of how many kinds, and what went unnoticed or was not tried."""

    done: int
    kinds: int
    unnamed: list[str]


async def journalled_registry(url: str, ring: KeyRing) -> str:
    """Everything happens in a founded database, and its journal grows to several signed trees. Nobody is
    connected to it afterwards."""
    made = await make_busy(url, ring)
    await drained(made.database, ring)
    connection = await superuser(made.url)
    for events in (150, 70):
        await connection.execute(MANY, events, 0.001)
        await drained(made.database, ring)
    await connection.close()
    await made.close()
    return made.url


async def alter_rows(url: str, ring: KeyRing, export: Path, wanted: int, seed: int) -> Attacked:
    """Cells changed, emptied and exchanged, rows deleted, added and moved to other events, constraints out of
    the way; in every table and every column."""
    unbound, done, unnamed = await copy_of(url), list[Alteration](), list[str]()
    connection = await superuser(unbound)
    await connection.execute(UNBOUND)
    types = await types_of(connection)
    await connection.close()
    rows = rows_of(await exported(unbound, ring, export))
    for group in Superuser(rows, types, seed).groups(wanted):
        unnamed += await _alter(group, unbound, ring, export)
        done += group
    await drop(unbound)
    shutil.rmtree(export)
    kinds = {(one.table, one.what) for one in done}
    least = {(table, f"change {column}") for table in JOURNALLED for column in types[table]}
    least |= {(table, f"{what} ") for table in JOURNALLED for what in ("delete", "add")}
    unnamed += [f"{table}: {what}: not tried" for table, what in sorted(least - kinds)]
    return Attacked(len(done), len(kinds), unnamed)


async def _alter(group: list[Alteration], unbound: str, ring: KeyRing, export: Path) -> list[str]:
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
    unnamed = [f"{one.table}: {one.what}: not named" for one in group if not one.names <= named]
    if len(named) > 3 * sum(len(one.names) for one in group):
        unnamed.append(f"{len(group)} alterations: so much was named that nothing is")
    return unnamed


async def alter_journal(url: str, ring: KeyRing, export: Path, wanted: int, seed: int) -> Attacked:
    """Leaves, openings, checkpoints and nodes: changed, hashed anew, exchanged, cut off, added."""
    copied, kinds, unnamed = await copy_of(url), set[tuple[str, str]](), list[str]()
    connection = await superuser(copied)
    found = verify_export(await exported(copied, ring, export), None)
    assert found.findings == []
    nodes = len((export / "nodes.jsonl").read_text().splitlines())
    assert nodes > 0
    for table in TABLES:
        await connection.execute(f"CREATE TABLE public.{table.partition('.')[2]} AS TABLE {table}")
    for one in islice(tamperings(found.size, nodes, seed), wanted):
        for statement in one.statements:
            assert not (await connection.execute(statement)).endswith(" 0"), one
        shutil.rmtree(export)
        found = verify_export(await exported(copied, ring, export), None)
        if (one.table, one.wrong) not in {(finding.table, finding.wrong) for finding in found.findings}:
            unnamed.append(f"{one.table}: {one.wrong}: not named after {'; '.join(one.statements)}")
        kinds.add((one.table, one.wrong))
        for table in TABLES:
            await connection.execute(f"TRUNCATE {table}")
            await connection.execute(f"INSERT INTO {table} TABLE public.{table.partition('.')[2]}")
    await connection.close()
    await drop(copied)
    shutil.rmtree(export)
    return Attacked(wanted, len(kinds), unnamed)


async def flip_bits(url: str, ring: KeyRing, folder: Path, wanted: int, seed: int) -> Attacked:
    """In the files of an export, on their way. Nothing that stands in a file makes the verifier break off."""
    copied, unnamed, flipped = await copy_of(url), list[str](), set[str]()
    await exported(copied, ring, folder)
    await drop(copied)
    chance, vkey = random.Random(seed), verifier_key(ring.journal_key, origin_of(folder))  # noqa: S311 - the same in every run
    files = sorted(path for path in folder.iterdir() if path.stat().st_size)
    for _ in range(wanted):
        path = chance.choice(files)
        whole = path.read_bytes()
        at, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        try:
            named = {one.key for one in verify_export(folder, vkey).findings if one.table == EXPORT}
        except UnreadableExportError:
            named = {MANIFEST}
        if (MANIFEST if path.name == "seal" else path.name) not in named:
            unnamed.append(f"{path.name}: bit {bit} of byte {at}: not named")
        path.write_bytes(whole)
        flipped.add(path.name)
    if verify_export(folder, vkey).findings:
        unnamed.append("something was named in the files as they were")
    shutil.rmtree(folder)
    return Attacked(wanted, len(flipped), unnamed)


def origin_of(folder: Path) -> str:
    return (folder / "checkpoint").read_text().partition("\n")[0]


async def put_back(url: str, ring: KeyRing, folder: Path) -> Attacked:
    """A backup from before the newest signed tree, put back in place of the register: whole in itself, so
    that only somebody who kept the newer checkpoint can tell."""
    newer = await copy_of(url)
    database = open_database(newer, ring, ISSUER)
    connection = await superuser(newer)
    await connection.execute(MANY, 10, 0.001)
    await connection.close()
    await drained(database, ring)
    await database.dispose()
    backup = await copy_of(url)
    notes, unnamed = list[str](), list[str]()
    for name in (backup, newer):
        await exported(name, ring, folder / "export")
        notes.append((folder / "export" / "checkpoint").read_text())
        if verify_export(folder / "export", None, notes[0]).findings:
            unnamed.append("something was named in a journal that was only added to")
        shutil.move(folder / "export", folder / str(len(notes)))
    if not verify_export(folder / "1", None, notes[1]).findings:
        unnamed.append("a backup that was put back: not named")
    for number, name in enumerate((backup, newer), 1):
        await drop(name)
        shutil.rmtree(folder / str(number))
    return Attacked(1, 1, unnamed)
