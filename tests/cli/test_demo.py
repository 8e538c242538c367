"""`sparr demo` shows real answers, on a registry of its own and on a running one."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from app.cli.demo_list import ANNA_EMAIL, RECIPIENTS, national, read_csv, sample_csv
from tests.readme.serving import PROGRAM, environment, served

ANNA, BERT, NOT_TO_BE_CALLED, NO_MORE_SMS = "701740605", "701740606", "701740607", "701740608"
FICTION = re.compile(r"70174(06(0[5-9]|[1-9][0-9]))|8465004[0-9]{2}")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return read_csv(sample_csv())


def demo(*options: str) -> str:
    done = subprocess.run(
        [*PROGRAM, "demo", *options],
        env=environment(COLUMNS="80"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shown() -> str:
    return demo()


def counted(shown: str) -> dict[tuple[str, str, str], int]:
    """The first table: controller, purpose, code → recipients."""
    lines = [re.split(r"\s*│\s*", line) for line in shown.splitlines() if line.startswith("│")]
    return {(line[1], line[2], line[4]): int(line[5].replace(",", "")) for line in lines}


def expected(rows: list[dict[str, str]]) -> Counter[str]:
    """What the people of the demo asked for, counted without the registry."""
    found: Counter[str] = Counter()
    for row in rows:
        digits = re.sub(r"\D", "", row["phone"].replace("(0)", ""))
        number = digits.removeprefix("00").removeprefix("46").removeprefix("0")
        if re.search("[^-+() 0-9]", row["phone"]) or not FICTION.fullmatch(number):
            found["unreadable"] += 1
        elif number == ANNA or row["email"].lower() == ANNA_EMAIL:
            found["anna"] += 1
        else:
            found[number] += 1
    return found


def test_the_sample_list_has_a_thousand_recipients_of_the_fiction_series_and_some_that_nobody_can_read(
    rows: list[dict[str, str]],
) -> None:
    assert len(rows) == RECIPIENTS
    assert expected(rows)["unreadable"] == 10
    assert {row["email"].lower().partition("@")[2] for row in rows} == {"example.com"}
    assert national("846500400") == "08-465 004 00"


def test_the_demo_prints_what_each_controller_is_answered(shown: str, rows: list[dict[str, str]]) -> None:
    people, table = expected(rows), counted(shown)
    blocked = people["anna"] + people[BERT] + people[NOT_TO_BE_CALLED] + people[NO_MORE_SMS]
    first, second = "Norrsken Tele", "Sydhamn Resor"
    assert table == {
        (first, "marketing", "OBJ_DM"): people["anna"] + people[BERT],
        (first, "marketing", "DNC_INTERNAL"): people[NOT_TO_BE_CALLED],
        (first, "marketing", "CHANNEL_OPTOUT"): people[NO_MORE_SMS],
        (first, "marketing", "INPUT_INVALID"): 10,
        (first, "marketing", "NO_OBJECTION_FOUND"): RECIPIENTS - blocked - 10,
        (second, "marketing", "OBJ_DM"): people[BERT],
        (second, "marketing", "INPUT_INVALID"): 10,
        (second, "marketing", "NO_OBJECTION_FOUND"): RECIPIENTS - people[BERT] - 10,
        (first, "service", "SERVICE"): RECIPIENTS - 10,
        (first, "service", "INPUT_INVALID"): 10,
    }


def test_every_spelling_of_one_number_is_shown_as_blocked(shown: str) -> None:
    spellings = ["070-174 06 05", "+46701740605", "0046701740605", "+46 (0)70-174 06 05", "0701740605"]
    for spelling in spellings:
        assert re.search(rf"^\d+ +{re.escape(spelling)} .* block +OBJ_DM *$", shown, re.MULTILINE), spelling
    assert "receipts: VALID, VALID, VALID" in shown


def test_no_line_is_cut_off_on_a_narrow_terminal(shown: str) -> None:
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown.replace("folder …", "")


def test_on_a_running_registry_the_demo_takes_its_objections_back(tmp_path: Path) -> None:
    with served(tmp_path) as registry:
        options = ("--url", registry.url, "--data-dir", str(registry.data_dir))
        first, again = demo(*options), demo(*options)
    assert counted(first) == counted(again)
    assert again.endswith("The demo's objections are withdrawn again; their history stays.\n")


def test_without_a_registry_at_the_url_one_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "admin.json").write_text('{"client_id": "a", "client_secret": "b"}')
    done = subprocess.run(
        [*PROGRAM, "demo", "--url", "http://127.0.0.1:9", "--data-dir", str(tmp_path)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("sparr: no registry answers at http://127.0.0.1:9")
