"""`sparr wash`, against a registry that really listens: the list comes back whole, or not at all."""

import json
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli import washing
from app.cli.receipts import receipts
from app.crypto.keys import KeyRing
from app.storage.database import Database
from tests.cli.serving import Served, listening_registry
from tests.registry_driver import PHONE, Driver, Party, first_admin

program = typer.Typer()
program.command("wash")(washing.wash)
program.add_typer(receipts, name="receipt")

OTHER = "+46701740606"
KIB = 1024
ALLOWED = ",allow,NO_OBJECTION_FOUND"
BLOCKED = ",block,DNC_INTERNAL"


@pytest.fixture(scope="module")
def served(database_url: str, ring: KeyRing) -> Iterator[Served]:
    with listening_registry(database_url, ring) as found:
        yield found


@pytest.fixture(scope="module")
async def desk(served: Served, database: Database, ring: KeyRing) -> Party:
    """A controller that has one number on its do-not-call list."""
    async with httpx2.AsyncClient(base_url=served.url, trust_env=False) as client:
        driver = Driver(client, await first_admin(database, ring))
        made = await driver.controller("customer_service")
        assert (await driver.enter(made, {"type": "phone", "value": PHONE})).status_code == 201
        return made


@pytest.fixture
def secret_file(desk: Party, tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(desk.credential["client_secret"] + "\n")
    return file


class Washer:
    """Runs the command in a folder, for a desk."""

    def __init__(self, folder: Path, served: Served, desk: Party, secret_file: Path) -> None:
        self.out = folder / "out.csv"
        self.list = folder / "list.csv"
        self._fixed = ["--url", served.url, "--client-id", desk.credential["client_id"]]
        self._fixed += ["--client-secret-file", str(secret_file), "--channel", "sms"]
        self._fixed += ["--purpose", "marketing", "--region", "SE"]

    def run(self, content: str | bytes, *words: str) -> Result:
        self.list.write_bytes(content if isinstance(content, bytes) else content.encode())
        given = ["wash", str(self.list), "-o", str(self.out), *self._fixed, *words]
        return CliRunner().invoke(program, given)


@pytest.fixture
def washer(tmp_path: Path, served: Served, desk: Party, secret_file: Path) -> Washer:
    return Washer(tmp_path, served, desk, secret_file)


def test_a_list_comes_back_with_its_columns_in_its_order(washer: Washer) -> None:
    told = washer.run(f'id,phone,note\n1,070-174 06 05,\n2,{OTHER},"a,\nb"\n1,{PHONE},x\n3,nobody,\n')
    assert told.exit_code == 0, told.output
    assert washer.out.read_text() == (
        "id,phone,note,decision,code\n"
        f"1,070-174 06 05,{BLOCKED}\n"
        f'2,{OTHER},"a,\nb"{ALLOWED}\n'
        f"1,{PHONE},x{BLOCKED}\n"
        "3,nobody,,block,INPUT_INVALID\n"
    )
    assert "4 rows: 1 allow, 3 block, of which 1 cannot be read" in told.stdout
    assert sorted(path.name for path in washer.out.parent.iterdir()) == [
        "list.csv",
        "out.csv",
        "out.csv.receipt.json",
        "secret",
    ]


def test_the_receipt_beside_it_can_be_verified(washer: Washer, served: Served) -> None:
    assert washer.run(f"phone\n{OTHER}\n").exit_code == 0
    receipt = str(washer.out.with_name("out.csv.receipt.json"))
    checked = CliRunner().invoke(program, ["receipt", "verify", receipt, "--url", served.url])
    assert json.loads(checked.stdout)["code"] == "VALID"


@pytest.mark.parametrize(
    ("content", "words", "answer"),
    [
        (
            "\ufeffid;phone\r\n1;{o}\r\n",
            [],
            "\ufeffid;phone;decision;code\r\n1;{o};allow;NO_OBJECTION_FOUND\r\n",
        ),
        ("1|{p}\n2|{o}\n", ["--column", "2"], "1|{p}|block|DNC_INTERNAL\n2|{o}|allow|NO_OBJECTION_FOUND\n"),
        ("a\tb\n1\t{o}", ["--column", "b"], "a\tb\tdecision\tcode\n1\t{o}\tallow\tNO_OBJECTION_FOUND\n"),
        ("phone\n{p}\n{o}\n", ["--only", "allowed"], "phone,decision,code\n{o},allow,NO_OBJECTION_FOUND\n"),
        ('phone\n"{p}"\n{o}\n', ["--only", "blocked"], 'phone,decision,code\n"{p}",block,DNC_INTERNAL\n'),
        ("{o}\n{p}\n", ["--column", "1", "--only", "blocked"], "{p},block,DNC_INTERNAL\n"),
        ("phone\n{o}\n", ["--source", "bought"], "phone,decision,code\n{o},block,SOURCE_UNKNOWN\n"),
        ("phone\n", [], "phone,decision,code\n"),
    ],
)
def test_lists_are_read_as_they_come(washer: Washer, content: str, words: list[str], answer: str) -> None:
    told = washer.run(content.format(p=PHONE, o=OTHER), *words)
    assert told.exit_code == 0, told.output
    assert washer.out.read_bytes().decode() == answer.format(p=PHONE, o=OTHER)


def test_a_list_in_latin_1_is_washed_with_a_warning_and_keeps_its_bytes(washer: Washer) -> None:
    told = washer.run(b"name,phone\nBj\xf6rn,+46701740606\n")
    assert told.exit_code == 0, told.output
    assert "not UTF-8" in told.stderr
    assert (
        washer.out.read_bytes()
        == b"name,phone,decision,code\nBj\xf6rn,+46701740606" + ALLOWED.encode() + b"\n"
    )


def test_json_lines_are_washed_as_such(washer: Washer) -> None:
    washer.list = washer.list.with_suffix(".ndjson")
    told = washer.run(f'"{PHONE}"\n{{"type":"phone","value":"{OTHER}","mine":1}}\n', "--only", "allowed")
    assert told.exit_code == 0, told.output
    assert json.loads(washer.out.read_text())["mine"] == 1


@pytest.mark.parametrize(
    ("content", "words", "status", "says"),
    [
        ("phone\n1\n", ["--source", "somewhere"], 1, "a source is"),
        (f"{OTHER}\n", [], 1, "UNREADABLE_FILE"),
        ("phone\n1\n", ["--controller", "018f0000-0000-7000-8000-00000000000a"], 1, "AUTH_CONTROLLER"),
        ("phone\n1\n", ["--url", "http://127.0.0.1:9"], 1, "no registry answers"),
        (b"\xff\xfep\0h\0", [], 1, "UTF-16"),
        ("id,phone\n" + f"1,{OTHER}\n" * 100_000 + '2,"' + "x" * 200_000 + '"\n', [], 3, "NOT WHOLE"),
    ],
)
def test_what_goes_wrong_is_one_line_and_writes_nothing(
    washer: Washer, content: str | bytes, words: list[str], status: int, says: str
) -> None:
    washer.out.write_text("from before")
    told = washer.run(content, *words)
    assert (told.exit_code, len(told.stderr.splitlines())) == (status, 1), told.output
    assert says in told.stderr
    assert OTHER not in told.output
    assert washer.out.read_text() == "from before"
    assert {path.suffix for path in washer.out.parent.iterdir()} <= {".csv", ""}


def test_the_secret_comes_from_the_environment_or_is_asked_for(
    washer: Washer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = washer._fixed.index("--client-secret-file")
    secret = Path(washer._fixed[place + 1]).read_text().strip()
    del washer._fixed[place : place + 2]
    washer.list.write_text(f"phone\n{OTHER}\n")
    given = ["wash", str(washer.list), "-o", str(washer.out), *washer._fixed]
    assert CliRunner().invoke(program, given, input=secret + "\n").exit_code == 0
    monkeypatch.setitem(os.environ, "SPARR_CLIENT_SECRET", secret)
    assert CliRunner().invoke(program, given).exit_code == 0


def test_a_long_list_flows_in_both_directions_and_takes_no_more_memory(washer: Washer) -> None:
    """An answer of 70 MB: whoever sent all of the list before reading would wait for ever."""
    before: Any = None
    for count in (100_000, 1_000_000):
        content = "id,phone\n" + "".join(f"{n},+46701740{605 + n % 95}\n" for n in range(count))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        told = washer.run(content)
        assert told.exit_code == 0, told.output
        assert f"{count} rows" in told.stdout
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * KIB
