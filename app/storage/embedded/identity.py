"""Who the server runs as. PostgreSQL refuses to run as root, and initdb refuses a user without a name."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.storage.embedded import launcher
from app.storage.embedded.errors import EmbeddedPostgresError

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""Whole environment of the server's programs, so that no PGDATA or PGPORT of the caller reaches them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The user that owns the cluster's files, and how the server comes to be that user."""

    way: Literal["self", "namespace", "drop"]
    uid: int
    gid: int

    def command(self, program: Path, *arguments: str, at_parent_death: signal.Signals) -> list[str]:
        spelled = f"{self.way}:{self.uid}:{self.gid}"
        script = (sys.executable, "-I", "-S", launcher.__file__, str(os.getpid()), str(int(at_parent_death)))
        return [*script, spelled, str(program), *arguments]

    def run(
        self, program: Path, *arguments: str, text: str = "", timeout_s: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a short-lived program to its end. It dies at once with its parent and cleans up nothing."""
        command = self.command(program, *arguments, at_parent_death=signal.SIGKILL)
        try:
            return subprocess.run(  # noqa: S603 program and arguments are ours
                command,
                input=text,
                timeout=timeout_s,
                env=ENVIRONMENT,
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EmbeddedPostgresError(f"{program.name} was not done in time") from None

    def own(self, path: Path) -> None:
        """Give the path, and all below it, to the server's user. Follows no symbolic link.

        The path itself comes last: when it has the right owner, so has everything below it.
        """
        if self.way != "drop" or path.lstat().st_uid == self.uid:
            return
        for part in (*path.rglob("*"), path):
            os.chown(part, self.uid, self.gid, follow_symlinks=False)

    def let_into(self, data_dir: Path) -> None:
        """Make sure that the server reaches the data folder; only that folder's own mode may be widened."""
        if self.way == "drop" and data_dir.stat().st_uid == os.geteuid() != self.uid:
            data_dir.chmod(stat.S_IMODE(data_dir.stat().st_mode) | stat.S_IXOTH)
        for folder in (*reversed(data_dir.parents), data_dir):
            if not self._may_pass(folder.stat()):
                raise EmbeddedPostgresError(
                    f"postgres runs as uid {self.uid} without root's rights and cannot pass {folder}. "
                    "Choose another data folder, or open that one yourself (chmod o+x)."
                )

    def _may_pass(self, folder: os.stat_result) -> bool:
        if os.geteuid() != 0:
            # The server has our own rights, and we are in that folder already.
            return True
        if folder.st_uid == self.uid:
            return bool(folder.st_mode & stat.S_IXUSR)
        return bool(folder.st_mode & (stat.S_IXGRP if folder.st_gid == self.gid else stat.S_IXOTH))


def choose_identity(data_dir: Path, postgres: Path) -> tuple[Identity, int]:
    """The first identity under which `postgres --version` runs, and the server's major version."""
    complaint = f"{postgres} is missing"
    if shutil.which(postgres) is not None:
        for identity in _candidates(data_dir):
            answer = identity.run(postgres, "--version")
            if answer.returncode == 0:
                return identity, int(answer.stdout.partition("PostgreSQL) ")[2][:2])
            complaint = answer.stderr.strip()
    raise EmbeddedPostgresError(complaint)


def _candidates(data_dir: Path) -> Iterator[Identity]:
    uid, gid = os.geteuid(), os.getegid()
    if uid != 0:
        if not _has_name(uid):
            yield Identity("namespace", uid, gid)
        yield Identity("self", uid, gid)
        return
    cluster = data_dir / "pg"
    owner = (cluster if cluster.exists() else data_dir).stat()
    if owner.st_uid != 0:
        yield Identity("drop", owner.st_uid, owner.st_gid)
        return
    yield Identity("namespace", uid, gid)
    nobody = pwd.getpwnam("nobody")
    yield Identity("drop", nobody.pw_uid, nobody.pw_gid)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
