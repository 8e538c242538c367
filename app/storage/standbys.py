"""What has to be seen to where a standby serves lookups: nothing is acknowledged that it does not have, and
it is not read from before it has all that it confirmed. Without standbys all of this is without effect.
"""

from typing import Any, Final

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.domain.refusals import UnavailableError

CONFIRM: Final = text("SELECT pg_catalog.pg_logical_emit_message(true, 'sparr', '')")
"""Gives a transaction that only read something to commit, so that its commit waits for the standby. What it
read may be there after a crash although the standby has not confirmed it yet."""

_REPLAYED: Final = """
SELECT NOT pg_catalog.pg_is_in_recovery() OR pg_catalog.pg_last_wal_receive_lsn() IS NOT NULL
"""
_WARNED: Final = "sparr.warned"


async def refuse_unreplayed(connection: Any) -> None:
    """UnavailableError on a standby that was restarted and has not replayed yet all that it had confirmed: it
    lets readers in before. It asks its primary for more only after that."""
    if not await connection.fetchval(_REPLAYED):
        connection.terminate()
        raise UnavailableError("the standby has not replayed what it confirmed")


def hear_warnings(engine: AsyncEngine) -> None:
    """Note on each connection of an engine that the server has warned."""

    @event.listens_for(engine.sync_engine, "connect")
    def listen(opened: Any, record: Any) -> None:
        def note(_connection: Any, message: Any) -> None:
            if message.severity_en == "WARNING":
                record.info[_WARNED] = True

        opened.driver_connection.add_log_listener(note)


class Confirmation:
    """Whether a commit is everywhere where it should be. A wait for the standby that somebody cancels
    (pg_cancel_backend) makes the commit a success, and a warning says that the standby may not have it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._heard: dict[Any, Any] = connection.info
        self._heard.pop(_WARNED, None)

    def demand(self) -> None:
        """After the commit: UnavailableError when the server has warned."""
        if self._heard.pop(_WARNED, False):
            raise UnavailableError("committed, and not confirmed by the standby")
