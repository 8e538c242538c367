"""The import contracts of pyproject.toml hold, and each of them would notice its breach."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"

BREACHES = {
    "1 a lower layer imports a higher one": ("domain/mandate.py", "import app.storage"),
    "1 a folder has no layer": ("leftovers/__init__.py", ""),
    "1 a page knows the API": ("console/pages/overview.py", "import app.api"),
    "3 a page speaks SQL": ("console/pages/overview.py", "import sqlalchemy"),
    "7 a page reaches past the use cases": ("console/pages/overview.py", "import app.storage"),
    "12 a use case renders a page": ("usecases/look_up.py", "import jinja2"),
    "2 the domain asks for the time": ("domain/mandate.py", "import time"),
    "3 a use case speaks SQL": ("usecases/look_up.py", "import sqlalchemy"),
    "1 a route knows a job": ("api/routes/lookups.py", "import app.jobs"),
    "3 a job speaks SQL": ("jobs/__init__.py", "import sqlalchemy"),
    "4 a use case knows HTTP": ("usecases/look_up.py", "from fastapi import Request"),
    "5 an identifier type knows another": (
        "domain/identifiers/phone.py",
        "from app.domain.identifiers import email",
    ),
    "5 a way in knows another": ("intake/twilio_sms.py", "from app.intake import elks_sms"),
    "6 a use case knows a table": ("usecases/look_up.py", "import app.storage.tables"),
    "7 a route reaches past the use cases": ("api/routes/lookups.py", "import app.storage"),
    "8 jose is used without its wrapper": ("api/callers.py", "from jose import jwt"),
    "10 the program knows its benchmarks": ("usecases/look_up.py", "import bench"),
    "9 a register knows another": ("registers/nix_post.py", "import app.registers.nix_phone"),
    "11 a verifier of the journal knows the database": (
        "usecases/verify_journal.py",
        "import app.storage.tables",
    ),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINT, "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def write(folder: Path, module: str, source: str = "") -> None:
    path = folder / "app" / module
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source + "\n")


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A program with our contracts and nothing inside but the packages that the contracts speak of."""
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0][
        "layers"
    ]
    required = [layer for layer in layers if "(" not in layer]
    for package in [
        "",
        *required,
        "jobs",
        "console/pages",
        "api/routes",
        "api/schemas",
        "domain/identifiers",
        "intake",
        "registers",
    ]:
        write(tmp_path, f"{package}/__init__.py")
    for module in [
        "storage/tables.py",
        "storage/fact_tables.py",
        "storage/journal_tables.py",
        "usecases/verify_journal.py",
        "usecases/follow_journal.py",
        "domain/identifiers/phone.py",
        "domain/identifiers/email.py",
        "registers/nix_phone.py",
        "registers/nix_post.py",
    ]:
        write(tmp_path, module)
    for module in ["intake/twilio_sms.py", "intake/elks_sms.py"]:
        write(tmp_path, module)
    write(tmp_path, "crypto/tokens.py", "from jose import jwt")
    write(tmp_path, "storage/units.py", "import asyncpg, sqlalchemy")
    return tmp_path


def test_every_import_keeps_the_contracts() -> None:
    outcome = lint(ROOT)
    assert outcome.returncode == 0, outcome.stdout


def test_a_program_that_keeps_the_contracts_passes(skeleton: Path) -> None:
    outcome = lint(skeleton)
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_noticed_by_its_contract(breach: str, skeleton: Path) -> None:
    write(skeleton, *BREACHES[breach])
    outcome = lint(skeleton)
    assert outcome.returncode == 1, outcome.stdout
    broken = [line for line in outcome.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    assert broken, outcome.stdout + outcome.stderr
    number = f"{breach.partition(' ')[0]} "
    assert any(line.startswith(number) for line in broken), broken
