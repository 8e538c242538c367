"""P5: anything wrong → 503 or block, never "clear".

Everybody who is asked about has objected. One thing after another is made wrong, and all doors are asked
while it is: nobody is answered "allow", and every answer is there within two seconds, beyond what an answer
that needs no database takes at that moment.
"""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

import httpx2

from tests.process.running import command, environment, free_port
from tests.proofs.disks import Disk, own_mounts
from tests.proofs.findings import Finding, Wanted
from tests.proofs.p5_doors import DOORS, PEOPLE, Asking, Told
from tests.proofs.p5_faults import Place, faults, make_broken
from tests.proofs.pair import Server
from tests.proofs.proxy import Proxy
from tests.proofs.registry import Service, driving
from tests.registry_driver import Driver, Party

PROMISE = 'Anything wrong: 503 or block, never "clear".'
LIMIT = 2.0
LEAST_FAULTS = 25
ROUNDS, SHORT_ROUNDS, SUITE_ROUNDS = 5, 2, 1
ACTS = {"wash"}
"""Doors that write, and may take as long as an act does."""
LEFT_OUT = {"way slow", "way trickling", "connections stand still", "key ring missing", "clock off"}
"""What a suite has no time for."""
REFUSED_STARTS = {"key ring missing", "another key", "clock off"}
"""Faults in which nobody answers: the program ends, and says why."""
STARTS = {"worker killed", "worker starting", *REFUSED_STARTS}
"""Faults in which there may be nobody who answers for some time."""
_PATIENCE = 60.0

Say = Callable[[str], None]


async def prove(wanted: Wanted, say: Say) -> Finding:
    """One run."""
    finding = Finding("p5", PROMISE, wanted)
    mounting = own_mounts()
    folder = Path(tempfile.mkdtemp(prefix="sparr-prove-"))
    folder.chmod(0o711)
    disk = Disk.make(folder / "a", mounting=mounting)
    way = await Proxy(0).start()
    port = free_port()
    place = Place(folder, Server("only", disk, port), way, Service(folder, "one", "http://127.0.0.1:1"))
    way.target = port
    try:
        await _ask_through_all(place, finding, say)
    finally:
        place.service.kill()
        way.stop()
        place.server.stop()
        disk.remove()
        shutil.rmtree(folder, ignore_errors=True)
    return finding.done()


async def _ask_through_all(place: Place, finding: Finding, say: Say) -> None:
    await asyncio.to_thread(place.server.start)
    migrated = {**place.service.settings, "SPARR_DATABASE_URL": place.server.url}
    subprocess.run(command("migrate"), env=environment(**migrated), check=True, capture_output=True)
    url = place.server.url
    # The same server, by the way that can be broken.
    place.service.url = f"{url.split('@')[0]}@127.0.0.1:{place.way.port}/sparr"
    await asyncio.to_thread(place.service.start)
    base = f"http://127.0.0.1:{place.service.port}"
    async with (
        driving(place.service.port, place.folder / "one" / "admin.json") as driver,
        httpx2.AsyncClient(base_url=base, timeout=30) as client,
    ):
        sender, people = await _furnish(driver)
        await _copies(place)
        asking = Asking(client, sender, people)
        await _healthy(asking)
        codes: Counter[str] = Counter()
        wrong = faults(place)
        if finding.wanted.suite:
            wrong = {name: fault for name, fault in wrong.items() if name not in LEFT_OUT}
        for name, fault in wrong.items():
            if finding.wanted.only in {"", name}:
                for told in await _asked_while(place, asking, (name, fault), finding):
                    codes[f"{told.status} {told.code}".strip()] += 1
                say(f"{name}: {_summed(finding, name)}")
        for name, rows in (await asking.washed()).items():
            if rows:
                finding.violations.append([f"{name or 'well again'}: {rows} rows of a wash are allowed"])
        finding.counts |= {"washes": len(asking.washes)}
        finding.demand("washes that ended", asking.ended, len(asking.washes))
        finding.counts |= {"faults": len(wrong), "doors": len(DOORS), "answers": dict(codes)}
        finding.notes += place.notes
        if not finding.wanted.only:
            finding.demand("faults", len(wrong), LEAST_FAULTS)


