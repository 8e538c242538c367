"""What can go wrong around the registry, each as one function that does it and lets go of it again.

The order of a run follows from its seed: round after round, each round has every fault once. After each fault
the run waits until both services are ready again.
"""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import psutil

from tests.proofs.pair import Server
from tests.proofs.proxy import Mode
from tests.proofs.registry import Registry

Fault = Callable[[Registry, random.Random], Awaitable[None]]

REPLAY = ": startup"
RECEIVER = ": walreceiver"


def _signal(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    for each in processes:
        with contextlib.suppress(psutil.Error):
            each.send_signal(number)


async def _sleep(chance: random.Random, least: float, most: float) -> None:
    await asyncio.sleep(chance.uniform(least, most))


# --- the service ---


async def worker_killed(at: Registry, chance: random.Random) -> None:
    _signal(chance.sample(at.writer.workers(), 1), signal.SIGKILL)


async def reading_worker_killed(at: Registry, chance: random.Random) -> None:
    _signal(chance.sample(at.reader.workers(), 1), signal.SIGKILL)


async def worker_stopped(at: Registry, chance: random.Random) -> None:
    stopped = chance.sample([*at.writer.workers(), *at.reader.workers()], 1)
    _signal(stopped, signal.SIGSTOP)
    await _sleep(chance, 0.3, 2.0)
    _signal(stopped, signal.SIGCONT)


async def service_killed(at: Registry, chance: random.Random) -> None:
    service = chance.choice((at.writer, at.reader))
    service.kill()
    await asyncio.to_thread(service.start)


# --- the primary ---


async def postmaster_killed(at: Registry, chance: random.Random) -> None:
    _signal(at.pair.primary.processes()[:1], signal.SIGKILL)
    await _sleep(chance, 0, 0.3)


async def all_of_it_killed(at: Registry, _chance: random.Random) -> None:
    _signal(at.pair.primary.processes(), signal.SIGKILL)


async def backend_killed(at: Registry, chance: random.Random) -> None:
    backends = at.pair.primary.backends()
    _signal(chance.sample(backends, min(1, len(backends))), signal.SIGKILL)


async def child_killed(at: Registry, chance: random.Random) -> None:
    kinds = (": checkpointer", ": walwriter", ": background writer", ": walsender", ": io worker")
    _signal(at.pair.primary.processes(chance.choice(kinds))[:1], signal.SIGKILL)


async def connections_terminated(at: Registry, _chance: random.Random) -> None:
    _signal(at.pair.primary.backends(), signal.SIGTERM)


async def statements_cancelled(at: Registry, chance: random.Random) -> None:
    for _ in range(5):
        _signal(at.pair.primary.backends(), signal.SIGINT)
        await _sleep(chance, 0, 0.1)


async def immediate_stop(at: Registry, _chance: random.Random) -> None:
    _signal(at.pair.primary.processes()[:1], signal.SIGQUIT)


async def primary_stopped(at: Registry, chance: random.Random) -> None:
    with _standing_still(at.pair.primary):
        await _sleep(chance, 0.3, 2.5)


async def disk_full(at: Registry, chance: random.Random) -> None:
    await _full(at.pair.primary, chance)


async def disk_failing(at: Registry, chance: random.Random) -> None:
    """Flushes of the log and of the tables fail with EIO, as a dying disk answers them."""
    pids = [part for each in at.pair.primary.processes() for part in ("-p", str(each.pid))]
    failing = ("-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO")
    strace = subprocess.Popen(
        ["strace", "-qq", "-f", "-o", os.devnull, *failing, *pids],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    await _sleep(chance, 0.5, 1.0)
    strace.terminate()
    await asyncio.to_thread(strace.wait)


# --- the standby ---


async def standby_killed(at: Registry, _chance: random.Random) -> None:
    _signal(at.pair.standby.processes()[:1], signal.SIGKILL)


async def standby_back_behind(at: Registry, chance: random.Random) -> None:
    """A restarted standby lets readers in before it has replayed all that it had confirmed; with a delay of
    replay for longer than otherwise."""
    server = at.pair.standby
    await server.value("ALTER SYSTEM SET recovery_min_apply_delay = '3s'")
    _signal(server.processes()[:1], signal.SIGKILL)
    await _sleep(chance, 2.0, 3.0)
    await server.value("ALTER SYSTEM RESET recovery_min_apply_delay")
    await server.value("SELECT pg_reload_conf()")


async def standby_disk_full(at: Registry, chance: random.Random) -> None:
    await _full(at.pair.standby, chance)


async def replay_stopped(at: Registry, chance: random.Random) -> None:
    with _standing_still(at.pair.standby, REPLAY):
        await _sleep(chance, 0.5, 2.0)


async def receiver_stopped(at: Registry, chance: random.Random) -> None:
    with _standing_still(at.pair.standby, RECEIVER):
        await _sleep(chance, 0.5, 2.0)


async def replay_stopped_and_primary_killed(at: Registry, chance: random.Random) -> None:
    """What waited for the standby is there after the restart, and not yet on the standby."""
    with _standing_still(at.pair.standby, REPLAY):
        await _sleep(chance, 0.3, 0.6)
        _signal(at.pair.primary.processes()[:1], signal.SIGKILL)
        await _sleep(chance, 2.0, 3.0)


async def replay_stopped_and_waits_cancelled(at: Registry, chance: random.Random) -> None:
    """Who cancels a commit that waits for the standby makes it a success with a warning."""
    with _standing_still(at.pair.standby, REPLAY):
        for _ in range(3):
            await _sleep(chance, 0.2, 0.5)
            _signal(at.pair.primary.backends(), signal.SIGINT)
        await _sleep(chance, 1.0, 1.5)


async def promoted(at: Registry, _chance: random.Random) -> None:
    """The primary is destroyed, and the standby takes over; it gets a standby of its own."""
    await at.fail_over()


# --- the way between ---


async def connections_reset(at: Registry, chance: random.Random) -> None:
    await _on_the_way(at, chance, Mode.RESET)


async def connections_half_open(at: Registry, chance: random.Random) -> None:
    await _on_the_way(at, chance, Mode.STALL)


async def connections_trickling(at: Registry, chance: random.Random) -> None:
    await _on_the_way(at, chance, Mode.TRICKLE)


async def answers_cut(at: Registry, chance: random.Random) -> None:
    await _on_the_way(at, chance, Mode.CUT)


async def _on_the_way(at: Registry, chance: random.Random, mode: Mode) -> None:
    for proxy in (at.writes, at.reads):
        proxy.mode = mode
        if mode is Mode.RESET:
            proxy.reset()
    await _sleep(chance, 0.5, 2.0)
    for proxy in (at.writes, at.reads):
        proxy.mode = Mode.PASS
        if mode is Mode.STALL:
            proxy.reset()


@contextmanager
def _standing_still(server: Server, *kinds: str) -> Iterator[None]:
    server.stand_still(*kinds)
    try:
        yield
    finally:
        server.go_on()


async def _full(server: Server, chance: random.Random) -> None:
    server.disk.fill()
    try:
        await _sleep(chance, 0.5, 2.0)
    finally:
        server.disk.clear()


FAULTS: tuple[Fault, ...] = (
    worker_killed,
    reading_worker_killed,
    worker_stopped,
    service_killed,
    postmaster_killed,
    all_of_it_killed,
    backend_killed,
    child_killed,
    connections_terminated,
    statements_cancelled,
    immediate_stop,
    primary_stopped,
    disk_full,
    disk_failing,
    standby_killed,
    standby_back_behind,
    standby_disk_full,
    replay_stopped,
    receiver_stopped,
    replay_stopped_and_primary_killed,
    replay_stopped_and_waits_cancelled,
    connections_reset,
    connections_half_open,
    connections_trickling,
    answers_cut,
    promoted,
)
FEW: tuple[Fault, ...] = (
    worker_killed,
    postmaster_killed,
    replay_stopped_and_primary_killed,
    backend_killed,
    replay_stopped_and_waits_cancelled,
    disk_full,
    answers_cut,
    primary_stopped,
    promoted,
)
"""For a suite, in this order: one of each sort."""


def possible(at: Registry) -> tuple[set[Fault], list[str]]:
    """The faults that this machine allows, and what must be said aloud about the others."""
    able, aloud = set(FAULTS), []
    if not (at.pair.primary.disk.fillable and at.pair.standby.disk.fillable):
        able -= {disk_full, standby_disk_full}
        aloud.append("NOT DONE: full disks (no right to mount a small one)")
    if shutil.which("strace") is None:
        able -= {disk_failing}
        aloud.append("NOT DONE: failing disks, EIO (no strace)")
    return able, aloud


def planned(
    count: int, chance: random.Random, able: set[Fault], *, few: bool = False, only: str = ""
) -> list[Fault]:
    """So many faults, in rounds; with `only` one and the same."""
    order: list[Fault] = []
    while len(order) < count:
        some = [one for one in (FEW if few else FAULTS) if one in able]
        if only:
            some = [one for one in FAULTS if one.__name__ == only]
            assert some, f"there is no fault {only}"
        if not few:
            chance.shuffle(some)
        order += some
    return order[:count]
