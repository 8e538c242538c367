import ast
import json
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT
from tests.launcher.clone import Clone


def test_the_first_start_makes_the_environment_and_says_so(clone: Clone) -> None:
    started = clone.run("up", "--port", "8000")
    assert started.returncode == 0, started.stderr
    assert json.loads(started.stdout)["arguments"] == ["up", "--port", "8000"]
    assert json.loads(started.stdout)["prefix"] == str(clone.venv)
    assert "installing 0 packages (once) …" in started.stderr
    assert "… done in" in started.stderr


def test_a_later_start_is_silent_and_quick(clone: Clone) -> None:
    clone.run()
    made = clone.stamp.stat().st_mtime_ns
    times = []
    for _ in range(3):
        began = time.monotonic()
        assert clone.run().stderr == ""
        times.append(time.monotonic() - began)
    assert min(times) < 1
    assert clone.stamp.stat().st_mtime_ns == made


def test_the_exit_status_is_the_programs_own(clone: Clone) -> None:
    assert clone.run("exit", "3").returncode == 3


def test_the_program_sees_the_callers_folder_and_imports_only_its_own_parts(
    clone: Clone, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "app").mkdir(parents=True)
    (elsewhere / "app" / "__main__.py").write_text("raise SystemExit('a stranger')")
    started = clone.run("wash", "list.csv", cwd=elsewhere, PYTHONPATH=str(elsewhere))
    assert started.returncode == 0, started.stderr
    assert json.loads(started.stdout)["folder"] == str(elsewhere)


def test_the_environment_can_lie_elsewhere_without_the_program_meeting_an_unknown_setting(
    clone: Clone, tmp_path: Path
) -> None:
    started = clone.run("up", SPARR_VENV=str(tmp_path / "other"), SPARR_PORT="8001")
    assert json.loads(started.stdout)["prefix"] == str(tmp_path / "other")
    assert json.loads(started.stdout)["settings"] == ["SPARR_PORT"]
    assert not clone.venv.exists()


def test_a_link_to_the_launcher_starts_the_same_program(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sparr").symlink_to(clone.root / "sparr")
    linked = [clone.interpreter, str(tmp_path / "bin" / "sparr"), "up"]
    assert '"arguments": ["up"]' in subprocess.run(linked, capture_output=True, text=True, check=True).stdout


def test_a_benchmark_gets_the_development_packages_and_keeps_them_for_the_runtime(
    clone: Clone, tiny: str
) -> None:
    clone.lock("dev", tiny)
    assert not json.loads(clone.run("up").stdout)["tiny"]
    bench = clone.run("bench", "lookup")
    assert json.loads(bench.stdout)["tiny"]
    assert "making it anew" not in bench.stderr
    later = clone.run("up")
    assert json.loads(later.stdout)["tiny"]
    assert later.stderr == ""


def test_pip_installs_where_there_is_no_uv(clone: Clone, tiny: str) -> None:
    clone.lock("runtime", tiny)
    started = replace(clone, search="").run()
    assert started.returncode == 0, started.stderr
    assert json.loads(started.stdout)["tiny"]


def test_pip_installs_where_uv_fails(clone: Clone, tiny: str, tmp_path: Path) -> None:
    clone.lock("runtime", tiny)
    (tmp_path / "uv").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "uv").chmod(0o755)
    started = replace(clone, search=str(tmp_path)).run()
    assert "uv could not install them; trying pip" in started.stderr
    assert json.loads(started.stdout)["tiny"]


@pytest.mark.parametrize("search", ["uv or pip", ""])
def test_a_package_with_another_digest_is_not_installed_and_nothing_starts(
    clone: Clone, tiny: str, search: str
) -> None:
    name, _, sha256 = tiny.rpartition(":")
    clone.lock("runtime", f"{name}:{sha256[::-1]}")
    started = (clone if search else replace(clone, search="")).run()
    assert started.returncode == 1
    assert started.stdout == ""
    assert started.stderr.splitlines()[-1].endswith("could not be installed; the lines above say why")
    assert not clone.stamp.exists()


def test_without_uv_and_pip_one_sentence_says_what_to_install(clone: Clone, tmp_path: Path) -> None:
    user = str(tmp_path / "user")
    asked = [clone.interpreter, "-c", "import site; print(site.getusersitepackages())"]
    answer = subprocess.run(asked, env={"PYTHONUSERBASE": user}, capture_output=True, text=True, check=True)
    site = Path(answer.stdout.strip())
    site.mkdir(parents=True)
    (site / "pip.py").write_text("raise ImportError")
    started = replace(clone, search="").run(PYTHONUSERBASE=user)
    assert started.returncode == 1
    assert started.stderr.splitlines()[-1].startswith("sparr: needs pip or uv to install its packages")


def test_an_old_python_is_told_so_in_one_sentence(clone: Clone) -> None:
    pretend = "import runpy, sys; sys.version_info = (3, 10, 9); runpy.run_path('sparr', run_name='__main__')"
    started = subprocess.run(
        [clone.interpreter, "-c", pretend], cwd=clone.root, capture_output=True, text=True, check=False
    )
    assert started.returncode == 2
    assert started.stderr.startswith("sparr: needs Python 3.11 or newer")
    assert len(started.stderr.splitlines()) == 1


def test_an_old_python_can_read_the_launcher_as_far_as_that_sentence() -> None:
    assert ast.parse((ROOT / "sparr").read_text(), feature_version=(3, 6))
