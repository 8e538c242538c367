"""The checker of P1 is checked, in every run: three registries that break the promise, and are caught.

Each is the registry of the run with one thing made wrong on purpose: a worker that remembers for a second
that somebody was clear; commits that do not wait for the disk (`synchronous_commit=off`), and a crash; a
standby that nobody waits for, promoted. The last two lose events that a checkpoint outside the database knows
of, and a registry that sees it answers 503: the services that are asked here begin without one.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import psutil

from tests.process.running import ROOT
from tests.proofs.clients import Clients
from tests.proofs.findings import Finding
from tests.proofs.histories import read, violations
from tests.proofs.pair import Server
from tests.proofs.registry import Registry

OUTDATED = ROOT / "tests" / "process" / "outdated"
_TRIES = 5
_LONGEST = 20.0
_OBJECTIONS = 20

Planted = Callable[[Registry, Clients], Awaitable[None]]


async def check(at: Registry, finding: Finding, say: Callable[[str], None]) -> None:
    """Plant each, and demand that it is caught. The registry is of no use afterwards."""
    caught: dict[str, int] = {}
    for number, planted in enumerate((_cached, _not_flushed, _not_waited_for), 50):
        name = planted.__name__.removeprefix("_")
        record = at.folder / f"planted-{name}.jsonl"
        clients = Clients(**asdict(at.people), record=str(record), number=number, seed=finding.wanted.seed)
        clients.begin()
        await planted(at, clients)
        caught[name] = _found(record)
        finding.demand(f"violations found where {name} was planted", caught[name], 1)
        say(f"planted {name}: {caught[name]} violations found")
    finding.counts["caught"] = caught


def _found(record: Path) -> int:
    with record.open() as lines:
        return len(violations(read(lines)))


async def _cached(at: Registry, clients: Clients) -> None:
    """Where the lists stand is remembered for a second, and so is who has no entry."""
    at.writer.kill()
    at.reader.kill()
    await at.pair.attach()
    faulty = {"PYTHONPATH": f"{OUTDATED}{os.pathsep}{ROOT}", "OUTDATED_SECONDS": "1"}
    await at.serve(**faulty)
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until and not _found(Path(clients.record)):
        keys = clients._new_keys(1)
        await clients.ask("writes", keys)
        await clients.object_to(keys, single=True)
        await asyncio.gather(*(clients.ask("writes", keys) for _ in range(4)))


async def _not_flushed(at: Registry, clients: Clients) -> None:
    """An acknowledgement does not wait for the disk; then the machine's database is killed."""
    at.writer.kill()
    at.reader.kill()
    await asyncio.to_thread(at.writer.start)
    server = at.pair.primary
    await server.value("ALTER SYSTEM SET wal_writer_delay = '10s'")
    await server.value("SELECT pg_reload_conf()")
    for _ in range(_TRIES):
        await _for_the_service(server, "SET synchronous_commit = off")
        await server.value("CHECKPOINT")
        keys = await _objections(clients)
        for each in server.processes():
            with suppress(psutil.Error):
                each.send_signal(signal.SIGKILL)
        await at.pair.follow()
        await _for_the_service(server, "RESET synchronous_commit")
        at.writer.kill()
        await asyncio.to_thread(at.writer.start, **_no_checkpoint(at))
        await _ask(clients, keys)
        if _found(Path(clients.record)):
            break


async def _for_the_service(server: Server, setting: str) -> None:
    """A setting of the service's roles, for connections from now on."""
    for role in ("sparr_api", "sparr_journal"):
        await server.value(f"ALTER ROLE {role} {setting}")
    await server.value(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename ~ '^sparr_[a-r]'"
    )


async def _not_waited_for(at: Registry, clients: Clients) -> None:
    """The standby is not waited for, lies behind when the primary is destroyed, and is promoted."""
    at.writer.kill()
    await asyncio.to_thread(at.writer.start)
    await asyncio.to_thread(at.reader.start, **_no_checkpoint(at))
    server, standby = at.pair.primary, at.pair.standby
    await server.value("ALTER SYSTEM RESET synchronous_standby_names")
    await server.value("SELECT pg_reload_conf()")
    until = time.monotonic() + _LONGEST
    while not (senders := server.processes(": walsender")):
        assert time.monotonic() < until, "the standby does not come back"
        await asyncio.sleep(0.1)
    for each in senders:
        each.suspend()
    # One that hears nothing for some time would ask for another sender, and catch up.
    standby.stand_still(": walreceiver")
    keys = await _objections(clients)
    await at.promote()
    await _ask(clients, keys)


def _no_checkpoint(at: Registry) -> dict[str, str]:
    """The setting of a service that has seen nothing of the journal yet."""
    return {"SPARR_WITNESS": str(at.folder / f"checkpoint-{time.monotonic_ns()}")}


async def _objections(clients: Clients) -> list[int]:
    keys = [clients._new_keys(1)[0] for _ in range(_OBJECTIONS)]
    await asyncio.gather(*(clients.object_to([key], single=True) for key in keys))
    return keys


async def _ask(clients: Clients, keys: list[int]) -> None:
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        if await clients.ask("writes", keys):
            return
    raise AssertionError("nobody answers where a mistake was planted")
