"""P4: repeating any POST is harmless, for ever.

Every POST of the document is sent up to six times at once with the same Idempotency-Key and the same body,
while workers and the database are killed; whoever gets no answer repeats it. All answers of a key are alike,
byte for byte, and what happened of it happened once, by the events of its digest, which no other one has.
"""

import asyncio
import hashlib
import json
import random
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import httpx2

from app.cli.checking import document
from app.crypto.instruments import instruments
from app.crypto.keys import load_or_create
from app.main import open_database
from app.usecases.receive_wash import Laundry
from tests.contract.examples import operations, read
from tests.contract.world import QUERIES, World, furnish
from tests.process.running import command, environment
from tests.proofs.disks import Disk, own_mounts
from tests.proofs.findings import Finding, Wanted
from tests.proofs.pair import Server
from tests.proofs.registry import Service, driving
from tests.proofs.repeating import Repeating, Sent
from tests.registry_driver import Driver, Json

PROMISE = "Repeating any POST is harmless, for ever."
REQUESTS, SHORT_REQUESTS, SUITE_REQUESTS = 100_000, 5_000, 60
_AT_ONCE = 20
_ROUNDS = 2
"""So long a world lasts: in the first nearly everything can be done, in the second it is mostly refused."""
_ENDINGS = {
    "close_mandate",
    "contest_mandate",
    "post_objection_void",
    "revoke_credential",
    "revoke_mandate",
    "supersede_mandate",
    "suspend_agent",
}
"""They come last in a round: after them hardly anything can be done."""
_WORLDS_AT_ONCE = 4
_PER_KILL = 1_000
"""Requests, at most."""
CASCADING = {"contest_mandate", "close_mandate", "supersede_mandate", "recheck_mandate", "review_mandate"}
"""Acts at a mandate that reach its objections, with an event for each of them."""
CASCADES = {"objection.contested", "objection.cleared", "objection.voided", "objection.level_raised"}

Say = Callable[[str], None]


