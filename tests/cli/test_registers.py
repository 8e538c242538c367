"""`sparr register import`, against a registry that really listens."""

import asyncio
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
import typer
import uvicorn
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from app.cli.registers import registers
from app.crypto.keys import KeyRing
from app.domain.refusals import OperatorError
from app.main import create_app, deployment, open_database
from app.storage.database import Database
from tests.direct import superuser
from tests.registry_driver import first_admin

TODAY = datetime.now(UTC).date()
KIB_OF_A_LIST = 64 * 1024
program = typer.Typer()
program.add_typer(registers, name="register")


class Served(NamedTuple):
    port: int
    url: str


@pytest.fixture(scope="module")
def served(database_url: str, ring: KeyRing) -> Iterator[Served]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    app = create_app(deployment(open_database(database_url, ring, issuer, pool=2), ring, issuer))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    with capture_logs():
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Served(port, issuer)
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
async def folder(database: Database, ring: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    (made / "admin.json").write_text(json.dumps(await first_admin(database, ring)))
    return made


def run(served: Served, folder: Path, *words: str) -> Result:
    where = ["--url", served.url, "--data-dir", str(folder)]
    return CliRunner().invoke(program, ["register", "import", *words, *where])


def numbers(count: int) -> str:
    return "".join(f"+4670174{n % 10000:04}\n" for n in range(count))


def test_a_list_is_imported_and_imported_again(served: Served, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "nix.txt"
    file.write_text(numbers(20_000))
    words = ["nix_phone", str(file), "--version-date", f"{TODAY - timedelta(days=40)}", "--json"]
    first, again = run(served, folder, *words), run(served, folder, *words)
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["rows"] == 20_000
    assert json.loads(again.stdout) == json.loads(first.stdout)


def test_a_csv_is_sent_as_one_and_told_in_one_line(served: Served, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "nix.csv"
    file.write_text("Nummer,Datum\n070-174 06 05,2026-11-01\n")
    day = f"{TODAY - timedelta(days=41)}"
    told = run(served, folder, "nix_phone", str(file), "--version-date", day, "--column", "phone:Nummer")
    assert told.stdout.startswith(f"sparr: nix_phone of {day} is imported, 1 rows: "), told.output


def test_an_old_list_is_dropped_by_whoever_runs_the_database(
    served: Served, folder: Path, tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "nix.txt"
    for days in (90, 80):
        file.write_text(numbers(100))
        made = run(
            served, folder, "nix_phone", str(file), "--version-date", f"{TODAY - timedelta(days=days)}"
        )
        assert made.exit_code == 0, made.output
    day, operator = f"{TODAY - timedelta(days=90)}", {"SPARR_DATABASE_URL": database_url}
    words = ["register", "drop", "nix_phone", "--version-date", day, "--data-dir", str(folder)]
    told = CliRunner().invoke(program, words, env=operator)
    assert told.stdout == f"sparr: nix_phone of {day} is dropped, 100 rows\n", told.output
    again = CliRunner().invoke(program, [*words, "--json"], env=operator)
    assert isinstance(again.exception, OperatorError)
    run(served, folder, "nix_phone", str(file), "--version-date", day)
    shown = json.loads(CliRunner().invoke(program, [*words, "--json"], env=operator).stdout)
    assert [one["rows"] for one in shown.pop("dropped")] == [100]
    assert shown == {"code": "nix_phone", "version_date": day}


@pytest.mark.parametrize(
    ("code", "content", "says"),
    [("nix_telegram", "", "no register"), ("nix_phone", "070-174 06 05\nnobody\n", "/lines/2")],
)
def test_what_is_refused_ends_with_one_line_and_no_content(
    served: Served, folder: Path, tmp_path: Path, code: str, content: str, says: str
) -> None:
    file = tmp_path / "list.txt"
    file.write_text(content)
    told = run(served, folder, code, str(file), "--version-date", str(TODAY))
    assert told.exit_code == 1
    assert says in told.stderr
    assert "nobody" not in told.output
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_long_list_that_is_refused_at_once_ends_with_the_reason(
    served: Served, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "long.txt"
    file.write_text(numbers(500_000))
    told = run(served, folder, "nix_phone", str(file), "--version-date", f"{TODAY + timedelta(days=9)}")
    assert told.exit_code == 1
    assert "INVALID_TIME" in told.stderr


def test_a_long_list_takes_no_more_memory_than_a_short_one(
    served: Served, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "long.txt"
    for count, days in ((100_000, 50), (300_000, 51)):
        file.write_text(numbers(count))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        day = f"{TODAY - timedelta(days=days)}"
        told = run(served, folder, "nix_phone", str(file), "--version-date", day)
        assert told.exit_code == 0, told.output
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < KIB_OF_A_LIST // 4


COUNTING = """
SELECT (SELECT count(*) FROM registry.register_snapshot), (SELECT count(*) FROM registry.register_entry)
"""
LOADING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%register_entry%'"
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7233"


async def until(connection: Any, query: str, wanted: int) -> None:
    async with asyncio.timeout(10):
        while await connection.fetchval(query) != wanted:  # noqa: ASYNC110 - what is waited for is in the database
            await asyncio.sleep(0.02)


def upload(served: Served, token: str) -> bytes:
    """The beginning of a list of which the rest never comes."""
    lines = [
        f"POST /v1/registers/nix_phone/imports?version_date={TODAY} HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}",
        f"Authorization: Bearer {token}",
        "Content-Type: text/plain",
        "Content-Length: 99999999",
        "",
        numbers(60_000),
    ]
    return "\r\n".join(lines).encode()


async def test_a_sender_that_is_killed_in_the_middle_leaves_nothing(
    served: Served, folder: Path, database_url: str
) -> None:
    connection = await superuser(database_url)
    before = await connection.fetchrow(COUNTING)
    form = {"grant_type": "client_credentials", **json.loads((folder / "admin.json").read_text())}
    async with httpx2.AsyncClient(trust_env=False) as client:
        token = (await client.post(f"{served.url}/oauth/token", data=form)).json()["access_token"]
    with socket.create_connection(("127.0.0.1", served.port)) as sending:
        sending.sendall(upload(served, token))
        await until(connection, LOADING, 1)
        assert await connection.fetchval(HELD) == 1
    await until(connection, HELD, 0)
    assert await connection.fetchrow(COUNTING) == before
    await connection.close()
