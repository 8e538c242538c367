"""Taking in a mandate: who authorised which agent to what, verified, and kept also when it fails.

A mandate whose checks fail is registered as rejected with every finding: an auditor wants to see forgeries
(GDPR Art. 12(6) asks for proof of who acts). What was sent is sealed verbatim, so that the evidence can be
checked again by anybody who may open it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.crypto.claims import claims_digest
from app.domain.identifier import REASONS, Canonical, UnreadableIdentifier, country_of
from app.domain.mandate import (
    CheckResult,
    MandateState,
    judge_evidence_kind,
    judge_rights,
    judge_validity,
    level_of,
    verified_state,
)
from app.domain.parties import PartyKind
from app.domain.refusals import Refusal, RefusedError
from app.storage.agent_figures import note_device
from app.storage.events import Event, record_events
from app.storage.mandates import add_mandate, mandate_rows
from app.storage.parties import find_holders
from app.storage.sealed import Plain, seal
from app.storage.units import ReadUnit, WriteUnit
from app.usecases.act import Act
from app.usecases.check_evidence import SentMandate, check_evidence
from app.usecases.mandate_view import MandateView, show_mandates
from app.usecases.read_identifiers import GivenIdentifier, Readable, plain_of, read_identifier, subject_of
from app.usecases.verify_bankid import device_of

REGISTERED = "mandate.registered"

_ORGANISATION = "org:"


@dataclass(frozen=True, slots=True, repr=False)
class MandateCommand:
    """A mandate as sent. `controllers` are ids or `org:<number>`, None means all; `channels` is a scope
    mask; `received` is the whole request, verbatim."""

    received: Mapping[str, Any]
    grantor: GivenIdentifier
    rights: tuple[str, ...]
    controllers: tuple[str, ...] | None
    channels: int
    identifiers: tuple[GivenIdentifier, ...]
    valid_from: datetime
    valid_to: datetime
    signed_at: datetime
    template: Mapping[str, Any] | None
    keep_if_unknown: bool
    evidence_kind: str


@dataclass(frozen=True, slots=True)
class _Verified:
    """What came out of the checks."""

    claims_digest: str
    checks: tuple[CheckResult, ...]
    state: MandateState
    level: int


async def register_mandate(unit: WriteUnit, act: Act, command: MandateCommand) -> MandateView:
    """Register a mandate. Raises RefusedError for what cannot be a mandate at all."""
    if act.who.suspended:
        raise RefusedError(Refusal.AGENT_SUSPENDED)
    judge_evidence_kind(command.evidence_kind)
    judge_rights(command.rights)
    judge_validity(command.valid_from, command.valid_to)
    numbers = await _addressed(unit, command.controllers)
    grantor = _read(act, command.grantor, "/grantor")
    proven = [_read(act, one, f"/identifiers/{n}") for n, one in enumerate(command.identifiers)]
    fingerprints = _fingerprints(unit, grantor, proven)
    mandate_id = act.new_id()
    verified = await _verify(unit, act, command, mandate_id, grantor)
    row = _row(unit, act, command, numbers, verified)
    row["id"] = mandate_id
    row["subject"] = subject_of(unit.instruments.fingerprints, grantor)
    sealed = {
        "request": command.received,
        "claims_digest": verified.claims_digest,
        "grantor": plain_of(grantor),
        "identifiers": [plain_of(one) for one in proven],
    }
    await record_events(unit, [_event(act, row["id"], command, grantor, proven, verified)])
    await add_mandate(unit, row, fingerprints, verified.checks, verified.state)
    if (device := device_of(command.received["evidence"])) is not None:
        await note_device(unit, mandate_id, device, act.event_id)
    await seal(unit, [Plain(row["sealed_id"], row["subject"], "mandate", sealed)], act.now)
    return (await show_mandates(unit, await mandate_rows(unit, [row["id"]]), act.now))[0]


async def _addressed(unit: ReadUnit, names: Sequence[str] | None) -> list[int] | None:
    """The lists of the named controllers; an organisation stands for all of its lists. A single unknown one
    refuses the mandate: it must not be kept as if it reached further than it does."""
    if names is None:
        return None
    org_nos = {name.removeprefix(_ORGANISATION) for name in names if name.startswith(_ORGANISATION)}
    ids = {UUID(name) for name in names if not name.startswith(_ORGANISATION)}
    holders = await find_holders(unit, PartyKind.CONTROLLER, ids, org_nos)
    if not (
        ids <= {h.party_id for h in holders}
        and all(any(h.is_organisation(n) for h in holders) for n in org_nos)
    ):
        raise RefusedError(Refusal.AUTH_CONTROLLER)
    return [holder.controller_no for holder in holders]


def _read(act: Act, given: GivenIdentifier, pointer: str) -> Readable:
    try:
        return read_identifier(given, act.now.date())
    except UnreadableIdentifier as unreadable:
        detail = f"{pointer} cannot be read: {REASONS[unreadable.reason]}."
        raise RefusedError(Refusal.INVALID_IDENTIFIER, detail) from None


def _fingerprints(unit: ReadUnit, grantor: Readable, proven: Sequence[Readable]) -> list[dict[str, Any]]:
    """Every form of the grantor and of what the agent has shown, each once. A personal number that is not
    the grantor's is somebody else."""
    indexed = unit.instruments.fingerprints.indexed
    of_grantor = dict.fromkeys(indexed(grantor))
    for one in proven:
        if one.type == "personal_number" and of_grantor.keys().isdisjoint(indexed(one)):
            raise RefusedError(Refusal.IDENTIFIER_NOT_GRANTOR)
    shown = dict.fromkeys(form for one in proven for form in indexed(one) if form not in of_grantor)
    return [
        *({"fingerprint": form, "grantor": True} for form in of_grantor),
        *({"fingerprint": form, "grantor": False} for form in shown),
    ]