async def _furnish(driver: Driver) -> tuple[Party, list[str]]:
    sender, agent = await driver.controller(), await driver.agent()
    mandate = await driver.mandate(agent)
    people = [f"{token_hex(8)}@example.com" for _ in range(PEOPLE)]
    items = [
        {
            "mandate_id": mandate["id"],
            "kinds": ["art21_2"],
            "controllers": [sender.id],
            "identifiers": [{"type": "email", "value": one}],
        }
        for one in people
    ]
    body = {"items": items, "on_error": "abort"}
    answer = await driver.post("/v1/objections/batch", body, agent, Idempotency_Key=token_hex(8))
    assert answer.status_code == 200, answer.text
    return sender, people


async def _copies(place: Place) -> None:
    """Copies need a database that nobody is connected to."""
    place.service.kill()
    await place.drop_connections()
    await make_broken(place)
    await asyncio.to_thread(place.service.start)


async def _healthy(asking: Asking) -> None:
    """All doors answer, everybody is blocked, and a stranger is not: otherwise nothing would be shown."""
    until = time.monotonic() + _PATIENCE
    while True:
        told = await asking.all_doors()
        if all(one.status in {200, 202} for one in told):
            break
        assert time.monotonic() < until, told
        await asyncio.sleep(0.1)
    body = asking.body([f"{token_hex(8)}@example.com"])
    answer = await asking.client.post("/v1/lookups", json=body, headers=asking.sender.headers)
    assert answer.json()["counts"]["allow"] == 1


async def _asked_while(
    place: Place, asking: Asking, named: tuple[str, object], finding: Finding
) -> list[Told]:
    name, fault = named
    wanted = finding.wanted
    rounds = SUITE_ROUNDS if wanted.suite else SHORT_ROUNDS if wanted.short else ROUNDS
    seen: list[Told] = []
    asking.sender.token = await _renewed(asking)
    asking.wrong = name
    async with fault(place):  # type: ignore[operator]  # a Fault
        until = time.monotonic() + _PATIENCE
        while rounds > 0 or not (name in REFUSED_STARTS or any(one.status for one in seen)):
            assert time.monotonic() < until, f"{name}: nobody answers"
            rounds -= 1
            await asyncio.sleep(0.05)
            told, idle = await asyncio.gather(asking.all_doors(), _idle(asking.client))
            seen += told
            _judge(finding, name, told, idle)
    asking.wrong = ""
    await _healthy(asking)
    return seen


async def _renewed(asking: Asking) -> str:
    """For the next fault. Who comes first after the last one may get a connection that ended with it."""
    form = {"grant_type": "client_credentials", **asking.sender.credential}
    until = time.monotonic() + _PATIENCE
    while (answer := await asking.client.post("/oauth/token", data=form)).status_code != 200:
        assert time.monotonic() < until, answer.text
        await asyncio.sleep(0.1)
    return str(answer.json()["access_token"])


async def _idle(client: httpx2.AsyncClient) -> float:
    """How long an answer takes now that needs no database: this machine may be busy."""
    begun = time.monotonic()
    try:
        await client.get("/livez")
    except httpx2.HTTPError:
        return 0.0
    return time.monotonic() - begun


def _judge(finding: Finding, name: str, told: list[Told], idle: float) -> None:
    for one in told:
        finding.counts["asked"] = finding.counts.get("asked", 0) + 1
        if one.clear:
            finding.violations.append([f"{name}: {one.door} answered allow for {one.clear} who objected"])
        if one.status not in {200, 202, 503} and not (one.status == 0 and name in STARTS):
            finding.violations.append([f"{name}: {one.door} answered {one.status} {one.code}"])
        if one.door not in ACTS and one.seconds > LIMIT + min(idle, LIMIT):
            finding.violations.append([f"{name}: {one.door} answered after {one.seconds:.2f} s"])
        slowest = finding.counts.setdefault("slowest", {})
        slowest[name] = max(slowest.get(name, 0.0), round(one.seconds, 2) if one.door not in ACTS else 0.0)


def _summed(finding: Finding, name: str) -> str:
    broken = sum(one[0].startswith(f"{name}:") for one in finding.violations)
    return f"{finding.counts['slowest'][name]:.2f} s at most" + (f", {broken} VIOLATIONS" if broken else "")
