"""With the index and without it every question gets the same answer: whatever is known of a person, whatever
the policy of the controller, whatever is asked, and while more comes in."""

import hashlib
import os
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from tests.conftest import Clone
from tests.registry_driver import Driver, Json, Party, email
from tests.storage.presence.indexed import Indexed, indexed

QUESTIONS = int(os.environ.get("PRESENCE_QUESTIONS", "20000"))
SEED = int(os.environ.get("PRESENCE_SEED", "4"))
CHANNELS = ("sms", "email", "voice_live", "post_addressed", "profiling", "audience_upload")
PURPOSES = ("marketing", "fundraising", "political", "research", "societal_public", "service", "emergency")
POLICIES: list[Json] = [
    {},
    {"basis": "recorded"},
    {"political": "legacy_2022", "consent_lifts_objection": False},
    {"registers": ["nix_phone"], "minimum_level": "L2"},
    {"basis": "recorded", "registers": ["nix_phone", "nix_post"]},
]
LANDLINES = [f"+4684650{n:04}" for n in range(400, 500)]
KINDS = (
    "dnc",
    "channel_optout",
    "service_unsub",
    "objection",
    "everybody",
    "consent",
    "relationship",
    "block",
)


class Town:
    """A registry with people in it, some of whom it knows."""

    def __init__(self, own: Indexed, draw: random.Random) -> None:
        self.own, self.draw = own, draw
        self.write: Driver = own.plain
        self.people: list[Json] = [email() for _ in range(60)]
        self.people += [{"type": "phone", "value": number} for number in LANDLINES[:60]]
        self.desks: list[Party] = []
        self.released = 0

    async def found(self) -> None:
        self.desks = [await self.write.controller("customer_service", policy=one) for one in POLICIES]
        self.source, self.agent = await self.write.source(), await self.write.agent()
        self.mandate = await self.write.mandate(self.agent)
        listed = "\n".join(LANDLINES[20:50]).encode()
        day = (datetime.now(UTC) - timedelta(days=5)).date()
        headers = {**(await self.write.admin()).headers, "Content-Type": "text/plain"}
        path = f"/v1/registers/nix_phone/imports?version_date={day}"
        assert (await self.write.client.post(path, content=listed, headers=headers)).status_code == 201

    async def happen(self) -> None:
        """Something becomes known of somebody."""
        draw, person, desk = self.draw, self.draw.choice(self.people), self.draw.choice(self.desks)
        # The first list never gets a consent or a relationship: such a list is read in another way.
        kind = draw.choice(KINDS[:5] if desk is self.desks[0] else KINDS)
        channels = draw.sample(CHANNELS, 2)
        if kind == "objection":
            made = await self.write.objection(self.agent, self.mandate, [desk.id], identifiers=[person])
            if draw.random() < 0.3:
                evidence = {"evidence": {"method": "agent", "reference": "x"}}
                await self.write.post(f"/v1/objections/{made['id']}/withdraw", evidence, self.agent)
        elif kind == "everybody" and draw.random() < 0.2:
            await self.write.objection(self.agent, self.mandate, "all", identifiers=[person])
        elif kind == "consent":
            await self.write.consent(desk, person, channels=channels)
        elif kind == "relationship":
            await self.write.relationship(desk, person, draw.choice(["customer", "member"]))
        elif kind == "block":
            assert (await self.write.block_at(self.source, person)).status_code in {200, 201}
        elif kind != "everybody":
            await self.enter(desk, person, kind, channels)

    async def enter(self, desk: Party, person: Json, kind: str, channels: list[str]) -> None:
        extra: Json = {"channels": channels} if kind == "channel_optout" else {}
        extra |= {"service_id": "news"} if kind == "service_unsub" else {}
        if person["type"] == "email" and self.draw.random() < 0.3:
            person = {"type": "email", "sha256": hashlib.sha256(person["value"].encode()).hexdigest()}
        entry = (await self.write.enter(desk, person, kind, **extra)).json()
        if self.draw.random() < 0.3:
            reason = {"reason": "x", "evidence": {"method": "call", "reference": "x"}}
            await self.write.post(f"/v1/entries/{entry['id']}/release", reason, desk)
            self.released += 1

    def recipients(self, count: int) -> list[Any]:
        """Known and unknown people, some twice, some with two identifiers, some unreadable."""
        draw, asked = self.draw, []
        for _ in range(count):
            chance = draw.random()
            one: Any = draw.choice(self.people)
            if chance < 0.4:
                one = {"type": "email", "value": f"nobody.{draw.getrandbits(60):x}@example.com"}
            elif chance < 0.5:
                one = {"all": [one, draw.choice(self.people)]}
            elif chance < 0.55:
                one = "see notes"
            elif chance < 0.6:
                one = {"type": "phone", "value": draw.choice(LANDLINES)}
            asked.append(one)
        return asked

    async def ask(self, count: int) -> None:
        """The same question of both services."""
        draw = self.draw
        fields: Json = {"channel": draw.choice(CHANNELS), "purpose": draw.choice(PURPOSES)}
        fields["promo"] = draw.random() < 0.2
        if draw.random() < 0.3:
            fields["source"] = {"id": self.source.id}
        if draw.random() < 0.3:
            fields["service_id"] = "news"
        desk, asked = draw.choice(self.desks), self.recipients(count)
        with_index = await self.own.registry.look_up(desk, *asked, **fields)
        without = await self.write.look_up(desk, *asked, **fields)
        for member in ("results", "counts", "as_of"):
            assert with_index[member] == without[member], (fields, member)


@pytest.fixture
async def town(clone: Clone, ring: KeyRing) -> AsyncIterator[Town]:
    async with indexed(await clone(), ring) as own:
        made = Town(own, random.Random(SEED))  # noqa: S311 -- the same questions each time
        await made.found()
        yield made


async def test_with_the_index_and_without_it_the_answers_are_the_same(town: Town) -> None:
    for _ in range(60):
        await town.happen()
    for desk in town.desks:
        await town.own.registry.look_up(desk, email(), source={"id": town.source.id})
    await town.own.registry.look_up(town.desks[3], LANDLINES[0], channel="voice_live")
    await town.own.registry.look_up(town.desks[4], LANDLINES[0], channel="voice_live")
    await town.own.index.settle()
    assert town.own.index.lists >= len(town.desks) + 3, "the lists, all controllers, the source, the register"
    before, asked = await town.own.counts(), 0
    while asked < QUESTIONS:
        for count in (1, 2, 7, 60, 400, 1_000):
            await town.ask(count)
            asked += count
        await town.happen()
    after = await town.own.counts()
    assert after["memory"] - before.get("memory", 0) > 60
    assert town.released > 0
