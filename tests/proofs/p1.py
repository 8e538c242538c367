"""P1: once acknowledged, an objection is never lost and never again answered "clear".

A registry with several workers on a primary and on a `remote_apply` standby that serves lookups; clients that
object, take back and ask; one fault after another. Afterwards everybody who objected is asked about on both
servers, and once more on the standby after it was promoted. Then the checker itself is checked.
"""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from tests.proofs import p1_checked
from tests.proofs.clients import Clients
from tests.proofs.disks import Disk, own_mounts
from tests.proofs.faults import planned, possible
from tests.proofs.findings import Finding, Wanted
from tests.proofs.histories import (
    Acknowledged,
    Answered,
    Happening,
    around,
    counted,
    read,
    violations,
)
from tests.proofs.pair import Pair
from tests.proofs.registry import ClientProcess, Registry

PROMISE = 'Once acknowledged, an objection is never lost and never again answered "clear".'
FAULTS, SHORT_FAULTS, SUITE_FAULTS = 1000, 60, 9
SHORT_ACKNOWLEDGEMENTS, SHORT_DECISIONS = 50_000, 250_000
FULL_ACKNOWLEDGEMENTS, FULL_DECISIONS = 1_000_000, 5_000_000
TOLD = 10
_LONGEST_MORE = 1800.0
_SWEPT_AT_ONCE = 2000
_TRIES = 200

Say = Callable[[str], None]


async def prove(wanted: Wanted, say: Say) -> Finding:
    """One run."""
    finding = Finding("p1", PROMISE, wanted)
    mounting = own_mounts()
    folder = Path(tempfile.mkdtemp(prefix="sparr-prove-"))
    folder.chmod(0o711)
    disks = [Disk.make(folder / name, mounting=mounting) for name in ("a", "b")]
    at = Registry(folder, Pair(*disks))
    clients: list[ClientProcess] = []
    try:
        await at.begin()
        clients += _clients(at, folder, wanted)
        await _break(at, clients, finding, say)
        await _enough(clients, finding, say)
        for one in clients:
            await asyncio.to_thread(one.stop)
        await _sweep(at, clients, finding, say)
        if not wanted.only:
            await p1_checked.check(at, finding, say)
    except Exception:
        _tell_logs(at, say)
        _tell_what_was_seen(clients, say)
        raise
    finally:
        for one in clients:
            one.stop()
        at.stop()
        for disk in disks:
            disk.remove()
        shutil.rmtree(folder, ignore_errors=True)
    return finding.done()


def _tell_logs(at: Registry, say: Say) -> None:
    """What servers and services said last: the folder goes away."""
    logs = [one.folder / "pg.log" for one in (at.pair.primary, at.pair.standby)]
    for log in (*logs, at.writer.log, at.reader.log):
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        for line in [one for one in lines if '"event": "request"' not in one][-15:]:
            say(f"{log.parent.parent.name}/{log.name}: {line[:500]}")


def _tell_what_was_seen(clients: Iterable[ClientProcess], say: Say) -> None:
    """A run that breaks off has seen something all the same."""
    seen = history(clients)
    counts, broken = counted(seen), violations(seen)
    say(f"{counts.acknowledgements:,} acknowledgements, {counts.decisions:,} decisions until then")
    say(f"{len(broken):,} violations")
    for one in broken[:TOLD]:
        for line in around(seen, one):
            say(line)


def _clients(at: Registry, folder: Path, wanted: Wanted) -> list[ClientProcess]:
    if wanted.suite:
        return [ClientProcess(at.people, folder, 1, wanted.seed, batch=50, writers=1)]
    return [ClientProcess(at.people, folder, number, wanted.seed, batch=250) for number in (1, 2)]


async def _break(at: Registry, clients: list[ClientProcess], finding: Finding, say: Say) -> None:
    """One fault after another."""
    wanted = finding.wanted
    chance = random.Random(wanted.seed)  # noqa: S311 - to be repeated
    usual = SUITE_FAULTS if wanted.suite else SHORT_FAULTS if wanted.short else FAULTS
    able, aloud = possible(at)
    finding.notes += aloud
    kinds: dict[str, int] = {}
    begun = time.monotonic()
    for number, fault in enumerate(
        planned(wanted.faults or usual, chance, able, few=wanted.suite, only=wanted.only), 1
    ):
        name = fault.__name__
        await fault(at, chance)
        await at.heal()
        for one in clients:
            one.check()
        kinds[name] = kinds.get(name, 0) + 1
        say(f"{time.monotonic():9.1f}  fault {number} after {time.monotonic() - begun:.1f} s: {name}")
        await asyncio.sleep(chance.uniform(0.1, 0.6))
    finding.counts |= {"faults": sum(kinds.values()), "kinds": dict(sorted(kinds.items()))}
    finding.counts["restarts by hand"] = at.restarted
    finding.demand("faults", sum(kinds.values()), wanted.faults or usual)


