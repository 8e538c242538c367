"""What was acknowledged blocks the very next lookup, whichever worker it comes to, also while others write to
the same list; and a service that were late would be caught here."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import pytest

from tests.process.running import ROOT, Running
from tests.registry_driver import Json, Party, question

pytestmark = pytest.mark.xdist_group("process")

CHECKS = int(os.environ.get("FRESH_CHECKS", "1000"))
WRITERS = 6
WORKERS = "4"
OUTDATED = Path(__file__).parent / "outdated"

Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Running] = []

    def begin(**settings: str) -> Running:
        told = {"SPARR_METRICS_TOKEN": "metrics", **settings}
        running.append(Running(tmp_path / "data", "--workers", WORKERS, settings=told))
        return running[0]

    yield begin
    for each in running:
        each.stop()


@dataclass
class Checker:
    """Writes, and asks as soon as it was acknowledged, on a connection that any worker may get."""

    port: int
    desk: Party
    missed: list[str] = field(default_factory=list)
    checks: int = 0

    async def post(self, path: str, body: Json) -> Json:
        """One request on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        sent = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n"
        head += f"Authorization: Bearer {self.desk.token}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
        answer = await reader.read()
        writer.close()
        status, _, rest = answer.partition(b"\r\n")
        assert status.split()[1] in {b"200", b"201"}, answer
        found: Json = json.loads(rest.partition(b"\r\n\r\n")[2])
        return found

    async def check(self, turn: int) -> None:
        """One entry; then two lookups at once, with few or many strangers beside and without."""
        person = {"type": "email", "value": f"{token_hex(8)}@example.com"}
        await self.post("/v1/entries", {"kind": "dnc", "identifier": person})
        beside = 300 if turn % 10 == 0 else turn % 20
        strangers = [f"{token_hex(8)}@example.com" for _ in range(beside)]
        asked: Json = question(self.desk.id, person, *strangers, channel="email", view="compact")
        asked["receipt"] = "none"
        alone = {**asked, "identifiers": [person]}
        answers = await asyncio.gather(*(self.post("/v1/lookups", one) for one in (asked, alone)))
        for answer in answers:
            self.checks += 1
            assert answer["counts"]["block"] == len(answer["blocked"])
            if answer["blocked"] != [{"index": 0, "code": "DNC_INTERNAL"}]:
                self.missed.append(answer["as_of"])

    async def run(self, checks: int) -> None:
        async def write(writer: int) -> None:
            turn = writer
            while self.checks < checks:
                await self.check(turn)
                turn += WRITERS

        await asyncio.gather(*(write(writer) for writer in range(WRITERS)))

    async def warm(self) -> None:
        """Have every worker load the list."""
        asked = question(self.desk.id, "nobody@example.com", channel="email", receipt="none")
        for _ in range(4):
            await asyncio.gather(*(self.post("/v1/lookups", asked) for _ in range(16)))
            await asyncio.sleep(0.3)


async def checked(running: Running, checks: int) -> tuple[Checker, dict[str, float]]:
    """The checker after its checks, and how many lookups were answered with the help of memory, and how many
    by the database alone."""
    async with running.client() as client:
        desk = await running.driver(client).controller("customer_service")
        checker = Checker(running.port, desk)
        await checker.warm()
        await checker.run(checks)
        told = await client.get("/metrics", headers={"Authorization": "Bearer metrics"})
    rows = [line for line in told.text.splitlines() if line.startswith("sparr_lookups_answered_total{")]
    return checker, {row.split('"')[1]: float(row.rsplit(" ", 1)[1]) for row in rows}


@pytest.mark.timeout(60 + CHECKS * 0.3)
async def test_no_worker_misses_what_any_of_them_acknowledged(start: Start) -> None:
    checker, answered = await checked(start(), CHECKS)
    assert checker.checks >= CHECKS
    assert checker.missed == []
    assert answered["memory"] > 0.9 * CHECKS, answered


async def test_a_worker_that_were_late_would_be_caught(start: Start) -> None:
    checker, _ = await checked(start(PYTHONPATH=f"{OUTDATED}{os.pathsep}{ROOT}"), 200)
    assert len(checker.missed) > 10
