"""Which national registers there are, and how old the newest list of each is."""

from dataclasses import dataclass
from datetime import date

from app.domain.register_list import RegisterList, Snapshot
from app.registers import LISTS
from app.storage.registers import newest_snapshots
from app.storage.units import ReadUnit


@dataclass(frozen=True, slots=True)
class RegisterState:
    """One register with its newest snapshot. `state`: fresh, stale, missing (none yet) or ended."""

    wanted: RegisterList
    snapshot: Snapshot | None
    today: date

    @property
    def fresh_until(self) -> date | None:
        """The last day of the newest snapshot."""
        return self.wanted.fresh_until(self.snapshot.version_date) if self.snapshot else None

    @property
    def age_days(self) -> int | None:
        """Days since the date of the newest version."""
        return (self.today - self.snapshot.version_date).days if self.snapshot else None

    @property
    def state(self) -> str:
        """An ended register decides nothing, however new its list."""
        if self.wanted.ended is not None and self.wanted.ended <= self.today:
            return "ended"
        if self.fresh_until is None:
            return "missing"
        return "fresh" if self.today <= self.fresh_until else "stale"


async def list_registers(unit: ReadUnit, today: date) -> list[RegisterState]:
    """All registers in the order of their codes."""
    newest = await newest_snapshots(unit, LISTS)
    return [RegisterState(wanted, newest.get(code), today) for code, wanted in LISTS.items()]
