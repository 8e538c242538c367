"""Verifying a BankID signature under a mandate: what is expected of it, and what was found.

Expected are the registered text with these claims, their digest, an order by this agent, and the grantor's
own hand. The signature is examined without asking anybody, so that anybody can examine it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.crypto.bankid.chain import Trust
from app.crypto.bankid.examine import Examined, examine
from app.domain.bankid_checks import BankIdSubmission, run_bankid_checks
from app.domain.mandate import BANKID_SE, CheckResult, Outcome
from app.domain.mandate_texts import MANDATE_TEXTS, Claims, rendered
from app.domain.refusals import Refusal, RefusedError
from app.storage.evidence import relying_parties, use_evidence
from app.storage.parties import find_party
from app.storage.units import ReadUnit, WriteUnit
from app.usecases.act import Act

_HIDDEN: Final = "objmandate:1:"
_LONGEST_DEVICE: Final = 200


@dataclass(frozen=True, slots=True, repr=False)
class Expected:
    """What a signature under this mandate must show. `text` is None where no registered text is named."""

    grantor: str
    relying_parties: frozenset[str]
    text: str | None
    hidden: str


def hidden_data(digest: str) -> str:
    """What is signed unseen: the digest of the claims, `objmandate:1:sha256:…`."""
    return _HIDDEN + digest


def device_of(evidence: Mapping[str, Any]) -> str | None:
    """The device that a collect answer names, as BankID's own identifier of its hardware; None of other
    evidence. The network address beside it says less: many people share one."""
    named = evidence["collect"]["completionData"].get("device") if evidence["kind"] == BANKID_SE else None
    found = named.get("uhi") if isinstance(named, Mapping) else None
    return found if isinstance(found, str) and 0 < len(found) <= _LONGEST_DEVICE else None


async def expected_of(
    unit: ReadUnit, agent_id: UUID, received: Mapping[str, Any], grantor: str, digest: str
) -> Expected:
    """What an eID signature under these claims must show. `grantor` is the canonical personal number."""
    ordered_by = await relying_parties(unit, agent_id, received["evidence"]["kind"])
    return Expected(grantor, ordered_by, await visible_text(unit, agent_id, received), hidden_data(digest))


async def visible_text(unit: ReadUnit, agent_id: UUID, received: Mapping[str, Any]) -> str | None:
    """The registered text with the claims of a request in it; None without a text or a name to put in."""
    named = received.get("template") or {}
    which: Any = tuple(named.get(part) for part in ("id", "version", "language"))
    text = MANDATE_TEXTS.get(which)
    agent, name = await find_party(unit, agent_id), received["grantor"].get("name")
    if text is None or agent is None or not name:
        return None
    claims = Claims(
        grantor=name,
        agent=agent.name,
        agent_org_no=agent.org_no,
        rights=tuple(dict.fromkeys(received["rights"])),
        controllers=_named(received["controllers"]),
        channels=_named(received["channels"]),
        valid_from=datetime.fromisoformat(received["valid_from"]),
        valid_to=datetime.fromisoformat(received["valid_to"]),
    )
    return rendered(text, claims)


def _named(names: str | Sequence[str]) -> Sequence[str] | None:
    return None if names == "all" else names


async def verify_bankid(
    unit: WriteUnit,
    act: Act,
    mandate_id: UUID,
    times: tuple[datetime, datetime],
    completion: Mapping[str, Any],
    expected: Expected,
) -> tuple[CheckResult, ...]:
    """Every check of a BankID signature. `times`: when the mandate was signed and received. Only one that
    passes all others is used up by the mandate: a forger who comes first must not spoil it for the person."""
    trust: Trust | None = unit.instruments.bankid
    if trust is None:
        detail = "This deployment has no BankID root pinned (SPARR_BANKID_ROOTS)."
        raise RefusedError(Refusal.EVIDENCE_KIND_UNSUPPORTED, detail)
    signed_at, received_at = times
    examined = examine(completion, trust, received_at)
    found = _submission(examined, expected, received_at, signed_at)
    others = run_bankid_checks(replace(found, unused=True))
    if all(check.outcome is Outcome.PASSED for check in others):
        unused = await use_evidence(unit, examined.signature_digest, mandate_id, act.event_id)
        return run_bankid_checks(replace(found, unused=unused))
    return run_bankid_checks(found)


def _submission(
    examined: Examined, expected: Expected, received_at: datetime, signed_at: datetime
) -> BankIdSubmission:
    """What was found, held against what is expected."""
    if not examined.readable:
        return BankIdSubmission(received_at=received_at, signed_at=signed_at, readable=False)
    revocation = examined.revocation
    text, hidden = expected.text, expected.hidden.encode()
    proven = revocation.at if revocation and revocation.signed and revocation.bound else None
    return BankIdSubmission(
        received_at=received_at,
        signed_at=signed_at,
        readable=True,
        digests=examined.digests,
        signature=examined.signature,
        chain=examined.chain,
        key_usage=examined.key_usage,
        policy=examined.policy,
        responder=revocation.signed if revocation else None,
        good=revocation.good if revocation else None,
        bound=revocation.bound if revocation else None,
        proven_at=proven,
        act=examined.act,
        ordered_by_agent=examined.relying_party in expected.relying_parties,
        signed_by_grantor=examined.signer == expected.grantor,
        user_is_signer=examined.stated == examined.signer,
        text_is_template=None if text is None else examined.visible == text.encode(),
        claims_bound=examined.hidden == hidden,
    )
