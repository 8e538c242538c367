"""A Redis (or Valkey) for the reference that needs one, if this machine has the program."""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from app.storage.embedded.identity import Identity
from bench.references.keyed_sets import Redis, hashed

ABSENT = (
    "SKIPPED: the reference with Redis SMISMEMBER, because no redis-server or valkey-server was found "
    "(--redis names one; SMISMEMBER needs 6.2 or newer)"
)
_AT_ONCE = 2_000
_TRIES = 200


def find_redis(named: Path | None) -> Path | None:
    """The program, if there is one."""
    found = named or shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


@asynccontextmanager
async def filled_redis(program: Path, folder: Path, sets: Mapping[int, Sequence[str]]) -> AsyncIterator[int]:
    """Its port, with these lists in it; nothing is written to disk."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    options = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    ]
    itself = Identity("self", os.geteuid(), os.getegid())
    server = await asyncio.create_subprocess_exec(
        *itself.command(program, *options, at_parent_death=signal.SIGTERM), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await _fill(await _reach(port), sets)
        yield port
    finally:
        server.terminate()
        await server.wait()


async def _reach(port: int) -> Redis:
    for _ in range(_TRIES):
        try:
            return await Redis.open(port)
        except OSError:
            await asyncio.sleep(0.05)
    raise RuntimeError("the Redis that was started does not answer")


async def _fill(redis: Redis, sets: Mapping[int, Sequence[str]]) -> None:
    for key, identifiers in sets.items():
        for first in range(0, len(identifiers), _AT_ONCE):
            members = [hashed(one) for one in identifiers[first : first + _AT_ONCE]]
            await redis.number(b"SADD", b"%d" % key, *members)
