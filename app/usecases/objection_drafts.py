"""What an objection asks for, judged before anything is written: refusals come from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.entry import DIRECT_LEVEL
from app.domain.facts import ControllerProfile
from app.domain.identifier import Canonical, UnreadableIdentifier
from app.domain.mandate import CLOCK_SKEW, Mandate, admit_act
from app.domain.objection import (
    Origin,
    RefusedPart,
    Scope,
    admit_identifier,
    scope_of_person,
    scope_under_mandate,
)
from app.domain.parties import ALL_CONTROLLERS, PartyKind, Role, entitled, organisation_key
from app.domain.refusals import Refusal, RefusedError
from app.storage.mandates import load_mandates
from app.storage.parties import Holder, find_holders, load_profiles
from app.storage.units import ReadUnit
from app.usecases.act import Act
from app.usecases.read_identifiers import (
    GivenIdentifier,
    Readable,
    read_identifier,
    subject_of,
)

ORGANISATION = "org:"


@dataclass(frozen=True, slots=True)
class ObjectionCommand:
    """An objection as asked for. `controllers` are ids or `org:<number>`; None means all controllers."""

    kinds: tuple[str, ...]
    controllers: tuple[str, ...] | None
    identifiers: tuple[GivenIdentifier, ...]
    channels: int
    purposes: tuple[str, ...] | None = None
    mandate_id: UUID | None = None
    origin: Origin = Origin.AGENT
    declared_at: datetime | None = None
    instructed_at: datetime | None = None
    reference: str | None = None
    evidence: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ReadOne:
    """One identifier of a request: read, or refused with a reason of the identifier table. `spellings` are
    the fingerprints under which it is found, that of the canonical form first."""

    position: int
    type: str
    identifier: Readable | None
    reason: str | None = None
    proven: bool = False
    spellings: tuple[UUID, ...] = ()

    @property
    def read(self) -> Readable:
        """The identifier of one that was accepted."""
        if self.identifier is None:
            raise UnreadableIdentifier(self.reason or "EMPTY")
        return self.identifier

    @property
    def canonical(self) -> str | None:
        """The canonical form; None when it was refused or given as a hash."""
        return self.identifier.value if isinstance(self.identifier, Canonical) else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed while reading it."""
        return self.identifier.warnings if isinstance(self.identifier, Canonical) else ()


