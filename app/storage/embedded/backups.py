"""Copies of the running embedded server, made with its own programs: pg_basebackup for a whole copy,
pg_receivewal for all that is written after it.

A folder of backups belongs to one cluster and one timeline: `backup.json` says to which, `base-…` are whole
copies, named after the moment from which on they can be restored, and `wal/` is what was written since.
"""

import asyncio
import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
from sqlalchemy.engine import make_url

from app.storage.embedded.cluster import DATABASE, SUPERUSER, flush_folder, read_password
from app.storage.embedded.errors import EmbeddedPostgresError
from app.storage.embedded.identity import ENVIRONMENT, Identity
from app.storage.embedded.running import running_url

FORMAT: Final = 1
_FIELDS: Final = {"format", "cluster", "timeline", "slot"}
_NAMED: Final = re.compile(r"base-(\d{8}T\d{6}Z)")
_MOMENT: Final = "%Y%m%dT%H%M%SZ"
_WHICH = """
SELECT s.system_identifier::text AS cluster, c.timeline_id AS timeline
FROM pg_catalog.pg_control_system() AS s, pg_catalog.pg_control_checkpoint() AS c
"""
_SLOT = "SELECT restart_lsn, wal_status FROM pg_catalog.pg_replication_slots WHERE slot_name = $1"
_MAKE_SLOT = "SELECT pg_catalog.pg_create_physical_replication_slot($1, true)"
_DROP_SLOT = "SELECT pg_catalog.pg_drop_replication_slot($1)"
_ARRIVED = """
SELECT restart_lsn >= CAST(CAST($2 AS text) AS pg_lsn) AS arrived
FROM pg_catalog.pg_replication_slots WHERE slot_name = $1
"""
_NOTE = """
SELECT note, pg_catalog.pg_current_wal_flush_lsn()::text AS at
FROM registry.journal_checkpoint ORDER BY size DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Source:
    """The server that is copied."""

    host: str
    port: int
    password: str = field(repr=False)
    programs: Path

    @classmethod
    def running_in(cls, data_dir: Path, programs: Path) -> "Source":
        """The server that `up` runs in a data folder."""
        place = make_url(running_url(data_dir)).query
        return cls(str(place["host"]), int(str(place["port"])), read_password(data_dir), programs)

    def command(self, program: str, *arguments: str) -> list[str]:
        login = f"--host={self.host} --port={self.port} --username={SUPERUSER} --no-password".split()
        return [str(self.programs / program), *login, *arguments]

    def environment(self) -> dict[str, str]:
        """A password on a command line could be read by everybody on the machine."""
        return {**ENVIRONMENT, "PGPASSWORD": self.password}

    def ask(self, statement: str, *values: object) -> Any:
        """The first row of an answer, with the operator's own rights."""
        return asyncio.run(self._ask(statement, *values))

    async def _ask(self, statement: str, *values: object) -> Any:
        connection = await asyncpg.connect(
            host=self.host, port=self.port, user=SUPERUSER, password=self.password, database=DATABASE
        )
        try:
            return await connection.fetchrow(statement, *values)
        finally:
            await connection.close()


@dataclass(frozen=True, slots=True)
class Base:
    """A whole copy, and the moment from which on it can be restored."""

    folder: Path
    since: datetime


def bases_of(backups: Path) -> list[Base]:
    """The whole copies of a folder, the oldest first."""
    found = [(one, _NAMED.fullmatch(one.name)) for one in sorted(backups.glob("base-*"))]
    return [Base(one, datetime.strptime(name[1], _MOMENT).replace(tzinfo=UTC)) for one, name in found if name]


