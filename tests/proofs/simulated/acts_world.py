"""Workers that write together, callers who repeat what got no answer, and sequencers that put it all in
order.

Gathering, idempotency, versions and the journal are the program's own; what an act is about is a wish here,
which names the lists that it touches. At the end what is committed is held against what the callers were
told.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Column, Integer, MetaData, Table, Text
from structlog.testing import capture_logs

from app.api.acts import Acts
from app.api.gathering import Gathering
from app.api.problems import EdgeError
from app.crypto.instruments import Instruments, instruments
from app.crypto.keys import KeyRing
from app.domain.ids import uuid7
from app.domain.parties import Caller, Role
from app.domain.refusals import UnavailableError
from app.storage.events import Event, record_events
from app.storage.units import WriteUnit
from app.storage.versions import take_versions_each
from app.usecases import record_group
from app.usecases.act import Act
from app.usecases.repeat_act import Part, StoredAnswer
from app.usecases.sequence_events import Sequencer
from app.usecases.waiting_acts import Family, Left, Prepared, Waiting
from tests.proofs.simulated.database import SimulatedDatabase
from tests.proofs.simulated.journal_checked import journal_faults
from tests.proofs.simulated.loop import BEGIN, SeededLoop

LISTS = 4
WISH = Table("wish", MetaData(), Column("version", Integer), Column("json", Text))
TRIES = 300


@lru_cache(maxsize=1)
def tools() -> tuple[KeyRing, Instruments]:
    # The fingerprint key decides where canaries lie, so it is always the same.
    ring = replace(KeyRing.generate(), fingerprint_key=bytes(range(32)))
    return ring, instruments(ring, "http://registry.test")


@dataclass(frozen=True)
class Wish:
    """What is asked for: in which lists, and where it stood in the queue of its worker."""

    lists: frozenset[int]
    worker: int
    place: int


@dataclass
class World:
    loop: SeededLoop
    database: SimulatedDatabase
    workers: list[Gathering]
    arrived: Counter[int] = field(default_factory=Counter)
    grouped: dict[UUID, Wish] = field(default_factory=dict)
    told: dict[tuple[UUID, str], set[bytes]] = field(default_factory=lambda: defaultdict(set))
    wrong: list[str] = field(default_factory=list)


async def _prepare(_unit: WriteUnit, waiting: Sequence[Waiting]) -> list[Any]:
    return [Prepared(one.act, one.command, one.command.lists, frozenset()) for one in waiting]


async def _write(unit: WriteUnit, wishes: Sequence[tuple[Act, Wish]]) -> list[str]:
    """A version in each list, an event and a row for each wish. What is told is the id of the event."""
    wanted = [(number, act.event_id, act.now) for act, wish in wishes for number in sorted(wish.lists)]
    taken = await take_versions_each(unit, wanted)
    await record_events(unit, [Event(act.event_id, act.now, "wish", act.caller) for act, _ in wishes])
    rows = [
        {"event_id": event_id, "controller_no": number, "version": version,
         "json": json.dumps({"controller_no": number, "version": version})}
        for (number, event_id), version in taken.items()
    ]  # fmt: skip
    await unit.insert(WISH, rows)
    return [str(act.event_id) for act, _ in wishes]


def _family(world: World) -> Family:
    async def record(unit: WriteUnit, prepared: Sequence[Prepared]) -> list[Any]:
        alone = {one for one in prepared if world.loop.chance.random() < 0.05}
        mine = [one for one in prepared if one not in alone]
        views = iter(await _write(unit, [(one.act, one.draft) for one in mine]) if mine else [])
        for one in mine:
            world.grouped[one.act.event_id] = one.draft
        return [Left.ALONE if one in alone else next(views) for one in prepared]

    return Family(_prepare, record)


def _spoken(view: str) -> StoredAnswer:
    return StoredAnswer(201, (Part(None, json.dumps({"id": view}).encode()),))


async def _ask(world: World, worker: int, caller: Caller, key: str, lists: frozenset[int]) -> bytes | str:
    """One try of a request: the body of the answer, or the code of a refusal."""
    body = json.dumps(sorted(lists)).encode()
    deployment = SimpleNamespace(database=world.database, gathering=world.workers[worker])
    request: Any = SimpleNamespace(
        headers={"idempotency-key": key},
        method="POST",
        url=SimpleNamespace(path="/v1/wishes", query=""),
        state=SimpleNamespace(raw_body=body, stated_purpose=None),
        app=SimpleNamespace(state=SimpleNamespace(deployment=deployment)),
    )
    world.arrived[worker] += 1
    wish = Wish(lists, worker, world.arrived[worker])

    async def by_itself(unit: WriteUnit, act: Act) -> str:
        world.grouped.pop(act.event_id, None)
        return (await _write(unit, [(act, wish)]))[0]

    try:
        answer = await Acts(request).join(caller, "wish", wish, by_itself, _spoken, key_required=True)
    except EdgeError as refused:
        return refused.code
    return bytes(answer.body)


async def _insist(world: World, caller: Caller, key: str, lists: frozenset[int]) -> None:
    """Ask until there is an answer, now and then twice at once or once too often."""
    chance, name = world.loop.chance, (caller.party_id, key)
    for _ in range(TRIES):
        await world.loop.pause(0.05)
        with suppress(UnavailableError):
            answer = await _ask(world, chance.randrange(len(world.workers)), caller, key, lists)
            if isinstance(answer, bytes):
                _hear(world, name, answer)
                if chance.random() < 0.7:
                    return
            elif answer == "IDEMPOTENCY_MISMATCH":
                world.wrong.append("a request was taken for another one under the same key")
                return
            else:
                await asyncio.sleep(1)
    world.wrong.append("a request was never answered")


def _hear(world: World, name: tuple[UUID, str], answer: bytes) -> None:
    world.told[name].add(answer)
    events = {str(row["id"]) for row in world.database.tables["event"]}
    if json.loads(answer).get("id") not in events:
        world.wrong.append("what was answered is not committed")


async def _mistake(world: World, caller: Caller, key: str, lists: frozenset[int]) -> None:
    """The same key with another body is told from the request that came first."""
    first = world.told[caller.party_id, key]
    with suppress(UnavailableError):
        answer = await _ask(world, 0, caller, key, lists ^ {LISTS})
        if isinstance(answer, bytes):
            world.wrong.append("another body got an answer under a used key" if first else "")


async def acts_world(loop: SeededLoop) -> list[str]:
    """Two workers, three parties, some forty requests, sequencers; everything gets lost once in a while."""
    ring, made = tools()
    database = SimulatedDatabase(loop, made, lost=0.05)
    database.late = 25.0 if loop.chance.random() < 0.5 else 0.0
    workers = [Gathering(database) for _ in range(2)]  # type: ignore[arg-type]  # simulated
    world = World(loop, database, workers)
    many = loop.chance.choice([1, 1, 2])
    database.put([("event", _old_event(loop, number)) for number in range(5)])
    with capture_logs(), patch.dict(record_group.FAMILIES, {Wish: _family(world)}):
        sequencing = [loop.create_task(_sequence(world, ring)) for _ in range(many)]
        await _everybody(world)
        for worker in workers:
            await worker.drain()
        database.lost = database.late = 0.0
        await asyncio.sleep(300)
        for task in sequencing:
            task.cancel()
        ended = await asyncio.gather(*sequencing, return_exceptions=True)
    world.wrong += [f"a sequencer ended: {one!r}" for one in ended if isinstance(one, Exception)]
    return [*(one for one in world.wrong if one), *_faults(world), *journal_faults(database, ring)]


async def _everybody(world: World) -> None:
    chance = world.loop.chance
    parties = [_caller(number) for number in range(3)]
    asked = []
    for number in range(14):
        for caller in parties:
            lists = frozenset(chance.sample(range(LISTS), chance.choice([1, 1, 1, 2, 3])))
            asked.append((caller, f"key-{number}", lists))
    twice = [one for one in asked if chance.random() < 0.4]
    await asyncio.gather(*(_insist(world, *one) for one in asked + twice))
    await asyncio.gather(*(_mistake(world, *one) for one in asked[:6]))


def _caller(number: int) -> Caller:
    return Caller(UUID(int=100 + number), UUID(int=200 + number), Role.AGENT, None, {})


def _old_event(loop: SeededLoop, number: int) -> dict[str, Any]:
    """Of a time when nobody put events in order."""
    at = BEGIN - timedelta(hours=2, seconds=number)
    return {"id": uuid7(at, loop.chance.randbytes(10)), "at": at, "kind": "wish"}


async def _sequence(world: World, ring: KeyRing) -> None:
    sequencer = Sequencer(world.database, ring.journal_key)  # type: ignore[arg-type]  # simulated
    while True:
        with suppress(UnavailableError):
            await sequencer.round()
        await world.loop.pause(0.3 if world.database.lost else 4.0)


def _faults(world: World) -> list[str]:
    found = []
    for (party, key), answers in world.told.items():
        if len(answers) != 1:
            found.append(f"{key} of {party} was answered in {len(answers)} ways")
    wishes = Counter(row["event_id"] for row in world.database.tables["wish"])
    if len(wishes) != len(world.told):
        found.append(f"{len(world.told)} requests made {len(wishes)} acts")
    for number in range(LISTS):
        rows = [r for r in world.database.tables["controller_version"] if r["controller_no"] == number]
        if [row["version"] for row in rows] != list(range(1, len(rows) + 1)):
            found.append(f"the versions of list {number} have a gap, or were committed in another order")
        if overtaken(world, [row["event_id"] for row in rows]):
            found.append(f"in list {number} an act overtook another that came before it")
    return found


def overtaken(world: World, events: Sequence[UUID]) -> bool:
    """Whether of the acts that a worker's groups wrote some came before others that had waited longer."""
    places: dict[int, list[int]] = defaultdict(list)
    for event in events:
        if wish := world.grouped.get(event):
            places[wish.worker].append(wish.place)
    return any(one != sorted(one) for one in places.values())
