"""Rows that go in as columns come out as they were, whatever stands in them."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

from app.storage.columns import arrays_of, inserting
from app.storage.database import Database
from app.storage.events import Event, record_events
from app.storage.tables import EVENT, MANDATE, OBJECTION_IDENTIFIER
from tests.direct import superuser

AWKWARD = ["", "NULL", '"', "\\", "{a,b}", "a,b", "'", "å\u2028", " x ", '\\"', "1\n2"]


async def test_events_with_awkward_words_come_out_as_they_went_in(
    database: Database, database_url: str
) -> None:
    at = datetime(2026, 11, 21, 13, 0, 0, 123456, timezone(timedelta(hours=2)))
    events = [Event(uuid4(), at, f"kind {word}", None, detail={word: [word, None, 1]}) for word in AWKWARD]
    async with database.write() as unit:
        await record_events(unit, events)
    behind = await superuser(database_url)
    sql = "SELECT kind, at, detail::text AS told, object_id FROM registry.event WHERE id = $1"
    for event in events:
        row: Any = await behind.fetchrow(sql, event.id)
        assert row["kind"] == event.kind
        assert row["at"] == at.astimezone(UTC)
        assert row["object_id"] is None
        assert json.loads(row["told"]) == event.detail
    await behind.close()


async def test_lists_of_texts_and_numbers_are_kept_whole(database_url: str) -> None:
    behind = await superuser(database_url)
    for table, name, values in ((MANDATE, "rights", AWKWARD), (MANDATE, "controllers", [3, 1, 2])):
        rows: list[dict[str, Any]] = [{name: values}, {name: []}]
        told = arrays_of(table, (name,), rows)
        kind = "text[]" if name == "rights" else "int4[]"
        assert f"CAST(n.{name} AS {kind})" in str(inserting(table, (name,)))
        found = [await behind.fetchval(f"SELECT $1::text::{kind}", each) for each in told[name]]
        assert found == [values, []]
    await behind.close()


def test_what_is_not_there_stays_not_there() -> None:
    row = {"object_id": None, "detail": None, "request_digest": None, "actor_role": None}
    told = arrays_of(EVENT, tuple(row), [row, row])
    assert told["object_id"] == "{NULL,NULL}"
    assert [told[name] for name in ("detail", "request_digest", "actor_role")] == [[None, None]] * 3
    assert arrays_of(OBJECTION_IDENTIFIER, ("proven",), [{"proven": True}])["proven"] == "{True}"
