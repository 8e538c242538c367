"""A standby that was restarted is not read from before it has all that it had confirmed."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.domain.refusals import UnavailableError
from app.storage.standbys import refuse_unreplayed
from tests.direct import superuser
from tests.proofs.disks import Disk
from tests.proofs.pair import Pair

pytestmark = pytest.mark.xdist_group("process")


async def test_a_standby_is_read_from_when_it_follows_and_not_while_it_comes_back(tmp_path: Path) -> None:
    pair = Pair(*(Disk.make(tmp_path / name, mounting=False) for name in ("a", "b")))
    try:
        await asyncio.to_thread(pair.primary.start)
        await pair.attach()
        await pair.primary.value("CREATE TABLE confirmed AS SELECT 1 AS n")
        await refuse_unreplayed(await superuser(pair.primary.url))
        await refuse_unreplayed(await superuser(pair.standby.url))
        await pair.standby.value("ALTER SYSTEM SET recovery_min_apply_delay = '1h'")
        await asyncio.to_thread(pair.standby.stop)
        await asyncio.to_thread(pair.standby.start)
        connection: Any = await superuser(pair.standby.url)
        with pytest.raises(asyncpg.UndefinedTableError):
            await connection.fetch("SELECT n FROM confirmed")
        with pytest.raises(UnavailableError):
            await refuse_unreplayed(connection)
        assert connection.is_closed()
    finally:
        pair.stop()
