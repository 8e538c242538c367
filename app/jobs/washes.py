"""The washes: done one after another, and their files erased when their time is over. Beside them, what
else the registry does by itself when a time is over."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Final

import structlog

from app.domain.refusals import UnavailableError
from app.storage.database import Database
from app.usecases.expire_washes import expire
from app.usecases.receive_wash import Laundry
from app.usecases.run_wash import Counted, fail_wash, not_counted, run_wash, take_wash
from app.usecases.void_silent import void_silent

_PAUSE: Final = 0.5
_LONG_PAUSE: Final = 5.0
_EXPIRY: Final = 60.0

_log = structlog.get_logger("sparr.washes")


async def work(database: Database, laundry: Laundry, counted: Counted = not_counted) -> None:
    """Until cancelled. A wash in hand is let go of then, and goes on from its last checkpoint elsewhere.
    `counted` is told how many rows were answered, and how many of them with block."""
    expired = float("-inf")
    while True:
        try:
            if time.monotonic() - expired > _EXPIRY:
                await expire(database, laundry, datetime.now(UTC))
                await void_silent(database, datetime.now(UTC))
                expired = time.monotonic()
            if not await _one(database, laundry, counted):
                await asyncio.sleep(_PAUSE)
        except UnavailableError:
            await asyncio.sleep(_LONG_PAUSE)
        except Exception as failed:  # noqa: BLE001 - such as a folder that cannot be read: the others wait
            _log.error("failed", failure=type(failed).__name__)
            await asyncio.sleep(_LONG_PAUSE)


async def _one(database: Database, laundry: Laundry, counted: Counted) -> bool:
    """Do one wash, if there is any."""
    wash = await take_wash(database)
    if wash is None:
        return False
    _log.info("wash", wash_id=str(wash.id), state="running", done=wash.done)
    try:
        await run_wash(database, laundry, wash, counted)
    except UnavailableError:
        raise
    except Exception as failed:  # noqa: BLE001 - whatever it was, the next wash is to be done
        _log.error("failed", wash_id=str(wash.id), failure=type(failed).__name__)
        await fail_wash(database, laundry, wash, "INTERNAL")
    return True
