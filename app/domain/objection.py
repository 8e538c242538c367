"""An objection: an act of will, received at a time and never edited (GDPR Art. 21).

`received -> pending_verification -> active -> (contested -> active | voided)`, `active -> withdrawn`, side
exit `rejected`. Nothing deletes it, lets it expire, narrows or back-dates it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.channels import ALL_CHANNELS, CHANNELS, channel_codes
from app.domain.entry import EntryKind
from app.domain.mandate import Mandate
from app.domain.purposes import ALL_PURPOSES, DIRECT_MARKETING, OBJECTION_PURPOSES, purpose_mask
from app.domain.refusals import Refusal, RefusedError
from app.domain.rights import AGENT_KINDS, ART21_1, ART21_2, OBJECT_DM, OBJECTION_KINDS, WITHDRAW_OBJECTION


class Origin(StrEnum):
    """Through whom the person speaks."""

    AGENT = "agent"
    SELF = "self"


class ObjectionState(StrEnum):
    """The newest event of an objection; permanent codes."""

    PENDING = "pending_verification"
    ACTIVE = "active"
    CONTESTED = "contested"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"
    REJECTED = "rejected"


IN_FORCE = frozenset({ObjectionState.PENDING, ObjectionState.ACTIVE, ObjectionState.CONTESTED})


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """A part of an act that was refused while the rest stands: what it was (`part`), which one, and why."""

    part: str
    value: str
    code: Refusal


@dataclass(frozen=True, slots=True)
class Scope:
    """What is left of the request after what the mandate does not carry was refused."""

    kinds: tuple[str, ...]
    purposes: int
    channels: int
    refused: tuple[RefusedPart, ...]

    def entries(self) -> list[tuple[EntryKind, int]]:
        """The kinds of entry that this puts in force, each with its purposes."""
        rows: list[tuple[EntryKind, int]] = []
        if ART21_2 in self.kinds:
            rows.append((EntryKind.OBJECTION, self.purposes))
        if ART21_1 in self.kinds:
            rows.append((EntryKind.OBJECTION_GENERAL, self.purposes))
        return rows


def scope_under_mandate(
    mandate: Mandate, kinds: Sequence[str], purposes: Sequence[str] | None, channels: int
) -> Scope:
    """What an agent's request may put in force. What goes beyond the mandate is refused, the objection
    itself stands; if nothing is left, the whole act is `MANDATE_SCOPE`. "All" channels are as many as the
    mandate reaches."""
    kept = tuple(k for k in dict.fromkeys(kinds) if AGENT_KINDS.get(k, frozenset()) & mandate.rights)
    refused = [RefusedPart("kind", k, Refusal.MANDATE_SCOPE) for k in dict.fromkeys(kinds) if k not in kept]
    wanted = tuple(dict.fromkeys(purposes or (DIRECT_MARKETING,)))
    refused += [RefusedPart("purpose", p, Refusal.MANDATE_SCOPE) for p in wanted if p != DIRECT_MARKETING]
    reach = mandate.channels
    if OBJECT_DM not in mandate.rights:
        reach &= CHANNELS["profiling"].bit
    left = channels & reach
    if channels != ALL_CHANNELS:
        beyond = channel_codes(channels & ~reach) or []
        refused += [RefusedPart("channel", code, Refusal.MANDATE_SCOPE) for code in beyond]
    if not kept or DIRECT_MARKETING not in wanted or not left:
        raise RefusedError(Refusal.MANDATE_SCOPE)
    return Scope(kept, purpose_mask((DIRECT_MARKETING,)), left, tuple(refused))


def scope_of_person(kinds: Sequence[str], purposes: Sequence[str] | None, channels: int) -> Scope:
    """What the person's own objection puts in force: any purpose that Art. 21 lets one object to. A general
    one (Art. 21(1)) that names no purpose is against all of them, also beside one to direct marketing. One
    under Art. 21(2) is against direct marketing whatever else it names."""
    kept = tuple(k for k in dict.fromkeys(kinds) if k in OBJECTION_KINDS)
    refused = tuple(
        RefusedPart("kind", k, Refusal.MANDATE_SCOPE) for k in dict.fromkeys(kinds) if k not in kept
    )
    wanted = tuple(p for p in dict.fromkeys(purposes or ()) if p in OBJECTION_PURPOSES)
    if not kept or (purposes and not wanted):
        raise RefusedError(Refusal.MANDATE_SCOPE)
    marketing = purpose_mask((DIRECT_MARKETING,))
    if not wanted:
        return Scope(kept, ALL_PURPOSES if ART21_1 in kept else marketing, channels, refused)
    reach = purpose_mask(wanted) | (marketing if ART21_2 in kept else 0)
    return Scope(kept, reach, channels, refused)


def initial_state(level: int, minimum_levels: Sequence[int]) -> ObjectionState:
    """Active once the mandate reaches the level of every controller addressed; provisional blocks too."""
    return ObjectionState.ACTIVE if level >= max(minimum_levels, default=1) else ObjectionState.PENDING


def admit_withdrawal(mandate: Mandate, state: ObjectionState) -> None:
    """Only the person, or an agent with that very right, takes an objection back (GDPR Art. 7(3) by analogy:
    the proof is as strong as for the objection)."""
    if WITHDRAW_OBJECTION not in mandate.rights:
        raise RefusedError(Refusal.MANDATE_SCOPE)
    if state not in IN_FORCE:
        raise RefusedError(Refusal.STATE_CONFLICT, "The objection is not in force.")


def admit_identifier(mandate: Mandate, identifier_type: str, fingerprints: frozenset[UUID]) -> bool:
    """Whether the control of an identifier was shown in the mandate. Another phone or e-mail is accepted as
    unproven; a personal number other than the grantor's is somebody else (`IDENTIFIER_NOT_GRANTOR`)."""
    if identifier_type == "personal_number":
        if not fingerprints & mandate.grantor:
            raise RefusedError(Refusal.IDENTIFIER_NOT_GRANTOR)
        return True
    return bool(fingerprints & mandate.proven)


def void_next(state: ObjectionState, first_admin: UUID | None, admin: UUID) -> ObjectionState:
    """Four eyes: the first admin contests, a second and different one voids. A contested objection blocks."""
    if state not in IN_FORCE:
        raise RefusedError(Refusal.STATE_CONFLICT, "The objection is not in force.")
    if state is not ObjectionState.CONTESTED:
        return ObjectionState.CONTESTED
    if first_admin == admin:
        raise RefusedError(Refusal.SECOND_ADMIN_REQUIRED)
    return ObjectionState.VOIDED