async def _enough(clients: list[ClientProcess], finding: Finding, say: Say) -> None:
    """Go on without faults until as much was acknowledged as the form asks for, for some time at most."""
    wanted, until = finding.wanted, time.monotonic() + _LONGEST_MORE
    least, _ = _least(wanted)
    while time.monotonic() < until:
        acknowledged = await asyncio.to_thread(_acknowledged, clients)
        if acknowledged >= least:
            return
        say(f"{acknowledged:,} of {least:,} acknowledgements so far")
        await asyncio.sleep(5)


def _acknowledged(clients: Iterable[ClientProcess]) -> int:
    """How many objections. What was answered beside them is much more, and is passed over."""
    total = 0
    for one in clients:
        with one.record.open() as lines:
            told = (line for line in lines if line.startswith('["acknowledged"'))
            total += counted(read(told)).acknowledgements
    return total


def _least(wanted: Wanted) -> tuple[int, int]:
    """Acknowledgements and decisions that a form asks for; in proportion where other faults are asked for."""
    if wanted.suite or wanted.only:
        return 0, 0
    usual, most = (
        (SHORT_FAULTS, (SHORT_ACKNOWLEDGEMENTS, SHORT_DECISIONS))
        if wanted.short
        else (FAULTS, (FULL_ACKNOWLEDGEMENTS, FULL_DECISIONS))
    )
    part = min(1.0, (wanted.faults or usual) / usual)
    return int(part * most[0]), int(part * most[1])


def history(clients: Iterable[ClientProcess]) -> list[Happening]:
    """What was seen so far."""
    seen: list[Happening] = []
    for one in clients:
        with one.record.open() as lines:
            seen += read(lines)
    return seen


async def _sweep(at: Registry, clients: list[ClientProcess], finding: Finding, say: Say) -> None:
    """Ask about everybody once more, on both servers, and after the primary was destroyed; then judge."""
    seen = history(clients)
    keys = sorted({key for one in seen if isinstance(one, Acknowledged) for key in one.objections})
    last = Clients(**asdict(at.people), record=str(at.folder / "last.jsonl"), number=0, seed=0)
    last.begin()
    for where in ("writes", "reads"):
        await ask_all(last, where, keys)
    await at.promote()
    await ask_all(last, "writes", keys)
    with Path(last.record).open() as lines:
        seen += read(lines)
    judge(finding, seen)
    say(
        f"{finding.counts['acknowledgements']:,} acknowledgements, {finding.counts['decisions']:,} "
        f"decisions, {len(finding.violations)} violations"
    )


async def ask_all(clients: Clients, where: str, keys: list[int]) -> None:
    """About everybody, until all are answered."""
    for first in range(0, len(keys), _SWEPT_AT_ONCE):
        for _ in range(_TRIES):
            if await clients.ask(where, keys[first : first + _SWEPT_AT_ONCE]):
                break
        else:
            raise AssertionError("nobody answers after the last fault")


def judge(finding: Finding, seen: list[Happening]) -> None:
    """Count, and look for broken promises."""
    counts = counted(seen)
    finding.counts |= asdict(counts)
    broken = violations(seen)
    first = {one.key: one for one in reversed(broken)}
    told = sorted(first.values(), key=lambda one: one.answer.ended)[:TOLD]
    finding.violations += [around(seen, one) for one in told]
    finding.counts["violations"] = len(broken)
    if len(broken) > len(told):
        finding.notes.append(f"{len(broken):,} violations; {len(told)} people are told")
    both = {one.where for one in seen if isinstance(one, Answered) and one.clear}
    finding.demand("servers that said clear of strangers", len(both), 2)
    acknowledgements, decisions = _least(finding.wanted)
    finding.demand("acknowledgements", counts.acknowledgements, acknowledgements)
    finding.demand("decisions", counts.decisions, decisions)