@contextmanager
def held(backups: Path) -> Iterator[None]:
    """One writer at a time: the kernel gives the lock back however the holder ends."""
    handle = os.open(backups, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise EmbeddedPostgresError(f"{backups} is being written to by another program") from None
    finally:
        os.close(handle)


def prepare(source: Source, backups: Path) -> str:
    """Make the folder, or see that it belongs to this cluster; the name of its replication slot."""
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    which = dict(source.ask(_WHICH))
    about = backups / "backup.json"
    if not about.exists():
        if any(backups.iterdir()):
            raise EmbeddedPostgresError(f"{backups} is not empty and holds no backups")
        told = {"format": FORMAT, **which, "slot": f"sparr_{secrets.token_hex(8)}"}
        making = about.with_suffix(".making")
        making.write_text(json.dumps(told) + "\n")
        making.replace(about)
    told = read_about(backups)
    if {name: told[name] for name in which} != which:
        raise EmbeddedPostgresError(
            f"{backups} holds backups of another cluster, or from before a restore; name a new folder"
        )
    return str(told["slot"])


def read_about(backups: Path) -> dict[str, Any]:
    """What `backup.json` says of its folder."""
    try:
        told = json.loads((backups / "backup.json").read_text())
    except (OSError, ValueError):
        told = {}
    if not isinstance(told, dict) or told.keys() != _FIELDS or told["format"] != FORMAT:
        raise EmbeddedPostgresError(f"{backups} holds no backups that this version knows")
    return told


def copy_base(source: Source, backups: Path) -> Base:
    """A whole copy with the log that it needs, verified against its own manifest. It has its name only when
    it is whole and on the disk."""
    making = backups / "making"
    shutil.rmtree(making, ignore_errors=True)
    options = ("--format=plain", "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256")
    run(source.command("pg_basebackup", f"--pgdata={making}", *options), source.environment())
    verify_base(making, source.programs)
    while True:
        since = datetime.now(UTC).replace(microsecond=0)
        named = backups / f"base-{since:{_MOMENT}}"
        if not named.exists():
            break
        time.sleep(0.1)
    making.rename(named)
    flush_folder(backups)
    return Base(named, since)


def verify_base(folder: Path, programs: Path) -> None:
    """Every file against the manifest (SHA-256), and that the log it needs can be read (pg_verifybackup)."""
    run([str(programs / "pg_verifybackup"), "--exit-on-error", "--quiet", str(folder)], dict(ENVIRONMENT))


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run a program to its end. What it complains of is told in one line."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd="/")  # noqa: S603 program and arguments are ours
    if done.returncode != 0:
        complaint = (done.stderr.strip() or "no reason given").splitlines()[0]
        raise EmbeddedPostgresError(f"{Path(command[0]).name} failed: {complaint}")


def reserve(source: Source, backups: Path, slot: str) -> bool:
    """Have the server keep what has not been fetched yet. False when something is missing between the copies
    and what can be fetched from now on: then a new whole copy is needed."""
    known = source.ask(_SLOT, slot)
    whole = known is not None and known["wal_status"] != "lost" and bool(bases_of(backups))
    if known is not None and known["wal_status"] == "lost":
        source.ask(_DROP_SLOT, slot)
        known = None
    if known is None:
        source.ask(_MAKE_SLOT, slot)
    return whole


def follow(source: Source, backups: Path, slot: str) -> subprocess.Popen[bytes]:
    """Begin to fetch what is written from now on, each commit flushed here before it counts as fetched."""
    log = backups / "wal"
    log.mkdir(mode=0o700, exist_ok=True)
    options = (f"--directory={log}", f"--slot={slot}", "--synchronous", "--status-interval=1", "--no-loop")
    ourselves = Identity("self", os.geteuid(), os.getegid())
    program, *arguments = source.command("pg_receivewal", *options)
    return subprocess.Popen(  # noqa: S603 program and arguments are ours
        ourselves.command(Path(program), *arguments, at_parent_death=signal.SIGTERM),
        env=source.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        start_new_session=True,
    )


def newest_note(source: Source) -> tuple[str, str] | None:
    """The journal's newest signed checkpoint, and a place in the log by which it was written. None before the
    first."""
    row = source.ask(_NOTE)
    return None if row is None else (str(row["note"]), str(row["at"]))


def has_arrived(source: Source, slot: str, place: str) -> bool:
    """Whether everything up to a place in the log lies in the folder of backups."""
    row = source.ask(_ARRIVED, slot, place)
    return bool(row and row["arrived"])
