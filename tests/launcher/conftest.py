import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT
from tests.launcher.clone import PROGRAM, Clone, wheel


def interpreters() -> list[str]:
    """This test run's own interpreter, and the system's if it is new enough."""
    own = str(getattr(sys, "_base_executable", sys.executable))
    system = "/usr/bin/python3"
    recent = [system, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    if Path(system).exists() and subprocess.run(recent, check=False).returncode == 0:
        return sorted({own, system})
    return [own]


@pytest.fixture(params=interpreters())
def interpreter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clone(interpreter: str, tmp_path: Path) -> Clone:
    """Both locks are empty: the first start installs nothing and needs no network."""
    root = tmp_path / "clone"
    (root / "app").mkdir(parents=True)
    (root / "app" / "__main__.py").write_text(PROGRAM)
    shutil.copy(ROOT / "sparr", root / "sparr")
    made = Clone(root, interpreter, os.environ["PATH"])
    made.lock("runtime")
    made.lock("dev")
    return made


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return wheel(tmp_path, "tiny", {"tiny.py": ""})
