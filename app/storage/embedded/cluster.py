"""The cluster's folder: making it whole or not at all, its password, its version, its settings."""

import math
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from app.storage.embedded.errors import EmbeddedPostgresError
from app.storage.embedded.identity import Identity
from app.storage.embedded.leftovers import end_leftovers

SUPERUSER = "sparr_super"
DATABASE = "sparr"

SETTINGS: Mapping[str, str] = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    # What a backup that follows has not fetched yet is kept, but never until the disk is full.
    "max_slot_wal_keep_size": "8GB",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_statement": "none",
    # The text of an error may quote the value that caused it ("invalid input syntax …"), its detail quotes
    # keys. The client gets both, the log neither: `log` leaves errors of statements out (GDPR Art. 5.1 c).
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "unix_socket_permissions": "0700",
}
"""Defaults on the server's command line, where no configuration file and no ALTER SYSTEM overrides them."""

SUPERVISED = frozenset({"data_directory", "listen_addresses", "port", "unix_socket_directories"})
LASTING: Mapping[str, frozenset[str]] = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    "synchronous_commit": frozenset({"on", "remote_apply"}),
}
"""What an acknowledged objection rests on: these may not be weakened."""


def checked_settings(wanted: Mapping[str, str]) -> dict[str, str]:
    """The defaults with the caller's settings over them; refused where acknowledged commits could be lost."""
    for name, value in wanted.items():
        if re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", name) is None or name in SUPERVISED:
            raise EmbeddedPostgresError(f"the setting {name} cannot be given to the embedded server")
        if value not in LASTING.get(name, {value}):
            raise EmbeddedPostgresError(f"the setting {name} would lose acknowledged commits")
    return {**SETTINGS, **wanted}


def check_version(cluster: Path, major: int) -> None:
    """A cluster runs only under the major version that made it."""
    try:
        made_by = (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise EmbeddedPostgresError(f"{cluster} is not a PostgreSQL cluster") from None
    if made_by != str(major):
        raise EmbeddedPostgresError(
            f"{cluster} was made by PostgreSQL {made_by}, but the programs here are PostgreSQL {major}. "
            f"Nothing was touched. Let SPARR_PG_BIN name the programs of {made_by}, or upgrade the cluster."
        )


def read_password(data_dir: Path) -> str:
    file = data_dir / "pg-password"
    try:
        return file.read_text("ascii").strip()
    except FileNotFoundError:
        raise EmbeddedPostgresError(f"{file} is missing: nobody can log in to the cluster") from None


def make_cluster(data_dir: Path, pg_bin: Path, identity: Identity, deadline: float) -> None:
    """Make the cluster under another name and rename it when it is on disk: `pg/` is whole or absent."""
    making = data_dir / "pg.making"
    end_leftovers(making, deadline)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    identity.own(making)
    try:
        _fill_cluster(making, pg_bin, identity, make_password(data_dir, identity), deadline)
    finally:
        # When initdb is cut short, the server that it was talking to ends a moment later.
        end_leftovers(making, math.inf)
    making.rename(data_dir / "pg")
    flush_folder(data_dir)


def _fill_cluster(making: Path, pg_bin: Path, identity: Identity, password: Path, deadline: float) -> None:
    options = ("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--data-checksums", "--no-sync")
    login = (f"--username={SUPERUSER}", f"--pwfile={password}")
    _run(identity, pg_bin / "initdb", f"--pgdata={making}", *login, *options, deadline=deadline)
    single = ("--single", "-F", "-D", str(making), "template1")
    text = f"CREATE DATABASE {DATABASE}\n"
    answer = _run(identity, pg_bin / "postgres", *single, text=text, deadline=deadline)
    if "ERROR:" in answer:
        # A single-user server ends with status 0 whatever became of its statements.
        raise EmbeddedPostgresError(answer)
    # One flush at the end instead of one per program.
    _run(identity, pg_bin / "initdb", "--sync-only", f"--pgdata={making}", deadline=deadline)


def set_password(cluster: Path, pg_bin: Path, identity: Identity, password: str, deadline: float) -> None:
    """Give a cluster that nobody runs, and whose password nobody knows, the password of its new folder."""
    if not re.fullmatch(r"[\w-]+", password):
        raise EmbeddedPostgresError("a password has characters that a statement cannot take")
    answer = _run(
        identity,
        pg_bin / "postgres",
        *("--single", "-D", str(cluster), "-c", "password_encryption=scram-sha-256", "template1"),
        text=f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n",
        deadline=deadline,
    )
    if "ERROR:" in answer:
        raise EmbeddedPostgresError("the password of the restored cluster could not be set")


def make_password(data_dir: Path, identity: Identity) -> Path:
    """256 random bits. What an interrupted start left behind may be cut short, and is replaced."""
    file = data_dir / "pg-password"
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(handle, secrets.token_urlsafe(32).encode())
    os.fsync(handle)
    os.close(handle)
    identity.own(file)
    return file


def _run(identity: Identity, program: Path, *arguments: str, deadline: float, text: str = "") -> str:
    answer = identity.run(program, *arguments, text=text, timeout_s=max(deadline - time.monotonic(), 0))
    if answer.returncode != 0:
        raise EmbeddedPostgresError(f"{program.name} failed: {answer.stderr.strip()}")
    return answer.stderr


def flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
