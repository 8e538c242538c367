"""What was known, and when: rows that are only ever inserted, read as of two moments.

`at` is the moment that a question is asked for, `known` what the register had learned by another one. What
people say of an earlier time (a consent, its end, a relationship) holds from the time that they say; what
the registry or a controller does (an entry, its release, doubt, a weighing, a policy) holds from when it was
done.
GDPR Art. 5(2): whoever sent or was not allowed to send must be able to show what was there to be known.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from math import prod
from typing import Final, Generic, TypeVar
from uuid import UUID

from app.domain.consent import ConsentFact
from app.domain.entry import EntryFact
from app.domain.facts import Policy
from app.domain.relationship import RelationshipFact

Fact = TypeVar("Fact", ConsentFact, RelationshipFact)

SLOWEST: Final = timedelta(seconds=30)
"""An act is not visible before its commit, and no act may take longer than that."""

MOST_WORLDS: Final = 64
"""More ways in which it may have been are not gone through: nobody can say then."""


@dataclass(frozen=True, slots=True)
class Written:
    """When a row was written: the list, its version there, when the act began, and the act's event."""

    number: int
    version: int
    at: datetime
    event_id: UUID


Knows = Callable[[Written], bool]
"""Whether a row counts as known."""


@dataclass(frozen=True, slots=True)
class StatePast:
    """A later state of an entry, and the level that it has from then on."""

    written: Written
    state: str
    level: int | None = None


@dataclass(frozen=True, slots=True)
class EntryPast:
    """An entry as it was first written, and all that became of it, oldest first. `weighings` are those of the
    controller that is asked about, of an objection to all controllers."""

    fact: EntryFact
    written: Written
    release: Written | None = None
    states: Sequence[StatePast] = ()
    weighings: Sequence[StatePast] = ()

    def rows(self) -> Iterable[Written]:
        """When each of its rows was written."""
        yield self.written
        yield from (one.written for one in (*self.states, *self.weighings))
        if self.release is not None:
            yield self.release

    def seen(self, at: datetime, knows: Knows) -> EntryFact | None:
        """The entry as the rules see it; None when it was not there, or released."""
        if not knows(self.written) or self.fact.since > at:
            return None
        if self.release is not None and knows(self.release) and self.release.at <= at:
            return None
        states = [one for one in self.states if knows(one.written) and one.written.at <= at]
        newest = states or [one for one in self.weighings if knows(one.written) and one.written.at <= at]
        state = newest[-1].state if newest else None
        levels = [one.level for one in states if one.level is not None]
        level = levels[-1] if levels else self.fact.level
        return replace(self.fact, level=level, contested=state == "contested", rejected=state == "rejected")


@dataclass(frozen=True, slots=True)
class FactPast(Generic[Fact]):
    """A consent or a relationship with its end, if it has one. It is there from when it `began`; the rules
    look at the time of its end themselves."""

    fact: Fact
    began: datetime
    written: Written
    ended: Written | None = None

    def rows(self) -> Iterable[Written]:
        """When each of its rows was written."""
        yield self.written
        if self.ended is not None:
            yield self.ended

    def seen(self, at: datetime, knows: Knows) -> Fact | None:
        """The fact as the rules see it; None when it was not there. An end that was not known is none."""
        if not knows(self.written) or self.began > at:
            return None
        over = self.ended is not None and knows(self.ended)
        return self.fact if over else replace(self.fact, ended_at=None)


def consent_past(fact: ConsentFact, written: Written, ended: Written | None = None) -> FactPast[ConsentFact]:
    """One that nobody dated is there from when it was recorded."""
    return FactPast(fact, fact.given_at or fact.recorded_at, written, ended)


def relationship_past(
    fact: RelationshipFact, written: Written, ended: Written | None = None
) -> FactPast[RelationshipFact]:
    """It is there from when it is said to have begun."""
    return FactPast(fact, fact.since, written, ended)


@dataclass(frozen=True, slots=True)
class PolicyPast:
    """A controller's policy from a version of its list on."""

    policy: Policy
    written: Written


def policy_seen(policies: Sequence[PolicyPast], at: datetime, knows: Knows) -> Policy | None:
    """The policy in force, of those in the order of their versions; None before the controller was there."""
    found = [one for one in policies if knows(one.written) and one.written.at <= at]
    return found[-1].policy if found else None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the register had learned by a moment, or at the position of its lists that an answer names.

    `now` is when this is asked: what can be read now was written before. `proven` are the times by which acts
    had certainly been committed, as the signed journal shows."""

    by: datetime
    now: datetime
    positions: Mapping[int, int]
    proven: Mapping[UUID, datetime]

    def has(self, row: Written) -> bool | None:
        """Whether a row was known. None: its act had begun, and nobody can say whether it was committed."""
        if row.number in self.positions:
            return row.version <= self.positions[row.number]
        return self.had(row.at, row.event_id, SLOWEST)

    def had(self, begun: datetime, event_id: UUID, slowest: timedelta) -> bool | None:
        """The same for an act that takes no version, and may take as long as that."""
        if begun > self.by:
            return False
        settled = min(begun + slowest, self.proven.get(event_id, self.now))
        return True if settled <= self.by else None


def worlds(knowledge: Knowledge, rows: Iterable[Written]) -> list[Knows]:
    """Every way in which it may have been, the one in which all that had begun was known first. Versions
    commit in their order, so of each list some of the newest acts may have been missing. None at all when
    there are too many."""
    doubted: dict[int, set[int]] = {}
    for row in rows:
        if knowledge.has(row) is None:
            doubted.setdefault(row.number, set()).add(row.version)
    cuts = [[(number, cut) for cut in _cuts(versions)] for number, versions in sorted(doubted.items())]
    if prod(map(len, cuts)) > MOST_WORLDS:
        return []
    return [_known_up_to(knowledge, dict(chosen)) for chosen in product(*cuts)]


def _cuts(versions: set[int]) -> list[int]:
    """Up to which version a list may have been known, the newest first."""
    return [*sorted(versions, reverse=True), min(versions) - 1]


def _known_up_to(knowledge: Knowledge, cuts: Mapping[int, int]) -> Knows:
    def knows(row: Written) -> bool:
        has = knowledge.has(row)
        return row.version <= cuts[row.number] if has is None else has

    return knows
