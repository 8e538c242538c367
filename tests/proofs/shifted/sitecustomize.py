"""Puts the clock of a service a minute forward, as it sees it when it compares it with the database's.

Python runs a module of this name in every process that finds it on its path, before anything else.
"""

from datetime import UTC, datetime, timedelta, tzinfo

import app.storage.readiness

AHEAD = timedelta(minutes=1)


class Shifted(datetime):
    """A clock that is ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a time like any other
        return datetime.now(tz or UTC) + AHEAD


app.storage.readiness.datetime = Shifted  # type: ignore[attr-defined]  # that is the fault
