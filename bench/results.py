"""What a benchmark found: figures, their ratios to a reference, and whether a target was met."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.table import Table

from bench.gates import GATES

_WIDE = 2.0
_THOUSAND = 1000.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a case. `ratio` is ours to the reference that the line is about; a target without a ratio
    is about the figure itself, and `at_most` turns it round."""

    case: str
    what: str
    figure: float | None
    unit: str = ""
    ratio: float | None = None
    target: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def measured(self) -> float | None:
        """What the target is compared with."""
        return self.figure if self.ratio is None else self.ratio

    def reaches(self, target: float | None) -> bool | None:
        """Whether a target is met; None where there is nothing to compare."""
        if target is None or self.measured is None:
            return None
        return self.measured <= target if self.at_most else self.measured >= target

    @property
    def met(self) -> bool | None:
        """Whether the target is met."""
        return self.reaches(self.target)

    @property
    def wide(self) -> bool:
        """Whether at least half of the target is met; not, if nothing could be measured."""
        half = None if self.target is None else (self.target * _WIDE if self.at_most else self.target / _WIDE)
        return self.reaches(half) is True

    @property
    def shown(self) -> str:
        """The figure, if there is one or should be."""
        if self.figure is not None:
            return _number(self.figure)
        return "" if self.ratio is not None else "not available"

    @property
    def verdict(self) -> str:
        """The target in words, and by how much it was missed."""
        if self.target is None:
            return ""
        wanted = f"{'≤' if self.at_most else '≥'} {_number(self.target)}"
        if self.met is None or self.measured is None:
            return f"{wanted}: not measured"
        if self.met:
            return f"{wanted}: met"
        return f"{wanted}: missed" + (f", {self.measured / self.target:.2g} of it" if self.target else "")


@dataclass(slots=True)
class Report:
    """All rows of one benchmark, and what must be said aloud about them."""

    name: str
    what: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[str]:
        """The gates of this benchmark that are not even met by half, or that no row answers."""
        met = {f"{row.case}: {row.what}" for row in self.rows if row.wide}
        return sorted(GATES.get(self.name, frozenset()) - met)

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        rows = [{**asdict(row), "met": row.met, "met_by_half": row.wide} for row in self.rows]
        return {
            "name": self.name,
            "what": self.what,
            "rows": rows,
            "notes": self.notes,
            "failed": self.failed,
        }

    def table(self) -> Table:
        """The same for a terminal."""
        made = Table(
            title=f"{self.name}: {self.what}", caption="\n".join(self.notes) or None, title_justify="left"
        )
        for heading in ("case", "what", "figure", "unit", "ours is", "target", "note"):
            made.add_column(heading, justify="right" if heading in {"figure", "ours is"} else "left")
        for before, row in zip([None, *self.rows], self.rows, strict=False):
            again = before is not None and before.case == row.case
            if before is not None and not again:
                made.add_section()
            ratio = "" if row.ratio is None else f"{_number(row.ratio)} times"
            figure = row.shown
            made.add_row("" if again else row.case, row.what, figure, row.unit, ratio, row.verdict, row.note)
        return made


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _THOUSAND else f"{value:.3g}"


def passing(reports: Sequence[Report]) -> bool:
    """Whether a suite lets all of them pass."""
    return not any(report.failed for report in reports)