@dataclass(frozen=True, slots=True)
class Draft:
    """An objection that may be recorded: everything decided, nothing written. `will` is the keyed digest of
    who wants what, by which a repetition is recognised."""

    command: ObjectionCommand
    mandate: Mandate | None
    scope: Scope
    holders: Mapping[int, UUID]
    everywhere: bool
    identifiers: tuple[ReadOne, ...]
    subject: UUID
    will: UUID
    level: int
    minimum_levels: tuple[int, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The lists that get entries."""
        return (ALL_CONTROLLERS,) if self.everywhere else tuple(sorted(self.holders))

    @property
    def accepted(self) -> tuple[ReadOne, ...]:
        """The identifiers that were read."""
        return tuple(one for one in self.identifiers if one.identifier is not None)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What judging a batch needs to know, read in one statement each."""

    mandates: Mapping[UUID, Mandate]
    holders: Mapping[str, Sequence[Holder]]
    profiles: Mapping[int, ControllerProfile]


async def load_surroundings(unit: ReadUnit, commands: Sequence[ObjectionCommand]) -> Surroundings:
    """Mandates, addressed controllers and their policies for a whole batch."""
    named = {name for command in commands for name in command.controllers or ()}
    ids = [found for name in named if (found := _uuid(name)) is not None]
    org_nos = [name.removeprefix(ORGANISATION) for name in named if name.startswith(ORGANISATION)]
    mandates = await load_mandates(unit, {c.mandate_id for c in commands if c.mandate_id})
    holders = await find_holders(unit, PartyKind.CONTROLLER, ids, org_nos)
    profiles = await load_profiles(unit, {holder.controller_no for holder in holders})
    by_name: dict[str, list[Holder]] = {}
    for holder in holders:
        for name in (str(holder.party_id), ORGANISATION + holder.org_no):
            by_name.setdefault(_list_name(name), []).append(holder)
    return Surroundings(mandates, by_name, profiles)


def _list_name(name: str) -> str:
    """A controller's name as it is compared: its id, or `org:` and the key of its organisation number."""
    if name.startswith(ORGANISATION):
        return ORGANISATION + organisation_key(name.removeprefix(ORGANISATION))
    return name.lower()


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def judge(unit: ReadUnit, act: Act, command: ObjectionCommand, around: Surroundings) -> Draft:
    """Decide one objection. Raises RefusedError; parts that go too far are refused and the rest stands."""
    mandate = _mandate(act, command, around)
    _check_times(act, command)
    holders, unknown = _addressed(act, command, mandate, around)
    if mandate is None:
        scope = scope_of_person(command.kinds, command.purposes, command.channels)
    else:
        scope = scope_under_mandate(mandate, command.kinds, command.purposes, command.channels)
    everywhere = command.controllers is None
    identifiers = read_given(unit, act, command.identifiers, mandate, everywhere=everywhere)
    fingerprints = unit.instruments.fingerprints
    first = next(one.identifier for one in identifiers if one.identifier is not None)
    subject = mandate.subject if mandate else subject_of(fingerprints, first)
    scope = Scope(scope.kinds, scope.purposes, scope.channels, (*scope.refused, *unknown))
    levels = tuple(around.profiles[n].policy.minimum_level for n in holders)
    return Draft(
        command=command,
        mandate=mandate,
        scope=scope,
        holders=holders,
        everywhere=everywhere,
        identifiers=identifiers,
        subject=subject,
        will=_will(unit, act, command, scope, holders, identifiers),
        level=mandate.level if mandate else DIRECT_LEVEL,
        minimum_levels=levels,
    )


def _mandate(act: Act, command: ObjectionCommand, around: Surroundings) -> Mandate | None:
    if act.who.role is Role.AGENT:
        found = around.mandates.get(command.mandate_id) if command.mandate_id else None
        return admit_act(found, act.who.party_id, act.now, suspended=act.who.suspended)
    if command.origin is not Origin.SELF:
        raise RefusedError(Refusal.ROLE_DENIED, "Only an agent objects under a mandate.")
    if command.evidence is None:
        raise RefusedError(Refusal.EVIDENCE_REQUIRED)
    return None


def _check_times(act: Act, command: ObjectionCommand) -> None:
    latest = act.now + CLOCK_SKEW
    if any(stated is not None and stated > latest for stated in (command.declared_at, command.instructed_at)):
        raise RefusedError(Refusal.INVALID_TIME)


def _addressed(
    act: Act, command: ObjectionCommand, mandate: Mandate | None, around: Surroundings
) -> tuple[dict[int, UUID], list[RefusedPart]]:
    """The lists of the controllers addressed. What is unknown, or not in the mandate, is refused by itself;
    if nothing is left, the act is refused with the first code."""
    if command.controllers is None:
        return _everybody(act, mandate), []
    found: dict[int, UUID] = {}
    refused: list[RefusedPart] = []
    for name in dict.fromkeys(command.controllers):
        matching = around.holders.get(_list_name(name), [])
        code = _refusal_of(act, mandate, matching)
        if code is None:
            found |= {h.controller_no: h.party_id for h in matching}
        else:
            refused.append(RefusedPart("controller", name, code))
    if not found:
        raise RefusedError(refused[0].code)
    return found, refused


def _everybody(act: Act, mandate: Mandate | None) -> dict[int, UUID]:
    if mandate is not None and mandate.controllers is not None:
        raise RefusedError(Refusal.MANDATE_SCOPE, "The mandate names its controllers; all is more than that.")
    if act.who.role is Role.CUSTOMER_SERVICE:
        raise RefusedError(Refusal.AUTH_CONTROLLER)
    return {}


def _refusal_of(act: Act, mandate: Mandate | None, matching: Sequence[Holder]) -> Refusal | None:
    if not matching:
        return Refusal.AUTH_CONTROLLER
    if act.who.role is Role.CUSTOMER_SERVICE:
        try:
            for holder in matching:
                entitled(act.who, holder.party_id)
        except RefusedError as refused:
            return refused.code
    if mandate is not None and mandate.controllers is not None:
        named = {holder.controller_no for holder in matching} <= mandate.controllers
        return None if named else Refusal.MANDATE_SCOPE
    return None


def read_given(
    unit: ReadUnit,
    act: Act,
    given: Sequence[GivenIdentifier],
    mandate: Mandate | None,
    *,
    everywhere: bool,
    first: int = 0,
) -> tuple[ReadOne, ...]:
    """Read the identifiers of an objection; one that is usable is enough, none is `INVALID_IDENTIFIER`. A
    customer reference means something to one controller only."""
    read = tuple(_read(unit, act, n, one, mandate) for n, one in enumerate(given, first))
    usable = tuple(
        ReadOne(one.position, one.type, None, "UNKNOWN_TYPE")
        if everywhere and one.type == "customer_ref"
        else one
        for one in read
    )
    if not any(one.identifier is not None for one in usable):
        raise RefusedError(Refusal.INVALID_IDENTIFIER)
    return usable


def _read(
    unit: ReadUnit, act: Act, position: int, given: GivenIdentifier, mandate: Mandate | None
) -> ReadOne:
    try:
        identifier = read_identifier(given, act.now.date())
    except UnreadableIdentifier as unreadable:
        return ReadOne(position, given.type, None, unreadable.reason)
    spellings = tuple(dict.fromkeys(unit.instruments.fingerprints.indexed(identifier)))
    proven = mandate is None or admit_identifier(mandate, given.type, frozenset(spellings))
    return ReadOne(position, given.type, identifier, None, proven, spellings)


def _will(
    unit: ReadUnit,
    act: Act,
    command: ObjectionCommand,
    scope: Scope,
    holders: Mapping[int, UUID],
    identifiers: Sequence[ReadOne],
) -> UUID:
    read = {str(one.spellings[0]) for one in identifiers if one.spellings}
    parts = (
        str(act.who.party_id),
        str(command.mandate_id),
        ",".join(sorted(scope.kinds)),
        f"{scope.purposes}/{scope.channels}",
        "all" if command.controllers is None else ",".join(map(str, sorted(holders))),
        ",".join(sorted(read)),
    )
    return unit.instruments.fingerprints.text("subject", "will " + " ".join(parts))
