import json
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.launcher.clone import Clone


def lose_the_stamp(clone: Clone) -> None:
    clone.stamp.unlink()


def lose_the_interpreter(clone: Clone) -> None:
    (clone.venv / "bin" / "python").unlink()


def break_the_interpreter(clone: Clone) -> None:
    (clone.venv / "bin" / "python").unlink()
    (clone.venv / "bin" / "python").write_text("#!/bin/false\n")
    (clone.venv / "bin" / "python").chmod(0o755)


def lose_the_configuration(clone: Clone) -> None:
    (clone.venv / "pyvenv.cfg").unlink()


def leave_only_a_skeleton(clone: Clone) -> None:
    shutil.rmtree(clone.venv)
    (clone.venv / "bin").mkdir(parents=True)


def come_from_another_python(clone: Clone) -> None:
    clone.stamp.write_text(clone.stamp.read_text().replace('"python": "3', '"python": "2'))


def move_the_repository(clone: Clone) -> None:
    copy = clone.root.with_name("copy")
    shutil.copytree(clone.root, copy, symlinks=True)
    shutil.rmtree(clone.root)
    copy.rename(clone.root)
    clone.stamp.write_text(clone.stamp.read_text().replace("/clone/.venv", "/before/.venv"))


@pytest.mark.parametrize(
    "damage",
    [
        lose_the_stamp,
        lose_the_interpreter,
        break_the_interpreter,
        lose_the_configuration,
        leave_only_a_skeleton,
        come_from_another_python,
        move_the_repository,
    ],
)
def test_a_broken_environment_heals_at_the_next_start(clone: Clone, damage: Callable[[Clone], None]) -> None:
    clone.run()
    damage(clone)
    healed = clone.run("up")
    assert healed.returncode == 0, healed.stderr
    assert json.loads(healed.stdout)["prefix"] == str(clone.venv)
    assert clone.run("up").stderr == ""


def test_a_changed_lock_is_installed_and_what_it_no_longer_names_is_gone(clone: Clone, tiny: str) -> None:
    clone.run()
    clone.lock("runtime", tiny)
    assert json.loads(clone.run().stdout)["tiny"]
    clone.lock("runtime")
    assert not json.loads(clone.run().stdout)["tiny"]


def test_two_starts_at_once_install_once(clone: Clone, tiny: str) -> None:
    clone.lock("runtime", tiny)
    both = [clone.start("up"), clone.start("up")]
    outcomes = [(*started.communicate(timeout=120), started.returncode) for started in both]
    assert [status for _, _, status in outcomes] == [0, 0], outcomes
    assert [json.loads(output)["tiny"] for output, _, _ in outcomes] == [True, True]
    assert "".join(errors for _, errors, _ in outcomes).count("installing") == 1


def test_a_start_after_a_kill_waits_for_the_installer_left_behind(clone: Clone, tmp_path: Path) -> None:
    """An installer outlives its killed launcher; nobody may build under its hands."""
    (tmp_path / "uv").write_text("#!/bin/sh\necho begun\n/bin/sleep 2\necho late >> late.txt\n")
    (tmp_path / "uv").chmod(0o755)
    killed = replace(clone, search=str(tmp_path)).start("up")
    assert killed.stderr is not None
    assert "installing" in killed.stderr.readline()
    assert killed.stderr.readline() == "begun\n"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    next_one = clone.run("up")
    killed.communicate()
    assert next_one.returncode == 0, next_one.stderr
    assert "another start is preparing the environment, waiting …" in next_one.stderr
    assert (clone.root / "late.txt").exists()
    assert clone.run("up").stderr == ""


def test_a_folder_that_is_no_environment_is_left_alone(clone: Clone, tmp_path: Path) -> None:
    letter = tmp_path / "letters" / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("Dear all")
    started = clone.run("up", SPARR_VENV=str(letter.parent))
    assert started.returncode == 1
    assert "is not a virtual environment and is left alone" in started.stderr
    assert letter.read_text() == "Dear all"


def test_a_place_where_no_folder_can_be_is_one_sentence(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    started = clone.run("up", SPARR_VENV=str(tmp_path / "file"))
    assert started.returncode == 1
    assert started.stderr.startswith("sparr: cannot prepare")
    assert len(started.stderr.splitlines()) == 1
