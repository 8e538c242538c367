"""The clients of a proof, in a process of their own: `python -m tests.proofs.clients CONFIG`.

They object one by one and in batches, take back, and ask as soon as something was acknowledged, on the server
that writes and on the one that reads. Whatever has no answer is repeated with the same Idempotency-Key. What
they saw goes to a file, line by line, with times of the monotonic clock.
"""

import asyncio
import json
import random
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlencode

from tests.proofs.histories import Acknowledged, Answered, Happening, Withdrawing, written

SECONDS = 6.0
PAUSE = 0.05
RENEWED = 240.0
PEOPLE_EACH = 100_000_000
STRANGERS = 90_000_000

Json = dict[str, Any]


@dataclass(slots=True)
class Clients:
    """All clients of one process. Its people have keys of their own, from `number` times PEOPLE_EACH on."""

    writes: int
    reads: int
    controller: str
    mandate: str
    agent: Json
    sender: Json
    record: str
    number: int
    seed: int
    batch: int = 200
    writers: int = 2
    pause: float = 0.0
    chance: random.Random = field(init=False)
    file: TextIO = field(init=False)
    known: list[int] = field(default_factory=list)
    ended: bool = False
    next_key: int = 0
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    def begin(self) -> None:
        """Open the record."""
        self.chance = random.Random(self.seed * 1000 + self.number)  # noqa: S311 - to be repeated
        self.file = Path(self.record).open("a", buffering=1)  # noqa: SIM115 - for as long as the process lives

    async def run(self) -> None:
        """Until told to stop."""
        loops = [self._batches() for _ in range(self.writers)] + [
            self._singles(),
            self._singles(),
            self._ask_on(),
        ]
        await asyncio.gather(*loops)

    def note(self, seen: Happening) -> None:
        """Into the record."""
        self.file.write(written(seen) + "\n")

    # --- what they do ---

    async def _batches(self) -> None:
        while not self.ended:
            keys = self._new_keys(self.batch)
            await self.object_to(keys)
            older = self.chance.sample(self.known, min(len(self.known), self.batch))
            asked = [*keys, *older, *self._strangers(self.batch // 4)]
            self.chance.shuffle(asked)
            await asyncio.gather(*(self.ask(where, asked) for where in ("writes", "reads")))
            await asyncio.sleep(self.pause)

    async def _singles(self) -> None:
        """One person: objects, is asked about, sometimes takes it back, and may object once more."""
        while not self.ended:
            key = self._new_keys(1)[0]
            made = await self.object_to([key], single=True)
            await self._ask_both([key])
            if made and self.chance.random() < 0.3:
                withdrawing = asyncio.create_task(self.withdraw(made[key]))
                await self._ask_both([key])
                await withdrawing
                if self.chance.random() < 0.5:
                    await self.object_to([key], single=True)
                    await self._ask_both([key])
            await asyncio.sleep(self.pause)

    async def _ask_on(self) -> None:
        while not self.ended:
            some = self.chance.sample(self.known, min(len(self.known), self.chance.choice((1, 3, 30, 1000))))
            await self._ask_both([*some, *self._strangers(3)])
            await asyncio.sleep(max(self.pause, 0.02))

    async def _ask_both(self, keys: Sequence[int]) -> None:
        await asyncio.gather(*(self.ask(where, keys) for where in ("writes", "reads")))

    # --- single acts ---

    async def object_to(self, keys: Sequence[int], *, single: bool = False) -> dict[int, str]:
        """Object for these people, until it is acknowledged; the id of each objection."""
        items = [self._objection(key) for key in keys]
        body = items[0] if single else {"items": items, "on_error": "abort"}
        path = "/v1/objections" if single else "/v1/objections/batch"
        begun = time.monotonic()
        told = await self._insist(path, body)
        if told is None:
            return {}
        made = (
            {keys[0]: told}
            if single
            else {keys[one["index"]]: one.get("objection") for one in told["results"]}
        )
        taken = {key: one["id"] for key, one in made.items() if one}
        self.note(Acknowledged(begun, time.monotonic(), taken))
        self.known += taken
        return taken

    async def withdraw(self, objection: str) -> None:
        """Take it back, until that is acknowledged."""
        self.note(Withdrawing(time.monotonic(), objection))
        body = {"evidence": {"method": "agent", "reference": "proof"}}
        await self._insist(f"/v1/objections/{objection}/withdraw", body)

    async def ask(self, where: str, keys: Sequence[int]) -> bool:
        """One lookup; False when it was not answered."""
        body = {
            "controller_id": self.controller,
            "channel": "email",
            "purpose": "marketing",
            "view": "compact",
            "receipt": "none",
            "identifiers": [_address(key) for key in keys],
        }
        begun = time.monotonic()
        status, told = await self.send(where, "/v1/lookups", body, self.sender)
        if status != 200:
            await asyncio.sleep(PAUSE)
            return False
        blocked = {one["index"] for one in told["blocked"]}
        clear = [key for place, key in enumerate(keys) if place not in blocked]
        self.note(Answered(begun, time.monotonic(), where, keys, clear))
        return True

    async def _insist(self, path: str, body: Json) -> Json | None:
        """The same request with the same key until it is answered; None when the run ends before."""
        key = f"proof-{self.number}-{self.chance.getrandbits(80):020x}"
        while not self.ended:
            status, told = await self.send("writes", path, body, self.agent, key)
            if status in {200, 201}:
                done: Json = told
                return done
            assert status in {0, 409, 500, 503}, (status, told)
            await asyncio.sleep(PAUSE)
        return None

    # --- how it is sent ---

    async def send(self, where: str, path: str, body: Json, who: Json, key: str = "") -> tuple[int, Any]:
        """Status and answer; 0 when there was none, or not all of it."""
        try:
            async with asyncio.timeout(SECONDS):
                token = await self._token(who)
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                if key:
                    headers["Idempotency-Key"] = key
                return await post(getattr(self, where), path, json.dumps(body).encode(), headers)
        except (OSError, TimeoutError, EOFError, ValueError):
            return 0, None

    async def _token(self, who: Json) -> str:
        known = self._tokens.get(who["client_id"])
        if known is None or time.monotonic() - known[1] > RENEWED:
            form = urlencode({"grant_type": "client_credentials", **who}).encode()
            media = {"Content-Type": "application/x-www-form-urlencoded"}
            status, told = await post(self.writes, "/oauth/token", form, media)
            if status != 200:
                raise OSError
            known = self._tokens[who["client_id"]] = (told["access_token"], time.monotonic())
        return known[0]

    def _objection(self, key: int) -> Json:
        identifiers = [{"type": "email", "value": _address(key)}]
        return {
            "mandate_id": self.mandate,
            "kinds": ["art21_2"],
            "controllers": [self.controller],
            "identifiers": identifiers,
        }

    def _new_keys(self, count: int) -> list[int]:
        first = self.number * PEOPLE_EACH + self.next_key
        self.next_key += count
        return list(range(first, first + count))

    def _strangers(self, count: int) -> list[int]:
        first = self.number * PEOPLE_EACH + STRANGERS
        return [first + self.chance.randrange(1_000_000) for _ in range(count)]


def _address(key: int) -> str:
    return f"p{key}@example.com"


async def post(port: int, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    """On a connection of its own, so that any worker may get it. EOFError when the answer is not whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        writer.write(head.encode() + body)
        answer = await reader.read(-1)
    finally:
        with suppress(OSError):
            writer.close()
    status_line, _, rest = answer.partition(b"\r\n")
    fields, ended, content = rest.partition(b"\r\n\r\n")
    length = next(
        (line for line in fields.lower().split(b"\r\n") if line.startswith(b"content-length:")), b""
    )
    if not ended or not length or len(content) != int(length.split(b":")[1]):
        raise EOFError
    return int(status_line.split()[1]), json.loads(content)


async def main(told: str) -> None:
    """Run until SIGTERM."""
    clients = Clients(**json.loads(told))
    clients.begin()

    def end() -> None:
        clients.ended = True

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    await clients.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
