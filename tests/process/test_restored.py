"""Backup and restore as an operator does them: nothing that was acknowledged is lost, and a register that
lost something answers nothing until somebody says that it may."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.process.restoring import (
    asked,
    done,
    followed,
    leaves,
    noticed,
    objected,
    ready,
    settled,
    sparr,
    with_keys,
)
from tests.process.running import Running

pytestmark = pytest.mark.xdist_group("process")

Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts registries, and ends those that a test has not ended."""
    running: list[Running] = []

    def begin(folder: Path, port: int | None = None) -> Running:
        """The port belongs to the URL that tokens are issued for."""
        running.append(Running(folder, port=port))
        return running[-1]

    yield begin
    for each in running:
        if each.process.poll() is None:
            each.stop()


async def test_what_was_acknowledged_is_there_after_a_restore_and_what_came_later_is_missed(
    tmp_path: Path, start: Start
) -> None:
    first, kept = start(tmp_path / "data"), tmp_path / "kept"
    seen = first.data_dir / "checkpoint"
    async with first.client() as client:
        driver = first.driver(client)
        early = await objected(driver)
        whole = await settled(seen)
        done("backup", str(kept), "--data-dir", str(first.data_dir))
        done("verify", str(kept), "--data-dir", str(first.data_dir))
        late = await objected(driver)
        await settled(seen, whole)
    assert not [one for one in kept.rglob("*") if one.name in {"keys.json", "pg-password", "admin.json"}]
    first.kill()
    new = with_keys(tmp_path / "new", first.data_dir)
    done("restore", str(kept), "--data-dir", str(new))
    second = start(new, first.port)
    async with second.client() as client:
        assert await asked(client, early) == "OBJ_DM"
        assert set((await ready(client)).values()) == {True}
        assert json.loads(done("verify", "--data-dir", str(new), "--json"))["valid"] is True
        shutil.copy(seen, new / "checkpoint.newer")
        (new / "checkpoint.newer").replace(new / "checkpoint")
        await noticed(client, "JOURNAL")
        assert {await asked(client, early), await asked(client, late)} == {"FACTS_UNREADABLE"}
        refused = sparr("verify", "--data-dir", str(new))
        assert (refused.returncode, "rolled back" in refused.stdout) == (1, True)
        done("verify", "--data-dir", str(new), "--accept-loss")
        await noticed(client)
        assert await asked(client, early) == "OBJ_DM"


async def test_a_followed_registry_is_restored_to_its_last_act_and_to_any_moment(
    tmp_path: Path, start: Start
) -> None:
    first, kept = start(tmp_path / "data"), tmp_path / "kept"
    with followed(kept, first.data_dir):
        async with first.client() as client:
            driver = first.driver(client)
            early = await objected(driver)
            before = await settled(kept / "checkpoint")
            moment = datetime.now(UTC)
            late = await objected(driver)
            await settled(kept / "checkpoint", before)
        first.kill()
    whole, back = (with_keys(tmp_path / name, first.data_dir) for name in ("whole", "back"))
    done("restore", str(kept), "--data-dir", str(whole))
    second = start(whole, first.port)
    async with second.client() as client:
        assert [await asked(client, one) for one in (early, late)] == ["OBJ_DM", "OBJ_DM"]
    second.stop()
    seen = ("--checkpoint", str(first.data_dir / "checkpoint"))
    done("restore", str(kept), "--data-dir", str(back), "--at", moment.isoformat(), *seen)
    third = start(back, first.port)
    async with third.client() as client:
        assert [name for name, ok in (await ready(client)).items() if not ok] == ["JOURNAL"]
        assert await asked(client, early) == "FACTS_UNREADABLE"
    assert leaves(back / "checkpoint") == leaves(first.data_dir / "checkpoint")


def test_what_cannot_be_restored_is_refused_and_leaves_nothing(tmp_path: Path, start: Start) -> None:
    first, kept = start(tmp_path / "data"), tmp_path / "kept"
    done("backup", str(kept), "--data-dir", str(first.data_dir))
    full = sparr("restore", str(kept), "--data-dir", str(first.data_dir))
    assert (full.returncode, "is not empty" in full.stderr) == (1, True)
    bare = tmp_path / "bare"
    bare.mkdir(mode=0o700)
    without = sparr("restore", str(kept), "--data-dir", str(bare))
    assert (without.returncode, "there is no key ring" in without.stderr) == (1, True)
    new = with_keys(tmp_path / "new", first.data_dir)
    early = sparr("restore", str(kept), "--data-dir", str(new), "--at", "2020-01-01T00:00:00Z")
    assert (early.returncode, "no copy" in early.stderr) == (1, True)
    late = sparr("restore", str(kept), "--data-dir", str(new), "--at", "2099-01-01T00:00:00Z")
    assert (late.returncode, "as late as that" in late.stderr) == (1, True)
    damaged = next(one for one in kept.glob("base-*/base/*/1259"))
    damaged.write_bytes(bytes([damaged.read_bytes()[0] ^ 1]) + damaged.read_bytes()[1:])
    for refused in (sparr("restore", str(kept), "--data-dir", str(new)), sparr("verify", str(kept))):
        assert (refused.returncode, "pg_verifybackup failed" in refused.stderr) == (1, True)
    assert [one.name for one in new.iterdir()] == ["keys.json"]
    assert not (tmp_path / "new.restoring").exists()
