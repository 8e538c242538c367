"""Recording consents and relationships, one or many: they belong to the controller's own list and are bound
to the identifier. The same thing again, while it stands, gets what stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.consent import CONSENT_OBJECTION_CONFLICT
from app.domain.entry import EntryKind
from app.domain.fact_kind import FactKind
from app.domain.identifier import HashedIdentifier, UnreadableIdentifier
from app.domain.mandate import CLOCK_SKEW
from app.domain.purposes import DM_MASK
from app.domain.refusals import Refusal, RefusedError
from app.storage.entries import mark_hash_only
from app.storage.events import Event, record_events
from app.storage.facts import Facts, add_facts, prepare_list
from app.storage.lookups import find_entries, open_lists
from app.storage.sealed import Plain, seal
from app.storage.units import ReadUnit, WriteUnit
from app.storage.versions import lock_lists, take_versions_each
from app.usecases.act import Act
from app.usecases.fact_view import FactView
from app.usecases.read_identifiers import GivenIdentifier, Readable, plain_of, read_identifier, subject_of
from app.usecases.record_objection import aside
from app.usecases.restate_wishes import NewConsent, restate_wishes


@dataclass(frozen=True, slots=True)
class FactCommand:
    """A consent or a relationship for one list. `columns` are what its table has beyond what every fact has;
    `began_at` is the moment it states, `said` what the sender adds in its own words, to be sealed."""

    kind: FactKind
    identifier: GivenIdentifier
    columns: Mapping[str, Any]
    began_at: datetime | None
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FactDraft:
    """A consent or a relationship that may be recorded."""

    command: FactCommand
    identifier: Readable
    spellings: tuple[UUID, ...]
    subject: UUID

    @property
    def wording(self) -> tuple[Any, ...]:
        """What makes two of them the same."""
        return (self.spellings[0], *(value for _, value in sorted(self.command.columns.items())))


@dataclass(frozen=True, slots=True)
class Told:
    """A fact that may be recorded, the act that it is (its event is its own), and the event under which its
    list gets its next version: a batch has one for all."""

    act: Act
    draft: FactDraft
    version_event: UUID


FactOutcome = FactView | RefusedError


async def record_fact(unit: WriteUnit, act: Act, controller_no: int, command: FactCommand) -> FactView:
    """One consent or relationship. Raises RefusedError."""
    told = Told(act, draft_fact(unit, act, command), act.event_id)
    return (await record_told(unit, controller_no, [told]))[0]


async def record_facts(
    unit: WriteUnit, act: Act, controller_no: int, commands: Sequence[FactCommand], *, abort: bool = False
) -> list[FactOutcome]:
    """The outcome of each, in order. With `abort` the first refusal refuses the whole batch."""
    judged = await aside(len(commands), lambda: [_judged(unit, act, command) for command in commands])
    refused = [one for one in judged if isinstance(one, RefusedError)]
    if abort and refused:
        raise RefusedError(Refusal.BATCH_ABORTED)
    told = [Told(act.part(), one, act.event_id) for one in judged if isinstance(one, FactDraft)]
    views = iter(await record_told(unit, controller_no, told))
    counts = {"received": len(told), "refused": len(refused)}
    event = Event(act.event_id, act.now, "fact.batch", act.caller, None, "done", act.request_digest, counts)
    await record_events(unit, [event])
    return [one if isinstance(one, RefusedError) else next(views) for one in judged]


def _judged(unit: WriteUnit, act: Act, command: FactCommand) -> FactDraft | RefusedError:
    try:
        return draft_fact(unit, act, command)
    except RefusedError as refused:
        return refused


def draft_fact(unit: WriteUnit, act: Act, command: FactCommand) -> FactDraft:
    """Read one; nothing is written. Raises RefusedError."""
    if command.began_at is not None and command.began_at > act.now + CLOCK_SKEW:
        raise RefusedError(Refusal.INVALID_TIME)
    try:
        identifier = read_identifier(command.identifier, act.now.date())
    except UnreadableIdentifier:
        raise RefusedError(Refusal.INVALID_IDENTIFIER) from None
    fingerprints = unit.instruments.fingerprints
    spellings = tuple(dict.fromkeys(fingerprints.indexed(identifier)))
    columns = {
        name: min(value, act.now) if isinstance(value, datetime) else value
        for name, value in command.columns.items()
    }
    told = replace(command, columns=columns)
    return FactDraft(told, identifier, spellings, subject_of(fingerprints, identifier))


async def record_told(unit: WriteUnit, number: int, told: Sequence[Told]) -> list[FactView]:
    """Write what is new in this list, all of one kind; recognise what stands, or comes twice among these."""
    if not told:
        return []
    kind = told[0].draft.command.kind
    await lock_lists(unit, [number])
    standing = await _standing(unit, kind, number, [one.draft for one in told])
    plan: list[tuple[Told, bool]] = []
    for one in told:
        repeated = one.draft.wording in standing
        if not repeated:
            standing[one.draft.wording] = _row(number, one)
        plan.append((one, repeated))
    new = [(one, standing[one.draft.wording]) for one, repeated in plan if not repeated]
    await _write(unit, number, kind, new)
    await record_events(
        unit, [_event(kind, one, standing[one.draft.wording], repeated=repeated) for one, repeated in plan]
    )
    scopes = [Scope.of(one.draft.command.columns, one.draft.spellings) for one in told]
    conflicts = await conflicts_of(unit, kind, number, scopes)
    return [
        _view(kind, one.draft, standing[one.draft.wording], conflicts[n], repeated=repeated)
        for n, (one, repeated) in enumerate(plan)
    ]


def _event(kind: FactKind, one: Told, row: Mapping[str, Any], *, repeated: bool) -> Event:
    name = f"{kind.name.lower()}.{'repeated' if repeated else 'recorded'}"
    stamp = one.act.event_id, one.act.now, name, one.act.caller, row["id"]
    return Event(*stamp, "done", one.act.request_digest, {"version": row["version"]})


def _row(number: int, one: Told) -> dict[str, Any]:
    draft, act = one.draft, one.act
    return {
        **draft.command.columns,
        "controller_no": number,
        "id": act.new_id(),
        "fingerprint": draft.spellings[0],
        "sealed_id": act.new_id(),
        "event_id": act.event_id,
        "recorded_at": act.now,
        "identifier_type": draft.identifier.type,
    }


async def _standing(
    unit: WriteUnit, kind: FactKind, number: int, drafts: Sequence[FactDraft]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """What is in force already, by its wording."""
    columns = sorted(drafts[0].command.columns)
    rows = await Facts(unit, kind, number).spelt({draft.spellings[0] for draft in drafts})
    live = [dict(row) for row in rows if row["ended_at"] is None]
    return {(row["fingerprint"], *(row[name] for name in columns)): row for row in live}


async def _write(
    unit: WriteUnit, number: int, kind: FactKind, new: Sequence[tuple[Told, dict[str, Any]]]
) -> None:
    """The new ones; each row gets its version here."""
    if not new:
        return
    versions = await take_versions_each(unit, [(number, one.version_event, one.act.now) for one, _ in new])
    for one, row in new:
        row["version"] = versions[number, one.version_event]
    first, row = new[0]
    place = {"controller_no": number, "version": row["version"]}
    await prepare_list(unit, kind, place, first.act.new_id(), (first.act.event_id, first.act.now))
    plains: list[Plain] = []
    keys: list[dict[str, Any]] = []
    for one, row in new:
        draft, place = one.draft, {"controller_no": number, "version": row["version"]}
        plain = plain_of(draft.identifier)
        plains.append(Plain(row["sealed_id"], draft.subject, "identifier", plain, draft.spellings[0]))
        if draft.command.said:
            plains.append(Plain(row["id"], draft.subject, kind.name.lower(), dict(draft.command.said)))
        keys += [{**place, "fingerprint": each, "fact_id": row["id"]} for each in draft.spellings]
    await seal(unit, plains, first.act.now)
    await add_facts(unit, kind, [row for _, row in new], keys)
    if any(isinstance(one.draft.identifier, HashedIdentifier) for one, _ in new):
        await mark_hash_only(unit, [number], first.act.event_id)
    if kind is FactKind.CONSENT:
        dated = [_consent(one, row) for one, row in new if row["given_at"]]
        await restate_wishes(unit, number, dated)


def _consent(one: Told, row: Mapping[str, Any]) -> NewConsent:
    return NewConsent(one.act, row["version"], one.draft.spellings, row["channels"], row["given_at"])


@dataclass(frozen=True, slots=True)
class Scope:
    """What a consent reaches: under which spellings, in which channels and for which direct marketing."""

    spellings: tuple[UUID, ...]
    channels: int
    purposes: int

    @staticmethod
    def of(columns: Mapping[str, Any], spellings: tuple[UUID, ...]) -> "Scope":
        """From the columns of a consent; a relationship has none."""
        return Scope(spellings, columns.get("channels", 0), columns.get("purposes", 0) & DM_MASK)


async def conflicts_of(
    unit: ReadUnit, kind: FactKind, number: int, scopes: Sequence[Scope]
) -> list[tuple[str, ...]]:
    """For each consent, whether an objection to direct marketing stands in its scope."""
    if kind is not FactKind.CONSENT or not scopes:
        return [()] * len(scopes)
    lists = await open_lists(unit, number, None)
    found = await find_entries(unit, lists, b"".join(each.bytes for one in scopes for each in one.spellings))
    wanted = {EntryKind.OBJECTION, EntryKind.OBJECTION_GENERAL}
    answers: list[tuple[str, ...]] = []
    for one in scopes:
        entries = [entry for each in one.spellings for entry in found.get(each, ()) if entry.kind in wanted]
        stands = any(entry.channels & one.channels and entry.purposes & one.purposes for entry in entries)
        answers.append((CONSENT_OBJECTION_CONFLICT,) if stands else ())
    return answers


def _view(
    kind: FactKind, draft: FactDraft, row: Mapping[str, Any], conflicts: tuple[str, ...], *, repeated: bool
) -> FactView:
    canonical = plain_of(draft.identifier).get("canonical")
    view = FactView.of(kind, row, canonical, draft.subject)
    return replace(view, conflicts=conflicts, duplicate=repeated)
