import subprocess

from tests.architecture.repository import ROOT, files, files_of, lines, place

LONGEST = 300
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "manager", "common", "data", "info"}
# Written in pieces, so that this file does not name what it forbids.
PLACES_OF_ONE_MACHINE = ["/wo" + "rk/", "/ro" + "ot/", "/opt/" + "pypi"]
REGISTRY_HOSTS = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs"]


def test_a_file_is_short_enough_to_be_read_at_once() -> None:
    paths = [*files_of("app", "tests", "migrations", "bench"), ROOT / "sparr"]
    long = {str(place(path)): len(path.read_text().splitlines()) for path in paths}
    assert {name: length for name, length in long.items() if length > LONGEST} == {}


def test_a_file_name_says_what_is_inside() -> None:
    named = {str(place(path)) for path in files() if EMPTY_WORDS & {*place(path).parts[:-1], path.stem}}
    assert named == set()


def test_no_file_names_a_place_of_one_machine_or_a_package_registry() -> None:
    needles = PLACES_OF_ONE_MACHINE + REGISTRY_HOSTS
    named = [at for at, line in lines(files()) if any(needle in line for needle in needles)]
    assert named == []


def test_git_ignores_what_starts_and_tests_leave_behind() -> None:
    left = [".venv/x", ".sparr/x", ".pytest_cache/x", ".mypy_cache/x", ".ruff_cache/x", ".hypothesis/x"]
    left += [".import_linter_cache/x", "app/__pycache__/x.pyc", ".coverage"]
    ignored = ["git", "-C", str(ROOT), "check-ignore", *left]
    assert subprocess.run(ignored, capture_output=True, text=True, check=False).stdout.split() == left
