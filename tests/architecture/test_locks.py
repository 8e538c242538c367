"""The locks say what is installed, byte for byte, and never from where."""

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.repository import ROOT

LOCKS = ["runtime", "dev"]
PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s*]+( ;.*)?")


def locked(name: str) -> list[str]:
    """One string for each entry of a lock: the requirement and its hashes."""
    return (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ").splitlines()


def pins(name: str) -> list[Requirement]:
    return [Requirement(entry.partition("--hash=")[0].strip()) for entry in locked(name)]


def wanted(name: str) -> list[Requirement]:
    """The direct dependencies, those of an included file too."""
    found = []
    for line in (ROOT / "requirements" / f"{name}.in").read_text().splitlines():
        if line.startswith("-r "):
            found += wanted(line.removeprefix("-r ").removesuffix(".in"))
        elif line and not line.startswith("#"):
            found.append(Requirement(line))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    assert "://" not in "\n".join(locked(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_of_a_lock_is_one_version_with_its_hashes(lock: str) -> None:
    for entry in locked(lock):
        requirement, *digests = re.split(r"\s+--hash=", entry.strip())
        assert PINNED.fullmatch(requirement), entry
        assert digests, entry
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in digests), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_every_direct_dependency_is_locked_in_a_version_that_it_allows(lock: str) -> None:
    chosen = {canonicalize_name(pin.name): pin for pin in pins(lock)}
    for requirement in wanted(lock):
        pin = chosen.get(canonicalize_name(requirement.name))
        assert pin is not None, requirement
        assert requirement.specifier.contains(str(pin.specifier).removeprefix("==")), requirement


def test_what_runs_in_production_is_what_the_tests_ran_with() -> None:
    assert {str(pin) for pin in pins("runtime")} <= {str(pin) for pin in pins("dev")}
