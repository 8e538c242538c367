"""What our SQL does not say, because a distributed PostgreSQL, or a wash of a million rows, would suffer."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.repository import files_of, place

FORBIDDEN = {
    "MERGE": r"\bMERGE\s+INTO\b",
    "NOTIFY or LISTEN": r"\b(NOTIFY|LISTEN|pg_notify)\b",
    "TEMP tables": r"\bTEMP(ORARY)?\s+(TABLE|VIEW|SEQUENCE)\b",
    "JOIN unnest": r"(\bJOIN\s+(LATERAL\s+)?|,\s*(LATERAL\s+)?)unnest\s*\(",
    "SERIALIZABLE": r"\bSERIALIZABLE\b",
    "sequences": r"\b(nextval|currval|big)?serial\b|\bGENERATED\s+(ALWAYS|BY\s+DEFAULT)\b|\bnextval\b",
    "deferred constraints": r"\bDEFERR(ABLE|ED)\b",
    "foreign functions": r"\b(uuid_generate_v\d|gen_random_bytes|crypt|digest)\s*\(",
    "a table without its schema": r"\b(FROM|JOIN|INTO)\s+(entry|party|event|holder|objection|mandate)\w*\b",
    "UPDATE of the register or the vault": r"\b(UPDATE|DELETE\s+FROM)\s+(registry|vault)\b",
}
SAYS_SQL = re.compile(r"\b(SELECT|INSERT|DELETE|UPDATE|CREATE|ALTER|GRANT|SET|LISTEN|NOTIFY|MERGE)\b")


def texts(path: Path) -> Iterator[str]:
    """The SQL of a file: all of a script without its comments, and the strings of Python that speak SQL."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        yield re.sub(r"--[^\n]*", "", source)
        return
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in prose:
            continue
        if SAYS_SQL.search(node.value):
            yield node.value


REMOVERS = [
    "app/storage/sql/destroy_keys.sql",
    "app/storage/sql/drop_register_rows.sql",
    "app/storage/sql/rewrap_keys.sql",
]
"""The statements that may: one removes a person's key from the vault, under a role that can do nothing else.
The others are the operator's, under the owner's rights, which no service has: one removes the rows of an old
list of a national register, one puts data keys under another master key."""


def broken(sql: str) -> list[str]:
    return [rule for rule, pattern in FORBIDDEN.items() if re.search(pattern, sql, re.IGNORECASE)]


def test_our_sql_keeps_to_what_can_be_distributed() -> None:
    paths = files_of("app", "migrations", suffixes=(".py", ".sql"))
    found = {str(place(path)): [broken(sql) for sql in texts(path)] for path in paths}
    for remover in REMOVERS:
        assert found.pop(remover) == [["UPDATE of the register or the vault"]]
    assert {name: rules for name, rules in found.items() if any(rules)} == {}
    assert sum(map(len, found.values())) >= 60


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("MERGE", "MERGE INTO ops.job USING x ON true WHEN MATCHED THEN DELETE"),
        ("NOTIFY or LISTEN", "NOTIFY changes"),
        ("NOTIFY or LISTEN", "SELECT pg_notify('changes', '')"),
        ("TEMP tables", "CREATE TEMP TABLE asked (fingerprint uuid)"),
        (
            "JOIN unnest",
            "SELECT * FROM registry.entry_key k JOIN unnest($1::uuid[]) AS u ON u = k.fingerprint",
        ),
        ("JOIN unnest", "SELECT * FROM registry.entry_key k, unnest($1::uuid[]) AS u"),
        ("SERIALIZABLE", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"),
        ("sequences", "CREATE TABLE registry.note (n bigserial)"),
        ("sequences", "CREATE TABLE registry.note (n int8 GENERATED ALWAYS AS IDENTITY)"),
        ("deferred constraints", "ALTER TABLE registry.entry ADD UNIQUE (id) DEFERRABLE"),
        ("foreign functions", "SELECT gen_random_bytes(16)"),
        ("a table without its schema", "SELECT * FROM entry_key"),
        ("UPDATE of the register or the vault", "DELETE FROM vault.subject_key"),
    ],
)
def test_each_of_them_would_be_seen(rule: str, sql: str, tmp_path: Path) -> None:
    script, program = tmp_path / "planted.sql", tmp_path / "planted.py"
    script.write_text(f"-- Planted.\n{sql}\n")
    program.write_text(f'"""Planted: MERGE INTO, NOTIFY."""\n\nSQL = text("""{sql}""")\n')
    for path in (script, program):
        assert [broken(text) for text in texts(path)] == [[rule]]


def test_a_comment_and_a_docstring_may_speak_of_them(tmp_path: Path) -> None:
    script, program = tmp_path / "planted.sql", tmp_path / "planted.py"
    script.write_text("-- No MERGE INTO here, and no NOTIFY.\nSELECT 1\n")
    program.write_text('"""SELECT is used; MERGE INTO and SERIALIZABLE are not."""\n')
    assert [broken(text) for path in (script, program) for text in texts(path)] == [[]]
