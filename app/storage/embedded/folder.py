"""The folders around the cluster: one supervisor at a time, and a place for the socket."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from app.storage.embedded.errors import EmbeddedPostgresError
from app.storage.embedded.identity import Identity

SOCKET_PATH_LIMIT = 107
"""Bytes of a Unix socket's path, without its closing zero: unix(7)."""


@contextlib.contextmanager
def sole_use(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock, flock(2): the kernel releases it when the holder dies, however it dies."""
    handle = os.open(data_dir / "pg.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode() or "unknown"
            raise EmbeddedPostgresError(f"{data_dir} is in use by another program (pid {holder})") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def socket_folder(data_dir: Path, port: int, identity: Identity) -> Iterator[Path]:
    """An empty folder that only the server's user enters: in the data folder, if the path fits there.

    Its name is the same at every start. One in /tmp that another user made before us is not used.
    """
    folder = data_dir / "socket"
    if len(os.fsencode(folder / f".s.PGSQL.{port}")) > SOCKET_PATH_LIMIT:
        folder = Path("/tmp") / f"sparr-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:24]}"  # noqa: S108 see above
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), identity.uid}:
        raise EmbeddedPostgresError(f"{folder} belongs to somebody else")
    folder.chmod(0o700)
    identity.own(folder)
    # A killed server leaves its socket, and a lock file with a process id that may be a stranger's by now.
    for left in folder.iterdir():
        left.unlink()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