async def prove(wanted: Wanted, say: Say) -> Finding:
    """One run."""
    finding = Finding("p4", PROMISE, wanted)
    usual = SUITE_REQUESTS if wanted.suite else SHORT_REQUESTS if wanted.short else REQUESTS
    async with _registry(wanted) as at:
        chosen = list(enumerate(islice(_in_turns(at.chance), wanted.faults or usual)))
        async with asyncio.TaskGroup() as group:
            meanwhile = at.kill_now_and_then(), at.furnish_on(1 if wanted.suite else _WORLDS_AT_ONCE)
            tasks = [group.create_task(one) for one in meanwhile]
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{at.service.port}") as client:
                await _send_all(at, client, chosen, say)
            for one in tasks:
                one.cancel()
        await _judge(at, finding)
        finding.demand("requests", len(at.answers), len(chosen))
        finding.demand("kills", at.kills, max(1, len(chosen) // _PER_KILL))
        finding.demand("attempts without an answer", at.unanswered, 0 if wanted.suite else at.kills)
        posts = len(list(_posts()))
        finding.demand("POST operations", len(at.operations), posts)
        finding.demand("POST operations that were done", len(+at.done), posts // 2 if wanted.suite else posts)
    return finding.done()


@asynccontextmanager
async def _registry(wanted: Wanted) -> AsyncIterator[Repeating]:
    folder = Path(tempfile.mkdtemp(prefix="sparr-prove-"))
    folder.chmod(0o711)
    disk = Disk.make(folder / "a", mounting=own_mounts())
    server = Server("only", disk)
    service = Service(folder, "one", "http://127.0.0.1:1")
    try:
        await asyncio.to_thread(server.start)
        settings = {**service.settings, "SPARR_DATABASE_URL": server.url}
        subprocess.run(command("migrate"), env=environment(**settings), check=True, capture_output=True)
        await asyncio.to_thread(service.start, server.url)
        chance = random.Random(wanted.seed)  # noqa: S311 - to be repeated
        async with driving(service.port, folder / "one" / "admin.json") as driver:
            furnished = partial(_furnished, server.url, folder, driver)
            yield Repeating(folder, server, service, chance, 1.0 if wanted.suite else 8.0, furnished)
    finally:
        service.kill()
        server.stop()
        disk.remove()
        shutil.rmtree(folder, ignore_errors=True)


async def _furnished(url: str, folder: Path, driver: Driver) -> World:
    database = open_database(url, load_or_create(folder / "keys.json"), "http://127.0.0.1:1")
    try:
        return await furnish(driver, (database, Laundry(folder / "washes", timedelta(hours=24))))
    finally:
        await database.dispose()


def _posts() -> Iterator[tuple[str, Json]]:
    """Path and operation of every POST of the document."""
    for method, path, operation in operations(json.loads(document())):
        if method == "POST":
            yield path, operation


def _in_turns(chance: random.Random) -> Iterator[tuple[str, Json]]:
    """All of them, again and again, each time in another order."""
    posts = list(_posts())
    while True:
        chance.shuffle(posts)
        yield from sorted(posts, key=lambda one: one[1]["operationId"] in _ENDINGS)


async def _send_all(
    at: Repeating, client: httpx2.AsyncClient, chosen: list[tuple[int, tuple[str, Json]]], say: Say
) -> None:
    waiting = iter(chosen)
    await at.move_on()
    lasts = _ROUNDS * len(list(_posts()))

    async def send_on() -> None:
        for number, one in waiting:
            if number and number % lasts == 0:
                await at.move_on()
            await at.renew()
            await at.several(client, _made(at, number, *one), str(number))
            if len(at.answers) % 100 == 0:
                say(f"{len(at.answers):,} requests, {at.attempts:,} attempts, {at.kills} kills")

    await asyncio.gather(*(send_on() for _ in range(_AT_ONCE)))


def _made(at: Repeating, number: int, path: str, operation: Json) -> Sent:
    """The example of an operation, made real and unlike any other: by spaces where it is JSON."""
    assert at.world is not None
    name = operation["operationId"]
    headers, body = at.world.prepared(operation, at.world.real(read(operation).get("request")))
    request = httpx2.Request("POST", "http://any", **body)
    content = request.content
    if "json" in body:
        content += "".join(" \t"[int(bit)] for bit in f"{number:020b}").encode()
    media = request.headers.get("content-type")
    if media:
        headers = {"Content-Type": media, **headers}
    keyed = "Idempotency-Key" in headers
    query = at.world.real(QUERIES.get(name))
    return Sent(name, keyed, at.world.path_of(path), query, headers, content)


async def _judge(at: Repeating, finding: Finding) -> None:
    """One answer for each key, and no act done twice."""
    finding.counts |= {
        "requests": len(at.answers),
        "attempts": at.attempts,
        "replayed": at.replayed,
        "kills": at.kills,
        "unanswered": at.unanswered,
        "operations": dict(sorted(at.operations.items())),
        "done": dict(sorted(at.done.items())),
    }
    for key, found in at.answers.items():
        sent, statuses = at.sent[key], sorted(status for status, _ in found)
        # Without a key it is the thing that is known again: the list of a register under its date, and so on.
        same = len(found) == 1 if sent.keyed else len(_kinds_of(statuses)) <= 1
        if not same or statuses[-1] >= 500:
            finding.violations.append([f"{sent.operation}: answered {statuses}"])
    finding.violations += [[f"done twice: {row}"] for row in [*await _doubled(at), *await _known_again(at)]]
    finding.counts["statuses"] = dict(
        Counter(str(status) for found in at.answers.values() for status, _ in found)
    )


async def _doubled(at: Repeating) -> list[str]:
    """Requests that left no event, or more of a kind than they have items."""
    told = instruments(load_or_create(at.folder / "keys.json"), "http://127.0.0.1:1")
    connection = await at.server.superuser()
    rows = await connection.fetch(
        "SELECT request_digest, kind, outcome, count(*) AS events FROM registry.event "
        "WHERE request_digest IS NOT NULL GROUP BY request_digest, kind, outcome"
    )
    connection.terminate()
    events: dict[bytes, dict[tuple[str, str], int]] = {}
    for row in rows:
        events.setdefault(row["request_digest"], {})[row["kind"], row["outcome"]] = row["events"]
    found: list[str] = []
    for sent in at.sent.values():
        if not (sent.keyed and sent.headers.get("Content-Type") == "application/json"):
            continue
        digest = hashlib.sha256(sent.content).hexdigest()
        of_key = events.get(told.fingerprints.text("subject", f"digest {digest}").bytes, {})
        items = len(json.loads(sent.content).get("items", [1])) if sent.content.strip() else 1
        beside = CASCADES if sent.operation in CASCADING else set()
        most = max((count for (kind, _), count in of_key.items() if kind not in beside), default=0)
        if not 1 <= most <= items:
            found.append(f"{sent.operation}: {of_key} for {items}")
    return found


async def _known_again(at: Repeating) -> list[str]:
    """Lists of registers that were taken in twice: they are known by their date, and not by a key."""
    connection = await at.server.superuser()
    rows = await connection.fetch(
        "SELECT s.register_code, s.version_date, count(*) FROM registry.register_snapshot s "
        "JOIN registry.register_snapshot_ready r USING (snapshot_no) GROUP BY 1, 2 HAVING count(*) > 1"
    )
    connection.terminate()
    return [f"{row['count']} lists of {row['register_code']} of {row['version_date']}" for row in rows]


def _kinds_of(statuses: Iterable[int]) -> set[str]:
    """Whether it was done; what was there already (200), or goes one at a time (429), is no other outcome.
    Who was suspended or revoked by another act meanwhile (401, 403) is not heard any more."""
    done = {200, 201, 202, 429}
    return {"done" if one in done else str(one) for one in statuses if one not in {401, 403}}
