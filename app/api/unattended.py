"""Acts that no caller of the API stands behind: a provider's call-back, a person's own click.

They run like every act: one unit, one event, committed before the answer leaves, shielded from a client that
hangs up. There is no Idempotency-Key; what is repeated is recognised by what it says.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from fastapi import Request

from app.api.state import deployment_of
from app.storage.units import WriteUnit
from app.usecases.act import Act

T = TypeVar("T")


async def run_unattended(request: Request, work: Callable[[WriteUnit, Act], Awaitable[T]]) -> T:
    """Do the work in one unit, with the digest of the body that was read."""
    body: bytes = getattr(request.state, "raw_body", b"")
    act = Act.begin(datetime.now(UTC), None, hashlib.sha256(body).digest())

    async def done() -> T:
        async with deployment_of(request).database.write() as unit:
            return await work(unit, act)

    return await asyncio.shield(asyncio.ensure_future(done()))
