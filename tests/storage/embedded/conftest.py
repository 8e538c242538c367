import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.storage.embedded import EmbeddedPostgres
from tests.storage.embedded.observer import seconds_until_gone

# These tests give files to other users, which only root may do.
collect_ignore = [] if os.geteuid() == 0 else ["test_as_root.py"]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "sparr"
    with EmbeddedPostgres(folder):
        pass
    return folder


@pytest.fixture
def fresh_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder that does not exist yet. Afterwards no process of its server may be left."""
    yield tmp_path / "sparr"
    seconds_until_gone(tmp_path)


@pytest.fixture
def data_dir(fresh_dir: Path, made_once: Path) -> Path:
    """A folder with a cluster that was made, and stopped, before."""
    shutil.copytree(made_once, fresh_dir)
    return fresh_dir
