"""`./sparr test` calls four checkers and pytest; here each is a stand-in that only says how it was called."""

import os
import signal
from pathlib import Path

import pytest

from tests.launcher.clone import Clone, wheel

CHECKER = """
import os, sys
name = {name!r}
print(name, *sys.argv[1:])
sys.exit(3 if name in os.environ.get("FAILING", "").split() else 0)
"""
TESTS = """
import os, sys, time
print("folder", os.getcwd(), flush=True)
try:
    print("pytest", *sys.argv[1:], flush=True)
    time.sleep(float(os.environ.get("SECONDS", "0")))
except KeyboardInterrupt:
    time.sleep(1)
    print("1 test stopped in good order")
    sys.exit(2)
print("5 passed in 0.01s")
sys.exit(1 if "pytest" in os.environ.get("FAILING", "").split() else 0)
"""


@pytest.fixture
def checked(clone: Clone, tmp_path: Path) -> Clone:
    linter = "def lint_imports_command():" + CHECKER.format(name="lint-imports").replace("\n", "\n    ")
    modules = {name: CHECKER.format(name=name.removesuffix(".py")) for name in ["ruff.py", "mypy.py"]}
    modules |= {"importlinter/__init__.py": "", "importlinter/cli.py": linter, "pytest.py": TESTS}
    clone.lock("dev", wheel(tmp_path, "checkers", modules))
    return clone


def test_the_suite_is_every_check_and_then_pytest_whose_closing_line_is_last(checked: Clone) -> None:
    outcome = checked.run("test")
    assert outcome.returncode == 0, outcome.stderr
    called = [line.split()[0] for line in outcome.stdout.splitlines()]
    assert called == ["ruff", "ruff", "mypy", "lint-imports", "folder", "pytest", "5"]
    assert f"pytest -n {min(4, os.cpu_count() or 1)}" in outcome.stdout
    for name in ["ruff check", "ruff format", "mypy", "lint-imports"]:
        assert f"sparr: {name} …\nsparr: … passed in " in outcome.stderr
    assert outcome.stderr.splitlines()[-1].startswith("sparr: pytest,")


@pytest.mark.parametrize("failing", ["ruff", "mypy", "lint-imports", "pytest"])
def test_the_suite_fails_with_any_of_its_parts_and_still_runs_the_others(
    checked: Clone, failing: str
) -> None:
    outcome = checked.run("test", FAILING=failing)
    assert outcome.returncode == 1
    assert len(outcome.stdout.splitlines()) == 7
    assert outcome.stdout.splitlines()[-1] == "5 passed in 0.01s"


def test_a_failed_check_is_named_at_the_end(checked: Clone) -> None:
    assert checked.run("test", FAILING="mypy").stderr.splitlines()[-1] == "sparr: failed: mypy"


def test_with_arguments_only_pytest_runs_and_from_the_root(checked: Clone, tmp_path: Path) -> None:
    outcome = checked.run("test", "tests/domain", "-k", "phone", cwd=tmp_path, FAILING="mypy")
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.splitlines()[:2] == [f"folder {checked.root}", "pytest tests/domain -k phone"]


def test_an_interrupted_suite_lets_pytest_stop_its_servers(checked: Clone) -> None:
    """A terminal interrupts the launcher and pytest together."""
    checked.run("bench")
    started = checked.start("test", SECONDS="30")
    assert started.stdout is not None
    while not started.stdout.readline().startswith("pytest"):
        assert started.poll() is None
    os.killpg(started.pid, signal.SIGINT)
    output, _ = started.communicate(timeout=60)
    assert "1 test stopped in good order" in output
    assert started.returncode == 2
