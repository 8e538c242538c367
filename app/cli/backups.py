"""Copies of the embedded server, bringing one back, and the proof that nothing is missing from what is there.

The key ring is in no backup: whoever finds one must not be able to read it.
"""

import asyncio
import json
import shutil
import signal
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.connection import Json
from app.cli.running import Folder, end_in_order, ring_of, say
from app.crypto.keys import KeyRing, load_or_create
from app.crypto.notes import BadNote, Checkpoint, open_checkpoint, verifier_key
from app.domain.refusals import OperatorError
from app.main import open_database
from app.settings import Settings, keys_path, load_settings, public_url, witness_path
from app.storage.embedded import backups, restoring, wheel_binaries
from app.storage.embedded.backups import Source
from app.storage.embedded.running import running_url
from app.usecases.export_journal import export_journal
from app.usecases.journal_findings import Verified
from app.usecases.verify_journal import verify_export
from app.usecases.watch_journal import JournalWatch, read_note, write_note

FAILED = 1
CHECKPOINT = "checkpoint"
_PAUSE = 1.0

Backups = Annotated[Path, typer.Argument(help="The folder of the backups.")]
Follow = Annotated[
    bool, typer.Option("--follow", help="Go on fetching all that is written, until told to stop.")
]
At = Annotated[str | None, typer.Option(help="A moment to go back to, as 2026-11-22T01:30:00Z.")]
Seen = Annotated[
    Path | None, typer.Option("--checkpoint", help="A checkpoint that was kept elsewhere, newer than these.")
]
Accept = Annotated[
    bool, typer.Option("--accept-loss", help="Go on with the journal as it is, and give up what is missing.")
]


def backup(folder: Backups, data_dir: Folder = None, follow: Follow = False) -> None:  # noqa: FBT002 - a flag
    """Copy the registry that runs in the data folder. The key ring is not copied: keep it elsewhere."""
    end_in_order()
    settings = load_settings(data_dir=data_dir)
    if settings.database_url is not None:
        raise OperatorError("an outside PostgreSQL has its own backups; `sparr verify` proves one whole")
    source = Source.running_in(settings.data_dir, settings.pg_bin or wheel_binaries())
    slot = backups.prepare(source, folder)
    with backups.held(folder):
        if not follow:
            _copy(source, folder)
            return
        if not backups.reserve(source, folder, slot):
            _copy(source, folder)
        _follow(source, folder, slot)


def _copy(source: Source, folder: Path) -> None:
    """The checkpoint is read first: what was signed before the copy began is in it."""
    noted = backups.newest_note(source)
    base = backups.copy_base(source, folder)
    if noted is not None:
        write_note(folder / CHECKPOINT, noted[0])
    say(f"{base.folder} is whole and verified; the key ring is not in it")


def _follow(source: Source, folder: Path, slot: str) -> None:
    """Fetch until told to stop. A checkpoint is kept once all that it covers has been fetched."""
    fetching = backups.follow(source, folder, slot)
    try:
        say("fetching what is written; Ctrl-C ends it")
        waiting: tuple[str, str] | None = None
        while fetching.poll() is None:
            waiting = waiting or backups.newest_note(source)
            if waiting is not None and backups.has_arrived(source, slot, waiting[1]):
                if waiting[0] != read_note(folder / CHECKPOINT):
                    write_note(folder / CHECKPOINT, waiting[0])
                waiting = None
            time.sleep(_PAUSE)
    finally:
        _end(fetching)
    raise OperatorError("the server ended; start this again when it is back, nothing is missing by then")


def _end(fetching: subprocess.Popen[bytes]) -> None:
    if fetching.poll() is None:
        fetching.send_signal(signal.SIGINT)
        fetching.wait()


