"""FastAPI and Redis: a set of keyed hashes for each list, one SMISMEMBER for a request, nothing parsed.

Speaks RESP 2 itself, because that is less than a client library does for the same.
"""

import asyncio
import hmac
from collections.abc import Sequence

from fastapi import FastAPI
from pydantic import BaseModel

from bench.references.serving import argument, serve

_SECRET = b"a secret of thirty-two bytes ...."


class Ask(BaseModel):
    """A list to wash."""

    controller_id: int
    identifiers: list[str]


class Told(BaseModel):
    """The positions of those who are on the list."""

    asked: int
    blocked: list[int]


def hashed(identifier: str) -> bytes:
    """What is stored of an identifier: 16 bytes of HMAC-SHA-256."""
    return hmac.digest(_SECRET, identifier.encode(), "sha256")[:16]


def command(*words: bytes) -> bytes:
    """A command as Redis reads it."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


class Redis:
    """A connection: one command at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @staticmethod
    async def open(port: int) -> "Redis":
        """A connection to this machine."""
        return Redis(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 24))

    async def number(self, *words: bytes) -> int:
        """The answer of a command that gives a number, such as SADD."""
        self._writer.write(command(*words))
        return int((await self._reader.readuntil(b"\r\n"))[1:])

    async def are_members(self, key: bytes, members: Sequence[bytes]) -> bytes:
        """SMISMEMBER: a digit 0 or 1 for each."""
        self._writer.write(command(b"SMISMEMBER", key, *members))
        head = await self._reader.readuntil(b"\r\n")
        if not head.startswith(b"*"):
            raise RuntimeError(head.decode())
        # Each is ":0\r\n" or ":1\r\n".
        return (await self._reader.readexactly(4 * int(head[1:])))[1::4]


def application(port: int) -> FastAPI:
    """The service over a Redis that listens on a port of this machine."""
    app = FastAPI()
    idle: asyncio.LifoQueue[Redis] = asyncio.LifoQueue()

    @app.post("/sets")
    async def sets(ask: Ask) -> Told:
        members = [hashed(one) for one in ask.identifiers]
        redis = await Redis.open(port) if idle.empty() else idle.get_nowait()
        found = await redis.are_members(b"%d" % ask.controller_id, members)
        idle.put_nowait(redis)
        return Told(asked=len(members), blocked=[place for place, one in enumerate(found) if one == ord("1")])

    return app


if __name__ == "__main__":
    serve(application(int(argument("port"))))