async def _verify(
    unit: WriteUnit, act: Act, command: MandateCommand, mandate_id: UUID, grantor: Readable
) -> _Verified:
    digest = claims_digest(command.received)
    number = grantor.value if isinstance(grantor, Canonical) else ""
    times = command.signed_at, command.valid_from, command.valid_to, act.now
    sent = SentMandate(mandate_id, act.who.party_id, command.received, digest, number, times)
    checks = await check_evidence(unit, act, sent)
    return _Verified(digest, checks, verified_state(checks), level_of(command.evidence_kind, checks))


def _row(
    unit: ReadUnit, act: Act, command: MandateCommand, numbers: list[int] | None, verified: _Verified
) -> dict[str, Any]:
    """The digest of the claims is kept keyed: where all but one number is known, whoever steals the database
    could search through a bare one until it fits. As it is, it lies in the vault."""
    return {
        "agent_id": act.who.party_id,
        "rights": list(dict.fromkeys(command.rights)),
        "controllers": numbers,
        "channels": command.channels,
        "valid_from": command.valid_from,
        "valid_to": command.valid_to,
        "signed_at": command.signed_at,
        "template": dict(command.template) if command.template else None,
        "keep_if_unknown": command.keep_if_unknown,
        "claims_digest": str(unit.instruments.fingerprints.text("subject", verified.claims_digest)),
        "evidence_kind": command.evidence_kind,
        "level": verified.level,
        "received_at": act.now,
        "sealed_id": act.new_id(),
        "event_id": act.event_id,
    }


def _event(
    act: Act,
    mandate_id: UUID,
    command: MandateCommand,
    grantor: Readable,
    proven: Sequence[Readable],
    verified: _Verified,
) -> Event:
    detail = {
        "state": verified.state.value,
        "level": verified.level,
        "evidence": command.evidence_kind,
        "checks": {check.code: check.outcome.value for check in verified.checks},
        "grantor": {"type": grantor.type, "country": country_of(command.grantor.region)},
        "identifiers": [{"type": one.type, "warnings": list(_warnings(one))} for one in proven],
    }
    return Event(
        act.event_id, act.now, REGISTERED, act.caller, mandate_id, "done", act.request_digest, detail
    )


def _warnings(identifier: Readable) -> tuple[str, ...]:
    return identifier.warnings if isinstance(identifier, Canonical) else ()
