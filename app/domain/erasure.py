"""Erasing what the registry holds about a person (GDPR Art. 17): whose it is, who has to agree, what is kept.

Only readable things go: plain identifiers, mandates' details, references, reasons, evidence. The entries stay
as tombstones and block, because nothing else makes the objection hold (Art. 17(3)(b), 21(3)).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.refusals import Refusal, RefusedError


class ErasureState(StrEnum):
    """Stored codes; permanent. Approved: two admins have agreed, and keys may be on their way out."""

    REQUESTED = "requested"
    APPROVED = "approved"
    ERASED = "erased"


NOTHING_HELD = "nothing_held"
"""What is answered when there is nothing readable to erase. It is no state: nothing is written."""


class Step(StrEnum):
    """What one request comes to."""

    REQUEST = "request"
    APPROVE = "approve"
    FINISH = "finish"
    REPEAT = "repeat"
    NOTHING = "nothing"


def next_step(state: ErasureState | None, first_admin: UUID | None, admin: UUID, *, held: bool) -> Step:
    """Four eyes: the first admin asks, a second and different one lets it happen. One that broke off after
    that is finished by whoever repeats it. `held`: there is something readable now; after an erasure that is
    what came in since, and erasing it takes two admins again."""
    if state is ErasureState.APPROVED:
        return Step.FINISH
    if state is ErasureState.REQUESTED:
        if first_admin == admin:
            raise RefusedError(Refusal.SECOND_ADMIN_REQUIRED)
        return Step.APPROVE
    if held:
        return Step.REQUEST
    return Step.REPEAT if state is ErasureState.ERASED else Step.NOTHING


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose data keys a request reaches, and how many other people it does not reach although an identifier
    of theirs was named."""

    subjects: frozenset[UUID]
    shared: int


def reach_of(named: Sequence[UUID], holders: Sequence[frozenset[UUID]]) -> Reach:
    """Whose data the identifiers of one person lead to. `named` has for each identifier the subject that is
    this identifier itself; `holders` all subjects under which it is sealed.

    An identifier that was sealed under exactly one other subject, such as a mandate's grantor, leads to that
    person. Under several it may be a household's number: then it leads only to those who are named by an
    identifier of their own, and nobody else's data is erased (Art. 17(1): data concerning him or her).
    """
    own = frozenset(named)
    reached, left = set(own), set[UUID]()
    for itself, subjects in zip(named, holders, strict=True):
        people = subjects - {itself}
        if len(people) == 1:
            reached |= people
        else:
            left |= people
    return Reach(frozenset(reached), len(left - reached))


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that an erasure leaves, why, and the article that says so. `count` None: not counted."""

    what: str
    law: str
    why: str
    count: int | None = None


_KEPT = (
    Kept(
        "entries",
        "GDPR Art. 17(3)(b), 21(3)",
        "As tombstones with fingerprint, scope and dates: without them nobody could respect the objection.",
    ),
    Kept(
        "objections",
        "GDPR Art. 17(3)(e), 5(2)",
        "That a will was declared, when, what for and at whom: what shows later that it was respected.",
    ),
    Kept(
        "mandates",
        "GDPR Art. 17(3)(e), 12(6)",
        "Agent, rights, dates and the outcome of the checks: what shows that the agent was entitled.",
    ),
    Kept(
        "consents",
        "GDPR Art. 17(3)(e), 7(1)",
        "Scope and dates under a fingerprint: what the controller rests on. A withdrawal ends them.",
    ),
    Kept(
        "relationships",
        "GDPR Art. 17(3)(e)",
        "Kind and dates under a fingerprint, as the controller stated them. The controller ends them.",
    ),
    Kept(
        "fingerprints",
        "GDPR Art. 11",
        "Keyed digests: the registry can no longer tell whose they are unless it is told the identifier.",
    ),
    Kept(
        "events",
        "GDPR Art. 17(3)(e), 5(2)",
        "Who did what and when, without identifiers: the history that has to stay whole.",
    ),
    Kept(
        "other_people",
        "GDPR Art. 17(1)",
        "People who share an identifier that was named: erased only when named by one of their own.",
    ),
    Kept(
        "at_controllers",
        "GDPR Art. 17(1)",
        "What a controller holds itself: only the controller can erase that.",
    ),
)
_ALWAYS = frozenset({"fingerprints", "events", "at_controllers"})


def kept_after(counts: Mapping[str, int]) -> tuple[Kept, ...]:
    """What stays and why: of the counted things those that there are, and what always stays."""
    return tuple(
        Kept(row.what, row.law, row.why, counts.get(row.what))
        for row in _KEPT
        if row.what in _ALWAYS or counts.get(row.what)
    )
