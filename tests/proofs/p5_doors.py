"""Every way to be asked before a dispatch, and what came of asking: about people who have all objected."""

import asyncio
import csv
import io
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from tests.registry_driver import Json, Party, question

PEOPLE: Final = 1200
_WASHED: Final = 40
_STREAMED: Final = 300
_PATIENCE: Final = 60.0
"""Seconds. An act is given up after 35, its commit after 20 more, and told so."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one door said: its status (0: the connection ended, or nothing was answered for long), how many
    were answered "allow", and after how many seconds."""

    door: str
    status: int
    clear: int
    seconds: float
    code: str = ""


@dataclass(slots=True)
class Asking:
    """Asks at all doors. `people` have objected; `demanded` is a position that an answer must reach."""

    client: httpx2.AsyncClient
    sender: Party
    people: Sequence[str]
    demanded: str | None = None
    wrong: str = ""
    """What is wrong now."""
    washes: list[tuple[str, str]] = field(default_factory=list)
    """Those that were taken in, and what was wrong then."""
    ended: int = 0
    """How many of them came to an end, or went with the database that took them in."""

    async def all_doors(self) -> list[Told]:
        """Once at each, at the same time."""
        return list(await asyncio.gather(*(self._timed(name, door) for name, door in DOORS.items())))

    async def _timed(self, name: str, door: "Door") -> Told:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(_PATIENCE):
                status, clear, code = await door(self)
        except (httpx2.HTTPError, OSError, TimeoutError):
            status, clear, code = 0, 0, "no answer"
        return Told(name, status, clear, time.monotonic() - begun, code)

    def body(self, people: Sequence[str], **fields: Any) -> Json:
        """A question about these."""
        demanded = {"min_as_of": self.demanded} if self.demanded else {}
        return question(self.sender.id, *people, channel="email", **demanded, **fields)

    @property
    def query(self) -> dict[str, str]:
        """The question of a list."""
        asked = {"channel": "email", "purpose": "marketing", "controller_id": self.sender.id}
        return {**asked, "min_as_of": self.demanded} if self.demanded else asked

    async def washed(self) -> dict[str, int]:
        """By what was wrong, how many rows are allowed of the washes taken in then, once all have ended."""
        allowed: dict[str, int] = {}
        until = time.monotonic() + 60
        for wrong, wash in self.washes:
            while time.monotonic() < until:
                answer = await self.client.get(f"/v1/washes/{wash}", headers=self.sender.headers)
                if answer.status_code == 404:
                    self.ended += 1
                    break
                if answer.status_code == 200 and answer.json()["state"] in {"done", "failed", "erased"}:
                    rows = (answer.json().get("counts") or {}).get("allow", 0)
                    allowed[wrong] = allowed.get(wrong, 0) + rows
                    self.ended += 1
                    break
                await asyncio.sleep(0.2)
        return allowed


Door = Callable[[Asking], Awaitable[tuple[int, int, str]]]


def _code(answer: httpx2.Response) -> str:
    return str(answer.json().get("code", ""))


async def _single(asking: Asking) -> tuple[int, int, str]:
    return await _lookup(asking, asking.body(asking.people[:1]))


async def _few(asking: Asking) -> tuple[int, int, str]:
    return await _lookup(asking, asking.body(asking.people[:5], receipt="none"))


async def _batch(asking: Asking) -> tuple[int, int, str]:
    return await _lookup(asking, asking.body(asking.people, view="compact"))


async def _query(asking: Asking) -> tuple[int, int, str]:
    return await _lookup(asking, asking.body(asking.people[:20]), "QUERY")


async def _lookup(asking: Asking, body: Json, method: str = "POST") -> tuple[int, int, str]:
    headers = asking.sender.headers
    answer = await asking.client.request(method, "/v1/lookups", json=body, headers=headers)
    if answer.status_code != 200:
        return answer.status_code, 0, _code(answer)
    return 200, answer.json()["counts"]["allow"], ""


async def _stream(asking: Asking) -> tuple[int, int, str]:
    headers = {**asking.sender.headers, "Content-Type": "application/x-ndjson"}
    rows = "".join(json.dumps(one) + "\n" for one in asking.people[:_STREAMED])
    answer = await asking.client.post(
        "/v1/lookups/stream", content=rows.encode(), headers=headers, params=asking.query
    )
    if answer.status_code != 200:
        return answer.status_code, 0, _code(answer)
    told = [json.loads(line) for line in answer.text.splitlines()]
    clear = sum(one.get("decision") == "allow" for one in told)
    return (200, clear, "") if "summary" in told[-1] else (503, clear, told[-1]["error"]["code"])


async def _wash(asking: Asking) -> tuple[int, int, str]:
    """Handed in. What comes of it is counted when it has ended."""
    rows = io.StringIO()
    csv.writer(rows).writerows([["email"], *([one] for one in asking.people[:_WASHED])])
    headers = {**asking.sender.headers, "Content-Type": "text/csv"}
    answer = await asking.client.post(
        "/v1/washes", content=rows.getvalue().encode(), headers=headers, params=asking.query
    )
    if answer.status_code == 202:
        asking.washes.append((asking.wrong, answer.json()["id"]))
        return 202, 0, ""
    return answer.status_code, 0, _code(answer)


DOORS: Final[dict[str, Door]] = {
    "single": _single,
    "few": _few,
    "batch": _batch,
    "QUERY": _query,
    "stream": _stream,
    "wash": _wash,
}
