"""A person blocks a source: no dispatch that uses its lists reaches them, a political one neither (R08)."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from app.usecases.record_entry import EntryCommand, EntryOutcome, RecordedEntry, record_entries, record_entry


@dataclass(frozen=True, slots=True)
class Block:
    """Whom a source is to leave alone. `purposes` is a mask; None takes the source's default."""

    identifier: GivenIdentifier
    purposes: int | None
    occurred_at: datetime | None

    def command(self, default: int) -> EntryCommand:
        """As an entry of the source's list."""
        purposes = default if self.purposes is None else self.purposes
        return EntryCommand(
            EntryKind.SOURCE_BLOCK, self.identifier, ALL_CHANNELS, purposes, occurred_at=self.occurred_at
        )


async def block_at_source(unit: WriteUnit, act: Act, source_id: UUID, block: Block) -> RecordedEntry:
    """One block in the source's own list."""
    number, default = await _own_list(unit, act, source_id)
    return await record_entry(unit, act, number, block.command(default))


async def block_many_at_source(
    unit: WriteUnit, act: Act, source_id: UUID, blocks: Sequence[Block], *, abort: bool = False
) -> list[EntryOutcome]:
    """The outcome of each, in order. With `abort` the first refusal refuses the whole batch."""
    number, default = await _own_list(unit, act, source_id)
    return await record_entries(unit, act, number, [block.command(default) for block in blocks], abort=abort)


async def _own_list(unit: WriteUnit, act: Act, source_id: UUID) -> tuple[int, int]:
    """The source's list and the default of its blocks. A source blocks only for itself: another's id is
    answered like none."""
    foreign = act.who.role is Role.SOURCE and act.who.party_id != source_id
    number = None if foreign else await source_number(unit, source_id)
    if number is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return number, await default_purposes(unit, number)
