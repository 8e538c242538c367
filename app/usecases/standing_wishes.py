"""What a wish said again finds: the entries that already say it, and since when."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from app.storage.entry_wishes import standing_entries
from app.storage.facts import latest_consents
from app.storage.units import ReadUnit, Rows


async def standing_wishes(unit: ReadUnit, number: int, spelt: Collection[Sequence[UUID]]) -> Rows:
    """A list's own entries in force for identifiers, each given by its spellings with the main one first; the
    oldest comes first. One that a consent came after is left out: of a person's acts the newest counts (R14),
    so the wish said now is a new one."""
    consented = await latest_consents(unit, number, {each for one in spelt for each in one})
    newest: dict[UUID, datetime] = {}
    for one in spelt:
        for at in (consented[each] for each in one if each in consented):
            newest[one[0]] = max(at, newest.get(one[0], at))
    rows = await standing_entries(unit, number, {one[0] for one in spelt})
    return [row for row in rows if row.fingerprint not in newest or newest[row.fingerprint] <= row.since]
