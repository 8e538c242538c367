"""Which own entries in force say the very same, asked for many lists at once."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from app.storage.units import ReadUnit

# One probe for each saying: two arrays of lists and fingerprints would be tried in every combination.
_SAID = text("""
SELECT n.place FROM unnest(
    CAST(:numbers AS int4[]), CAST(:fingerprints AS uuid[]), CAST(:kinds AS int2[]),
    CAST(:channels AS int4[]), CAST(:purposes AS int4[]), CAST(:services AS text[])
) WITH ORDINALITY AS n (number, fingerprint, kind, channels, purposes, service_id, place)
WHERE (
    SELECT count(*) FROM registry.entry_key k
    JOIN registry.entry e ON e.controller_no = n.number AND e.id = k.entry_id
    LEFT JOIN registry.entry_release r ON r.controller_no = n.number AND r.entry_id = k.entry_id
    WHERE k.controller_no = n.number AND k.fingerprint = n.fingerprint AND r.entry_id IS NULL
      AND e.objection_id IS NULL AND e.fingerprint = n.fingerprint AND e.kind = n.kind
      AND e.channels = n.channels AND e.purposes = n.purposes
      AND e.service_id IS NOT DISTINCT FROM n.service_id
) > 0
""")


class Saying(NamedTuple):
    """What an entry says: where, of whom, and what. Masks and codes as in its row."""

    number: int
    fingerprint: UUID
    kind: int
    channels: int
    purposes: int
    service_id: str | None


async def already_said(unit: ReadUnit, sayings: Collection[Saying]) -> set[Saying]:
    """Those of these for which an entry stands. The lists were declared."""
    asked = list(sayings)
    names = ("numbers", "fingerprints", "kinds", "channels", "purposes", "services")
    columns = dict(zip(names, (list(each) for each in zip(*asked, strict=True)), strict=True))
    return {asked[row.place - 1] for row in await unit.rows(_SAID, columns)}
