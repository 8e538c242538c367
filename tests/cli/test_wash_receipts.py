"""One row of a washed list is opened with the answer alone, and shows nothing of the others."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.cli.serving import Served
from tests.cli.test_wash import OTHER, Washer, desk, program, secret_file, served, washer
from tests.registry_driver import PHONE, Json

__all__ = ["desk", "secret_file", "served", "washer"]

COLUMNS = f'id;phone;note\n1;{OTHER};"a;\nb"\n2;{PHONE};\n3\n4;nobody;\n5;070-174 06 07;å\n'
OBJECTS: list[object] = [
    OTHER,
    {"type": "phone", "value": PHONE, "mine": 1},
    7,
    {"identifier": OTHER, "decision": "mine"},
    {"all": [{"type": "phone", "value": OTHER}, {"type": "email", "value": "a@example.com"}]},
]


def run(*words: str) -> Result:
    return CliRunner().invoke(program, ["receipt", *words])


def opened(washer: Washer, row: int, *words: str) -> Path:
    out = washer.out.with_name("row.json")
    told = run("open", str(washer.out), "--row", str(row), "-o", str(out), *words)
    assert told.exit_code == 0, told.output
    return out


def checked(file: Path, served: Served) -> str:
    return str(json.loads(run("verify", str(file), "--url", served.url).stdout)["code"])


@pytest.mark.parametrize(
    ("row", "item", "decision"),
    [
        (0, OTHER, "allow"),
        (1, PHONE, "block"),
        (2, None, "block"),
        (3, None, "block"),
        (4, "070-174 06 07", "allow"),
    ],
)
def test_a_row_of_a_csv_file_is_opened_with_the_answer(
    washer: Washer, served: Served, row: int, item: str | None, decision: str
) -> None:
    assert washer.run(COLUMNS, "--receipt", "tree").exit_code == 0
    file = opened(washer, row)
    found: Json = json.loads(file.read_text())["row"]
    assert (found["position"], found["item"], found["decision"]) == (row, item, decision)
    assert checked(file, served) == "VALID"
    others = {OTHER, PHONE, "070-174 06 07"} - {item}
    assert not any(one in file.read_text() for one in others)


def test_a_row_that_was_changed_is_not_in_the_receipt(washer: Washer, served: Served) -> None:
    assert washer.run(COLUMNS, "--receipt", "tree").exit_code == 0
    file = opened(washer, 1)
    file.write_text(file.read_text().replace("DNC_INTERNAL", "OBJ_DM"))
    assert checked(file, served) != "VALID"
    washer.out.write_text(washer.out.read_text().replace("block;DNC_INTERNAL", "allow;NO_OBJECTION_FOUND"))
    told = run("open", str(washer.out), "--row", "1")
    assert told.exit_code != 0
    assert PHONE not in told.output


@pytest.mark.parametrize("row", range(len(OBJECTS)))
def test_a_row_of_json_is_opened_with_the_answer(washer: Washer, served: Served, row: int) -> None:
    washer.list = washer.list.with_suffix(".ndjson")
    washer.out = washer.out.with_suffix(".ndjson")
    assert washer.run("".join(f"{json.dumps(one)}\n" for one in OBJECTS), "--receipt", "tree").exit_code == 0
    assert checked(opened(washer, row), served) == "VALID"


@pytest.mark.parametrize("column", ["2", "1"])
def test_a_column_is_named_as_in_the_question(washer: Washer, served: Served, column: str) -> None:
    content = f"{OTHER},{PHONE}\n" * 100
    assert washer.run(content, "--receipt", "tree", "--column", column).exit_code == 0
    file = opened(washer, 99, "--column", column)
    assert json.loads(file.read_text())["row"]["item"] == (PHONE if column == "2" else OTHER)
    assert checked(file, served) == "VALID"


def test_without_a_tree_or_without_all_rows_nothing_can_be_opened(washer: Washer) -> None:
    assert washer.run(COLUMNS, "--receipt", "tree", "--only", "allowed").exit_code != 0
    assert washer.run(COLUMNS).exit_code == 0
    told = run("open", str(washer.out), "--row", "0")
    assert told.exit_code != 0
    assert OTHER not in told.output
