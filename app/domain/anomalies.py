"""What stands out in what an agent sends: figures that were counted, held against fixed thresholds.

An anomaly is a reason to look, and proves nothing: a campaign makes a burst, and a family shares a telephone.
The register judges each mandate by its evidence alone (GDPR Art. 12(6)); nothing here changes an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Anomaly(StrEnum):
    """Permanent codes."""

    BURST = "BURST"
    REUSED_EVIDENCE = "REUSED_EVIDENCE"
    SHARED_DEVICE = "SHARED_DEVICE"
    HIGH_REJECTS = "HIGH_REJECTS"


BURST_ACTS: Final = 100
BURST_TIMES: Final = 10
"""A burst: so many acts in an hour, and so many times what an hour with acts has otherwise."""

REUSED: Final = 1
"""From so many mandates on whose signature was another mandate's, or whose claims were another one's that had
passed: whoever repeats what failed is not counted."""

SHARED_BY: Final = 5
"""From so many grantors on who signed on one device."""

REJECTED_ACTS: Final = 20
REJECTED_SHARE: Final = 0.2
"""High: so many acts were refused or their mandates rejected, and so great a part of all."""

ANOMALY_TEXTS: Final[Mapping[Anomaly, str]] = {
    Anomaly.BURST: (
        f"In its busiest hour the agent sent {BURST_ACTS} mandates and objections or more, and at least "
        f"{BURST_TIMES} times as many as in its other hours with any, on average."
    ),
    Anomaly.REUSED_EVIDENCE: (
        "A mandate came with a signature that another one rests on, or with the very claims of another one."
    ),
    Anomaly.SHARED_DEVICE: f"At least {SHARED_BY} grantors signed with BankID on one device.",
    Anomaly.HIGH_REJECTS: (
        f"At least {REJECTED_ACTS} acts, and {REJECTED_SHARE:.0%} of all, were refused or were mandates that "
        "did not pass their checks."
    ),
}


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """What was counted of one agent in a time. `refused`: acts that were not done. `hours`: those in which
    there was any act. `on_one_device`: the most grantors whose BankID evidence names one device."""

    mandates: int = 0
    rejected: int = 0
    objections: int = 0
    refused: int = 0
    hours: int = 0
    busiest_hour: int = 0
    grantors: int = 0
    on_one_device: int = 0
    reused: int = 0

    @property
    def acts(self) -> int:
        """Mandates and objections that were registered."""
        return self.mandates + self.objections

    @property
    def turned_down(self) -> int:
        """Acts that came to nothing."""
        return self.refused + self.rejected

    @property
    def rejected_share(self) -> float:
        """The part of all acts, those that were refused among them, that came to nothing."""
        every = self.acts + self.refused
        return self.turned_down / every if every else 0.0

    @property
    def other_hours(self) -> float:
        """Acts in an hour with any, on average, but for the busiest one; at least one, so that a first day is
        compared with something."""
        others = self.hours - 1
        return max(1.0, (self.acts - self.busiest_hour) / others) if others > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One anomaly: the figure that was found, and the one from which it counts."""

    code: Anomaly
    found: float
    threshold: float


def anomalies(figures: AgentFigures) -> list[Finding]:
    """What stands out, in the order of the codes. Pure: the same figures always say the same."""
    bursting = max(BURST_ACTS, BURST_TIMES * figures.other_hours)
    found = []
    if figures.busiest_hour >= bursting:
        found.append(Finding(Anomaly.BURST, figures.busiest_hour, bursting))
    if figures.reused >= REUSED:
        found.append(Finding(Anomaly.REUSED_EVIDENCE, figures.reused, REUSED))
    if figures.on_one_device >= SHARED_BY:
        found.append(Finding(Anomaly.SHARED_DEVICE, figures.on_one_device, SHARED_BY))
    if figures.turned_down >= REJECTED_ACTS and figures.rejected_share >= REJECTED_SHARE:
        found.append(Finding(Anomaly.HIGH_REJECTS, figures.rejected_share, REJECTED_SHARE))
    return found


SUSPENSION_STOPS: Final[Mapping[str, str]] = {
    "new_mandates": "No new mandate is taken in from the agent.",
    "new_objections": "No new objection, and no further identifier of one, is taken in from it.",
    "withdrawals": "It can withdraw no objection; the person can, by a controller or an admin.",
}
SUSPENSION_LEAVES: Final[Mapping[str, str]] = {
    "entries": "Every entry stays in force and goes on blocking: no answer to a sender changes.",
    "objections": "Objections stay as they are; those that wait for a check of their mandate go on waiting.",
    "mandates": "Mandates stay, and end by revocation or time. The agent may still revoke its own.",
    "reading": "The agent may still read what is its own.",
}
"""What a suspension does and does not do: an objection was a completed act (GDPR Art. 21(3))."""
