"""One identifier a request, with many clients at once: what a lookup costs beside the identifiers."""

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench.alone import main
from bench.lookup import WAYS, references
from bench.machine import ROOT
from bench.results import Report, Row
from bench.rounds import Asking, Subject, connect, in_turns, quantile
from bench.running import Session
from bench.serving import start
from bench.washing import washing
from bench.world import World

TARGET = 10.0
UNCHECKED = 0.75
_CLIENTS = (16, 64)


async def measure(session: Session) -> Report:
    """16 and 64 clients, each with its own connection."""
    report = Report("single", "requests a second of one identifier each (compact, receipt)")
    world = await session.world()
    asked = washing(world, 1, 0.0, lists=500)
    requests, parsed = await asked.ours(), asked.reference("/parsed")
    async with references(session, with_redis=False) as ports:
        with unchecked(world) as without:
            for port, request in ((world.port, requests[0]), (without, requests[0]), (ports.orm, parsed[0])):
                await asked.agreed(port, request)
            for clients in _CLIENTS:
                subjects = {
                    "ours": Asking(await connect(world.port, clients), requests, 1),
                    "parsed": Asking(await connect(ports.orm, clients), parsed, 1),
                    "read": Asking(await connect(ports.orm, clients), asked.reference("/read"), 1),
                    "unchecked": Asking(await connect(without, clients), requests, 1),
                }
                ways = [Subject(name, asking) for name, asking in subjects.items()]
                await in_turns(ways, session.options.rounds, session.options.seconds)
                report.rows += _rows(f"{clients} clients", {one.name: one.rate for one in ways}, subjects)
    return report


@contextmanager
def unchecked(world: World) -> Iterator[int]:
    """The port of a second server on the same database, which asks once in an hour where a list stands: wrong
    on purpose, as in the test that shows that such a one would be noticed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = start(
        [sys.executable, "-P", "-m", "app", "serve", "--port", str(port)],
        world.folder / "unchecked.log",
        SPARR_DATABASE_URL=world.address.url(),
        SPARR_KEYS_FILE=str(world.folder / "data" / "keys.json"),
        SPARR_DATA_DIR=str(world.folder / "unchecked"),
        SPARR_PUBLIC_URL=f"http://127.0.0.1:{world.port}",
        PYTHONPATH=os.pathsep.join((str(ROOT / "tests" / "process" / "outdated"), str(ROOT))),
        OUTDATED_SECONDS="3600",
    )
    try:
        yield port
    finally:
        program.stop()


def _rows(case: str, rates: Mapping[str, float], asking: Mapping[str, Asking]) -> list[Row]:
    ours = rates["ours"]
    other = "b: FastAPI + SQLAlchemy IN, phonenumbers"
    late, theirs = _percentiles(asking["ours"]), _percentiles(asking["parsed"])
    without = "Sparr without the version check"
    return [
        Row(case, "Sparr", ours, "req/s", note=late),
        Row(case, other, rates["parsed"], "req/s", ours / rates["parsed"], TARGET, note=theirs),
        Row(case, WAYS["read"][0], rates["read"], "req/s", ours / rates["read"]),
        Row(case, without, rates["unchecked"], "req/s", ours / rates["unchecked"], UNCHECKED),
    ]


def _percentiles(asking: Asking) -> str:
    middle, late = (quantile(asking.taken, share) * 1000 for share in (0.5, 0.99))
    return f"p50 {middle:.1f} ms, p99 {late:.1f} ms"


if __name__ == "__main__":
    main(__file__)
