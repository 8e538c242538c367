"""What the lookups of this process show about those who ask is written down soon after."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog

from app.domain.refusals import UnavailableError
from app.storage.database import Database
from app.usecases.weigh_novelty import note_novelty

_PAUSE: Final = 1.0

_log = structlog.get_logger("sparr.novelty")


async def work(database: Database) -> None:
    """Until cancelled."""
    while True:
        await asyncio.sleep(_PAUSE)
        try:
            for told in await note_novelty(database, datetime.now(UTC)):
                _log.warning(
                    "controller", id=str(told.controller_id), cause=told.cause.value, slowed=told.slowed
                )
        except UnavailableError:
            continue
        except Exception as failed:  # noqa: BLE001 - whatever it was, it is tried again
            _log.error("failed", failure=type(failed).__name__)
