"""Chromium for the tests: found, or installed from Debian's packages where that is possible."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.console.chromium import programs

_PACKAGES = ["chromium", "chromium-driver"]
_SECONDS = 400

MISSING = (
    "THE CONSOLE WAS NOT TESTED IN A BROWSER: chromium and chromedriver are missing, and could not be "
    "installed. On Debian: apt-get install chromium chromium-driver"
)


def ensured() -> bool:
    """Whether there is a Chromium with its driver; the first test process that asks tries to install it."""
    with (Path(tempfile.gettempdir()) / "sparr-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if programs() is None and shutil.which("apt-get") and os.geteuid() == 0:
            _install()
    return programs() is not None


def _install() -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *_PACKAGES]
    for command in (["apt-get", "update", "-qq"], install):
        try:
            subprocess.run(command, env=quiet, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return
