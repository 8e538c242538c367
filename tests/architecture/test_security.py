"""docs/security.md names tests that exist, and what it promises of the code itself holds."""

import ast
import json
import re

import pytest

from tests.architecture.repository import ROOT, files_of, place

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROW = re.compile(r"^\| (API\d+|\d+\.\d+\.\d+) \|", re.MULTILINE)
SPEAKS_OUT = {"httpx2", "httpcore2", "requests", "urllib3", "aiohttp", "smtplib", "ftplib", "urllib.request"}
"""Modules by which a program calls somebody."""

OBJECTS = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle"}
RUNS = {"eval", "system", "popen"}


def imports(source: str) -> set[str]:
    """Every module that is imported, with those around it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        named = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            named = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        for name in named:
            found |= {name, name.partition(".")[0]}
    return found


def runs_a_shell(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            shell = any(one.arg == "shell" for one in node.keywords)
            if shell or name in RUNS:
                return True
    return False


def test_every_test_that_the_page_names_exists() -> None:
    rows = [line for line in PAGE.splitlines() if ROW.match(line)]
    assert [line for line in rows if "`tests/" not in line] == []
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
    assert len(named) > 40


def test_every_risk_of_the_list_and_every_requirement_stands_there_once() -> None:
    found = ROW.findall(PAGE)
    assert [one for one in found if one.startswith("API")] == [f"API{number}" for number in range(1, 11)]
    numbers = [tuple(map(int, one.split("."))) for one in found if not one.startswith("API")]
    assert numbers == sorted(set(numbers))
    assert {9, 16} <= {chapter for chapter, *_ in numbers}


def test_the_service_calls_nobody_but_the_issuer_that_its_operator_names() -> None:
    """API7: what the command line asks is the registry of whoever runs it. The console asks the issuer of the
    settings, and where that issuer's own discovery leads; no request says where."""
    calling = [str(place(path)) for path in files_of("app") if imports(path.read_text()) & SPEAKS_OUT]
    assert [name for name in calling if not name.startswith("app/cli/")] == ["app/console/issuer.py"]


def test_no_shell_and_no_object_is_made_from_input() -> None:
    paths = files_of("app")
    assert [str(place(path)) for path in paths if runs_a_shell(path.read_text())] == []
    assert [str(place(path)) for path in paths if imports(path.read_text()) & OBJECTS] == []


@pytest.mark.parametrize("source", ["import httpx2", "from urllib.request import urlopen", "import pickle"])
def test_an_import_that_is_not_wanted_would_be_seen(source: str) -> None:
    assert imports(source) & (SPEAKS_OUT | OBJECTS)


@pytest.mark.parametrize("source", ["run('a', shell=True)", "os.system('a')", "eval('a')"])
def test_a_shell_would_be_seen(source: str) -> None:
    assert runs_a_shell(source)


def test_no_address_holds_an_identifier() -> None:
    """ASVS 14.2.1: what stands in an address stands in logs and histories as well."""
    document = json.loads((ROOT / "openapi" / "openapi.json").read_text("utf-8"))
    parameters = {
        one["name"]
        for methods in document["paths"].values()
        for operation in methods.values()
        for one in operation.get("parameters", ())
        if one["in"] in {"path", "query"}
    }
    personal = {"identifier", "identifiers", "phone", "email", "personal_number", "address", "name_of_person"}
    assert parameters & personal == set()
    assert "controller_id" in parameters
