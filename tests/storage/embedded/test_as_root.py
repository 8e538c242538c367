"""PostgreSQL refuses to be root: a root program's server has no root rights and changes nobody's folders."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.storage.embedded import EmbeddedPostgres, EmbeddedPostgresError, wheel_binaries
from tests.storage.embedded.observer import ask, program, running, seconds_until_gone

SOMEBODY = 12345
NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="sparr-test-"))
    folder.chmod(0o755)
    yield folder
    seconds_until_gone(folder)
    shutil.rmtree(folder)


@pytest.fixture
def reachable() -> None:
    """A server that is nobody must be able to run its programs, which lie in the environment."""
    if not all(parent.stat().st_mode & 0o001 for parent in wheel_binaries().parents):
        pytest.skip("this environment lies in a folder that only root may enter, as mktemp -d makes them")


def rights(pid: int) -> tuple[int, int]:
    """The effective user outside all namespaces, and the capabilities held in its own."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["Uid"].split()[1]), int(status["CapEff"], 16)


def owners(folder: Path) -> list[tuple[int, int, int]]:
    """Owner, group and mode of the folder and all above it."""
    return [(at.stat().st_uid, at.stat().st_gid, at.stat().st_mode) for at in (folder, *folder.parents)]


def test_the_server_of_a_root_program_has_no_capability(fresh_dir: Path) -> None:
    before = owners(fresh_dir.parent)
    with EmbeddedPostgres(fresh_dir):
        assert {capabilities for _, capabilities in map(rights, running(fresh_dir))} == {0}
    assert owners(fresh_dir.parent) == before


@pytest.mark.usefixtures("reachable")
async def test_without_namespaces_the_server_is_nobody_and_owns_its_cluster_only(open_folder: Path) -> None:
    data_dir = open_folder / "sparr"
    before = owners(open_folder)
    with program(data_dir, "denied") as denied:
        assert {rights(pid) for pid in running(data_dir / "pg")} == {(NOBODY, 0)}
        await ask(denied.address, "CREATE TABLE act AS SELECT 42 AS n")
        assert {path.stat().st_uid for path in (data_dir / "pg").rglob("*")} == {NOBODY}
        assert data_dir.stat().st_uid == 0
        assert owners(open_folder) == before
        denied.process.kill()
        assert seconds_until_gone(data_dir / "pg") < 5
    with EmbeddedPostgres(data_dir) as address:
        assert await ask(address, "SELECT n FROM act") == [42]


@pytest.mark.usefixtures("reachable")
async def test_a_cluster_made_with_namespaces_is_used_without_them(open_folder: Path) -> None:
    data_dir = open_folder / "sparr"
    server = EmbeddedPostgres(data_dir)
    await ask(server.start(), "CREATE TABLE act AS SELECT 42 AS n")
    server.stop()
    with program(data_dir, "denied") as denied:
        assert await ask(denied.address, "SELECT n FROM act") == [42]


@pytest.mark.usefixtures("reachable")
async def test_in_somebodys_folder_the_server_is_that_user(open_folder: Path) -> None:
    data_dir = open_folder / "sparr"
    data_dir.mkdir(mode=0o700)
    os.chown(data_dir, NOBODY, NOBODY)
    server = EmbeddedPostgres(data_dir)
    with server as address:
        assert {rights(pid) for pid in running(data_dir / "pg")} == {(NOBODY, 0)}
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert await ask(address, "SELECT 1") == [1]
    assert data_dir.stat().st_uid == NOBODY


def test_a_folder_that_the_server_cannot_reach_is_named_and_not_opened(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    os.chown(closed, SOMEBODY, SOMEBODY)
    before = owners(closed)
    with pytest.raises(EmbeddedPostgresError, match=f"cannot pass {closed}"):
        EmbeddedPostgres(closed / "sparr").start()
    assert owners(closed) == before
