"""A person blocks a source: no dispatch that uses its lists reaches them, a political one neither (R08)."""

from datetime import datetime
from uuid import UUID

from app.domain.channels import ALL_CHANNELS
from app.domain.entry import EntryKind
from app.domain.parties import Role
from app.domain.refusals import Refusal, RefusedError
from app.storage.lookups import source_number
from app.storage.parties import default_purposes
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.read_identifiers import GivenIdentifier
from app.usecases.record_entry import EntryCommand, RecordedEntry, record_entry


async def block_at_source(
    unit: WriteUnit,
    act: Act,
    source_id: UUID,
    identifier: GivenIdentifier,
    purposes: int | None,
    occurred_at: datetime | None,
) -> RecordedEntry:
    """A block in the source's own list. `purposes` is a mask; None takes the source's default. A source
    blocks only for itself: another's id is answered like none."""
    foreign = act.who.role is Role.SOURCE and act.who.party_id != source_id
    number = None if foreign else await source_number(unit, source_id)
    if number is None:
        raise RefusedError(Refusal.NOT_FOUND)
    mask = await default_purposes(unit, number) if purposes is None else purposes
    command = EntryCommand(
        number, EntryKind.SOURCE_BLOCK, identifier, ALL_CHANNELS, mask, occurred_at=occurred_at
    )
    return await record_entry(unit, act, command)
