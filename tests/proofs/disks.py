"""Disks of our own for the servers, which can be full: small file systems in memory, seen by this run alone.

Needs the rights to mount (root). Where they are missing, a disk is an ordinary folder that is never full, and
the run says so aloud.
"""

import ctypes
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NEW_MOUNTS = 0x00020000
_ROOM = "16g"
_LITTLE = 256 << 10
_TRIES = 100


def own_mounts() -> bool:
    """Let this process and its children have mounts that nobody else sees, and that end with them."""
    if os.geteuid() != 0 or ctypes.CDLL(None, use_errno=True).unshare(_NEW_MOUNTS) != 0:
        return False
    return _run("mount", "--make-rprivate", "/")


@dataclass(slots=True)
class Disk:
    """A folder, on a file system of its own if `fillable`."""

    folder: Path
    fillable: bool = False

    @staticmethod
    def make(folder: Path, *, mounting: bool) -> "Disk":
        """A new one."""
        folder.mkdir(mode=0o711)
        options = f"size={_ROOM},mode=0711"
        return Disk(folder, mounting and _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)))

    def fill(self) -> None:
        """From now on it has hardly any room left."""
        for _ in range(_TRIES):
            stands = os.statvfs(self.folder)
            used = (stands.f_blocks - stands.f_bfree) * stands.f_frsize
            # Refused when more than that was written since: then there is more to be kept.
            if self._sized(str(used + _LITTLE)):
                return
        raise AssertionError("this disk cannot be filled")

    def clear(self) -> None:
        """It has room again."""
        assert self._sized(_ROOM)

    def remove(self) -> None:
        """Give it back. What still works in it does not keep it from going."""
        if self.fillable:
            _run("umount", "--lazy", str(self.folder))

    def _sized(self, size: str) -> bool:
        return self.fillable and _run("mount", "-o", f"remount,size={size}", str(self.folder))


def _run(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
