"""The files of a wash: the only place where recipients of a list lie on a disk, for its owner alone, and not
for long."""

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

RESULTS: Final = ("annotated", "allowed", "blocked", "rejected")
"""What a wash writes, in the order of its positions, which follow that of the list."""

_ORPHAN: Final = timedelta(hours=1)
_PRIVATE: Final = 0o600


class FolderTakenError(Exception):
    """Somebody else is working in the folder."""


class WashFolder:
    """The folder of one wash."""

    def __init__(self, root: Path, id_: UUID) -> None:
        self._place = root / str(id_)

    def make(self) -> None:
        """An empty one."""
        self._place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._place.mkdir(mode=0o700)

    def path(self, name: str) -> Path:
        """Where a file of it lies."""
        return self._place / name

    def create(self, name: str) -> BinaryIO:
        """A new file that only its owner reads."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        return os.fdopen(os.open(self.path(name), flags, _PRIVATE), "wb")

    def keep(self, name: str, at: int, content: bytes) -> None:
        """Write down what belongs to a place in the list, and bring it to the disk."""
        with self.create(f"{name}.new") as written:
            written.write(content)
            written.flush()
            os.fdatasync(written.fileno())
        self.path(f"{name}.new").replace(self.path(f"{name}.{at}"))

    def kept(self, name: str, at: int) -> bytes | None:
        """What was written down at that place."""
        path = self.path(f"{name}.{at}")
        return path.read_bytes() if path.exists() else None

    def forget(self, name: str, but: int) -> None:
        """Remove what was written down at other places."""
        for path in self._place.glob(f"{name}.*"):
            if path.name != f"{name}.{but}":
                path.unlink()

    def digest(self, name: str) -> str:
        """The SHA-256 of a file, in hex."""
        found = sha256()
        with self.path(name).open("rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
        return found.hexdigest()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the folder: of two who believe that the wash is theirs, one stops here. Ends with the process,
        however that ends. Raises FolderTakenError."""
        with self.create("lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise FolderTakenError from None
            yield

    @contextmanager
    def results(self, positions: Sequence[int]) -> Iterator["ResultFiles"]:
        """The files as they were at the last checkpoint: what was written after it is cut off."""
        files = {name: self._opened(name, at) for name, at in zip(RESULTS, positions, strict=True)}
        try:
            yield ResultFiles(files)
        finally:
            for file in files.values():
                file.close()

    def _opened(self, name: str, at: int) -> Any:
        descriptor = os.open(self.path(name), os.O_RDWR | os.O_CREAT, _PRIVATE)
        os.ftruncate(descriptor, at)
        os.lseek(descriptor, at, os.SEEK_SET)
        return os.fdopen(descriptor, "wb")

    def drop(self, names: Collection[str]) -> None:
        """Remove some of the files."""
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def erase(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self._place, ignore_errors=True)


class ResultFiles:
    """The results of a wash, appended to chunk by chunk."""

    def __init__(self, files: Mapping[str, BinaryIO]) -> None:
        self._files = files

    def append(self, pieces: Mapping[str, bytes]) -> None:
        """Some more of each file."""
        for name, piece in pieces.items():
            self._files[name].write(piece)

    def settle(self) -> list[int]:
        """Bring everything to the disk; how long each file is then."""
        for file in self._files.values():
            file.flush()
            os.fdatasync(file.fileno())
        return [self._files[name].tell() for name in RESULTS]


def orphans(root: Path, kept: Collection[UUID], now: datetime) -> list[UUID]:
    """Folders that no wash wants: an upload that never ended leaves one."""
    found = []
    for place in root.iterdir() if root.is_dir() else ():
        try:
            id_ = UUID(place.name)
            age = now.timestamp() - place.stat().st_mtime
        except (ValueError, FileNotFoundError):
            continue
        if id_ not in kept and age > _ORPHAN.total_seconds():
            found.append(id_)
    return found
