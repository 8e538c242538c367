"""What the locks install may be used as it is used here, and docs/licences.md says under what."""

import re

import pytest

from app.cli.supplying import licence, pins
from tests.architecture.repository import ROOT

REPORT = ROOT / "docs" / "licences.md"
FREE = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "PSF-2.0"}
FREE |= {"Unlicense", "Zlib"}
BY_FILE = {"MPL-2.0", "LGPL-2.1-or-later"}
"""Copyleft for their own files: used unchanged, they ask nothing of this program."""

TOOLS = {"GPL-3.0-only"}
"""Only for tools of development that are run beside the program, and never delivered with it."""

ELSEWHERE = {
    "atheris": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "pyyaml-ft": "MIT",
}
"""Pins for other machines than this, by what they say of themselves there, and one that says it in a file."""

HEAD = """# Licences

What the locks in `requirements/` install, as the packages say of themselves. A test compares this page with
what is installed, and the licences with those that are allowed (`tests/supply/test_licences.py`); it is
written anew by `./sparr test tests/supply --write-licences`. The bill of materials is `./sparr sbom`.

Permissive licences are allowed everywhere. MPL-2.0 and LGPL ask something of whoever changes those
packages' own files, which nobody does here. GPL is allowed for tools of development alone, which are run and
never delivered.

| package | licence | needed for |
|---|---|---|
"""


def rows() -> dict[str, tuple[str, str]]:
    """Licence and use by name."""
    runtime = {pin.name for pin in pins("runtime")}
    names = sorted({pin.name for pin in pins("dev")})
    used = {name: "the program" if name in runtime else "development" for name in names}
    return {name: (ELSEWHERE.get(name) or licence(name) or "unknown", used[name]) for name in names}


def forbidden(found: dict[str, tuple[str, str]]) -> list[str]:
    """Names whose licence is in no list. Of alternatives one has to be allowed, of parts each."""
    wrong = []
    for name, (expression, use) in found.items():
        allowed = FREE | BY_FILE | (TOOLS if use == "development" else set())
        ways = [re.split(r" AND ", way) for way in expression.strip("()").split(" OR ")]
        if not any(set(way) <= allowed for way in ways):
            wrong.append(f"{name}: {expression}")
    return wrong


def test_every_package_may_be_used_as_it_is() -> None:
    found = rows()
    assert forbidden(found) == []
    assert len(found) > 100


@pytest.mark.parametrize("expression", ["unknown", "GPL-3.0-only", "MIT AND AGPL-3.0-only", "Proprietary"])
def test_a_package_that_may_not_be_used_would_be_seen(expression: str) -> None:
    assert forbidden({"other": (expression, "the program")})
    assert not forbidden({"other": (f"{expression} OR MIT", "the program")})


def test_the_report_is_that_of_the_locks(pytestconfig: pytest.Config) -> None:
    told = "".join(f"| {name} | {expression} | {use} |\n" for name, (expression, use) in rows().items())
    if pytestconfig.getoption("--write-licences", default=False):
        REPORT.write_text(HEAD + told, encoding="utf-8")
    assert REPORT.read_text(encoding="utf-8") == HEAD + told
