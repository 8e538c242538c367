"""Server processes that outlived their supervisor or their postmaster, found through proc(5)."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from app.storage.embedded.errors import EmbeddedPostgresError

PATIENCE_S = 2.0
"""How long an abandoned postmaster may take for its own clean shutdown before it is killed."""


def postmaster_state(cluster: Path) -> tuple[int | None, str]:
    """Process id and status word in `postmaster.pid`: its lines 1 and 8, by pidfile.h of PostgreSQL."""
    try:
        lines = (cluster / "postmaster.pid").read_text("ascii", "replace").splitlines()
    except FileNotFoundError:
        return None, ""
    pid, *_, status = [*lines, *[""] * 8][:8]
    # A single-user server writes its id as a negative number; a power cut may leave an empty file or zeros.
    pid = pid.removeprefix("-")
    return int(pid) if pid.isdecimal() else None, status.strip()


def end_leftovers(cluster: Path, deadline: float) -> None:
    """End every server process that works in the cluster's folder.

    The caller holds the folder's lock and has no postmaster, so whatever still runs there is abandoned.
    A postmaster is asked for a fast shutdown first. Backends without one are killed: what they acknowledged
    is in the write-ahead log.
    """
    patience = time.monotonic() + PATIENCE_S
    asked: int | None = None
    while found := set(_working_in(cluster)):
        postmaster, _ = postmaster_state(cluster)
        if postmaster not in found or time.monotonic() > patience:
            _signal(found, signal.SIGKILL)
        elif asked != postmaster:
            _signal({postmaster}, signal.SIGINT)
            asked = postmaster
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"processes {sorted(found)} of an earlier server do not end")
        time.sleep(0.01)
    _forget_strangers_pid(cluster)


def _working_in(cluster: Path) -> Iterator[int]:
    """The server's processes change into their cluster's folder at start, and stay there."""
    if not cluster.exists():
        return
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "exe").readlink().name.startswith("postgres") and cluster.samefile(process / "cwd"):
                yield int(process.name)
        except OSError:
            # It ended while we looked, or it belongs to somebody whose processes we may not see.
            continue


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _forget_strangers_pid(cluster: Path) -> None:
    """Remove a `postmaster.pid` that names a stranger or nobody: PostgreSQL would refuse to start.

    Process ids come round again, in containers at every restart. Where the process is gone, or may not be
    seen, the file stays and PostgreSQL judges by itself, as it looks at the shared memory too.
    """
    file = cluster / "postmaster.pid"
    if not file.exists():
        return
    pid, _ = postmaster_state(cluster)
    if pid is not None:
        process = Path(f"/proc/{pid}")
        try:
            (process / "exe").readlink()
        except FileNotFoundError:
            if not process.exists():
                return
        except PermissionError:
            return
    file.unlink()
