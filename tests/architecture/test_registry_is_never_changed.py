"""The registry takes INSERT and SELECT only; the roles enforce it, and no text of ours even tries."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.repository import files_of, place

CHANGES = re.compile(
    r"\b(DELETE FROM|TRUNCATE|TRUNCATE TABLE|UPDATE|MERGE INTO)( ONLY)? registry ?\."
    r"|\bINSERT INTO registry ?\.[^;]*\bDO UPDATE\b",
    re.IGNORECASE,
)


def changes_the_registry(text: str) -> bool:
    """Quotes count as blanks: they stand around names and between the pieces of a Python string."""
    return CHANGES.search(re.sub(r"[\s\"']+", " ", text)) is not None


def delete_routes(source: str) -> Iterator[int]:
    """Lines of `@router.delete(…)` and of calls with `methods=[… "DELETE" …]`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "delete":
                    yield call.lineno
        if isinstance(node, ast.keyword) and node.arg == "methods":
            names = [part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
            if "DELETE" in [str(name).upper() for name in names]:
                yield node.value.lineno


OPERATORS = "app/storage/sql/drop_register_rows.sql"
"""Old lists of national registers are nobody's objection. Their rows go under the rights of the owner."""


def test_no_statement_changes_or_removes_a_row_of_the_registry() -> None:
    paths = files_of("app", "migrations", suffixes=(".py", ".sql"))
    assert [str(place(path)) for path in paths if changes_the_registry(path.read_text())] == [OPERATORS]


def test_the_operators_statement_is_out_of_the_services_reach() -> None:
    named = [path for path in files_of("app") if "drop_register_rows" in path.read_text()]
    assert [str(place(path)) for path in named] == ["app/storage/dropping.py"]
    users = [str(place(path)) for path in files_of("app") if "storage.dropping" in path.read_text()]
    assert users == ["app/cli/registers.py"]


def test_data_keys_are_wrapped_anew_by_the_operator_alone() -> None:
    named = [path for path in files_of("app") if "rewrap_keys" in path.read_text()]
    assert [str(place(path)) for path in named] == ["app/storage/rewrapping.py"]
    users = [str(place(path)) for path in files_of("app") if "storage.rewrapping" in path.read_text()]
    assert users == ["app/cli/keys.py"]


def test_no_route_deletes() -> None:
    found = {str(place(path)): list(delete_routes(path.read_text())) for path in files_of("app")}
    assert {name: at for name, at in found.items() if at} == {}


@pytest.mark.parametrize(
    "statement",
    [
        "delete from registry.entry",
        "DELETE\n  FROM ONLY registry.entry",
        "TRUNCATE registry.entry",
        "truncate table registry.entry",
        'UPDATE "registry"."entry" SET kind = 1',
        "text('UPDATE '\n 'registry.entry SET kind = 1')",
        "MERGE INTO registry.entry USING x",
        "INSERT INTO registry.entry (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2",
    ],
)
def test_a_change_of_the_registry_is_seen_however_it_is_spelled(statement: str) -> None:
    assert changes_the_registry(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "REVOKE UPDATE, DELETE, TRUNCATE ON registry.entry FROM api",
        "REVOKE UPDATE, DELETE ON ALL TABLES IN SCHEMA registry FROM PUBLIC",
        "INSERT INTO registry.entry (a) VALUES (1) ON CONFLICT DO NOTHING",
        "UPDATE ops.job SET state = 'done' FROM registry.entry",
        "INSERT INTO registry.entry (a) VALUES (1); INSERT INTO ops.job (a) VALUES (1) ON CONFLICT DO UPDATE",
    ],
)
def test_a_grant_an_insert_or_work_in_progress_is_not_a_change(statement: str) -> None:
    assert not changes_the_registry(statement)


@pytest.mark.parametrize(
    "source",
    [
        "@router.delete('/v1/entries')\nasync def remove(): ...",
        "router.add_api_route('/v1/entries', remove, methods=['GET', 'delete'])",
    ],
)
def test_a_planted_delete_route_is_seen(source: str) -> None:
    assert list(delete_routes(source)) != []
