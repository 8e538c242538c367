"""Objections as an agent posts them: each of somebody else, who has never objected before."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from secrets import token_hex
from typing import Any

import numpy as np

from app.cli.mandates import with_evidence
from app.crypto.keys import SigningKey
from bench import people
from bench.client import Connection, post
from bench.world import World, exchanged

_POOL = 50_000
_TEST_PERSON = "199001012385"


@dataclass(slots=True)
class Agent:
    """An agent with a mandate against everybody, and an endless row of numbers that nobody has listed."""

    world: World
    token: str
    mandate: str
    _next: Any = field(default_factory=lambda: count(people.NEWCOMERS))
    _ready: list[str] = field(default_factory=list)

    @staticmethod
    async def register(world: World) -> "Agent":
        """A new agent at a registry, and its mandate: signed with its own key, level L1."""
        admin = json.loads((world.folder / "data" / "admin.json").read_text())
        connection = await Connection.open(world.port)
        token = await exchanged(world.port, admin["client_id"], admin["client_secret"])
        key = SigningKey.generate()
        new = {"name": "Agent", "org_no": "5560000009", "country": "SE", "keys": [key.public_jwk()]}
        agent = await connection.told(_sent("/v1/agents", new, token))
        issued = await connection.told(
            _sent("/v1/credentials", {"party_id": agent["id"], "role": "agent"}, token)
        )
        own = await exchanged(world.port, issued["client_id"], issued["client_secret"])
        mandate = await connection.told(_sent("/v1/mandates", _mandate(key), own))
        connection.close()
        return Agent(world, own, mandate["id"])

    def number(self) -> str:
        """A number that comes once."""
        if not self._ready:
            first = next(self._next) - people.NEWCOMERS
            chunk = people.NEWCOMERS + first * _POOL + np.arange(_POOL, dtype=np.int64)
            self._ready = people.phone_numbers(chunk)
        return self._ready.pop()

    def objection(self, rank: int, number: str) -> dict[str, Any]:
        """One objection at one controller."""
        return {
            "mandate_id": self.mandate,
            "kinds": ["art21_2"],
            "controllers": [str(self.world.ids[rank])],
            "identifiers": [{"type": "phone", "value": number}],
        }

    def single(self, rank: int) -> bytes:
        """As a request."""
        body = json.dumps(self.objection(rank, self.number())).encode()
        return post("/v1/objections", body, self.token, key=token_hex(12))

    def batch(self, rank: int, size: int) -> tuple[bytes, list[str]]:
        """Many in one request, and their numbers."""
        numbers = [self.number() for _ in range(size)]
        items = [self.objection(rank, number) for number in numbers]
        body = json.dumps({"items": items, "on_error": "abort"}).encode()
        return post("/v1/objections/batch", body, self.token, key=token_hex(12)), numbers


def _sent(path: str, body: dict[str, Any], token: str) -> bytes:
    return post(path, json.dumps(body).encode(), token)


def _mandate(key: SigningKey) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    claims = {
        "grantor": {"type": "personal_number", "value": _TEST_PERSON, "country": "SE"},
        "rights": ["object_dm"],
        "controllers": "all",
        "channels": "all",
        "identifiers": [{"type": "email", "value": "anna.test@example.com"}],
        "valid_from": now.isoformat(),
        "valid_to": (now + timedelta(days=365)).isoformat(),
        "signed_at": now.isoformat(),
    }
    return dict(with_evidence(claims, key))