def restore(folder: Backups, data_dir: Folder = None, at: At = None, seen: Seen = None) -> None:
    """Bring a backup back into a data folder that holds the key ring and nothing else."""
    settings = load_settings(data_dir=data_dir)
    ring = ring_of(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    allowed = {keys_path(settings).name, witness_path(settings).name}
    if strangers := {one.name for one in settings.data_dir.iterdir()} - allowed:
        raise OperatorError(f"{settings.data_dir} is not empty: {', '.join(sorted(strangers))}")
    places = [folder / CHECKPOINT, witness_path(settings), *([seen] if seen else [])]
    newest = _newest(ring, places)
    programs = settings.pg_bin or wheel_binaries()
    base = restoring.restore_cluster(folder, settings.data_dir, programs, _moment(at), say)
    if newest is not None:
        write_note(witness_path(settings), newest)
    say(f"restored from {base.folder.name}; `up` answers nothing until the journal is shown to be whole")


def _moment(at: str | None) -> datetime | None:
    try:
        moment = None if at is None else datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if at is not None and (moment is None or moment.utcoffset() is None):
        raise typer.BadParameter("--at is a moment with its zone, as 2026-11-22T01:30:00Z")
    return moment


def _newest(ring: KeyRing, places: list[Path]) -> str | None:
    """The checkpoint of the largest tree. One that this ring did not sign stops everything: it is another
    registry's ring, or a forged checkpoint."""
    found: list[tuple[int, str]] = []
    for place in places:
        note = read_note(place)
        if note is not None:
            found.append((_opened(ring, note, place).size, note))
    return max(found)[1] if found else None


def _opened(ring: KeyRing, note: str, place: Path) -> Checkpoint:
    try:
        return open_checkpoint(note, verifier_key(ring.journal_key, note.partition("\n")[0]))
    except BadNote as bad:
        raise OperatorError(f"{place} was not signed with the journal key of this key ring: {bad}") from None


def verify(
    folder: Annotated[Path | None, typer.Argument(help="Backups. Without it: the registry.")] = None,
    data_dir: Folder = None,
    accept: Accept = False,  # noqa: FBT002 - a flag of the command line
    as_json: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Verify backups against their manifests; or the whole journal and all rows of a registry, and that it
    continues the checkpoint that was kept outside the database. Exit status 1 unless all is well."""
    settings = load_settings(data_dir=data_dir)
    if folder is not None:
        _verify_backups(settings, folder)
        return
    found, wrong = asyncio.run(_verify_registry(settings, accept=accept))
    findings = [f"{one.wrong}: {one.table} {one.key} ({one.why})" for one in found.findings]
    told = findings + ([wrong] if wrong else [])
    if as_json:
        typer.echo(json.dumps({"valid": not told, "size": found.size, "rows": found.rows, "wrong": told}))
    else:
        for line in told:
            typer.echo(line)
        typer.echo(f"{found.size} leaves and {found.rows} rows, {len(told)} findings")
    if told:
        raise typer.Exit(FAILED)


def _verify_backups(settings: Settings, folder: Path) -> None:
    backups.read_about(folder)
    bases = backups.bases_of(folder)
    for base in bases:
        backups.verify_base(base.folder, settings.pg_bin or wheel_binaries())
    if not bases:
        raise OperatorError(f"{folder} holds no whole copy")
    if keys_path(settings).exists():
        _newest(load_or_create(keys_path(settings)), [folder / CHECKPOINT])
    say(f"{len(bases)} copies are as they were made; the newest can be restored from {bases[-1].since} on")


async def _verify_registry(settings: Settings, *, accept: bool) -> tuple[Verified, str | None]:
    """Everything exported, hashed and replayed anew, then compared with the checkpoint outside."""
    ring = ring_of(settings)
    url = settings.database_url or running_url(settings.data_dir)
    database = open_database(url, ring, public_url(settings), pool=1)
    place = Path(tempfile.mkdtemp(prefix="sparr-verify-"))
    try:
        await export_journal(database, ring.journal_key, place)
        found = verify_export(place, None)
        watch = JournalWatch(database, ring.journal_key, witness_path(settings))
        if accept and not found.findings:
            await watch.accept()
        return found, await watch.look()
    finally:
        shutil.rmtree(place, ignore_errors=True)
        await database.dispose()
