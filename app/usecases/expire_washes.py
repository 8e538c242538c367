"""The files of a wash are erased when their time is over; the receipt outlives them (GDPR Art. 5(1)(e))."""

import asyncio
from datetime import datetime
from uuid import UUID

from app.storage.database import Database
from app.storage.wash_folder import orphans
from app.storage.washes import expire_washes, kept_washes
from app.usecases.receive_wash import Laundry


async def expire(database: Database, laundry: Laundry, now: datetime) -> None:
    """Erase what has expired, and what an upload left behind that never ended."""
    async with database.write() as unit:
        gone = await expire_washes(unit, now)
        kept = await kept_washes(unit)
    await asyncio.to_thread(_erase, laundry, gone, kept, now)


def _erase(laundry: Laundry, gone: list[UUID], kept: set[UUID], now: datetime) -> None:
    for id_ in {*gone, *orphans(laundry.root, kept, now)}:
        laundry.folder(id_).erase()
