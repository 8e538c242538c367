"""Verifying a signed statement that the grantor signed a mandate with Freja or MitID.

Expected is the same as of a BankID signature: the registered text with these claims, their digest, an order
by this agent, and the grantor's own hand. A statement without a digest binds nothing, and fails; one without
the text leaves open what the person read.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.crypto.eid_issuers import Issuers
from app.crypto.eid_statements import Statement, read_statement
from app.domain.eid_checks import EidSubmission, run_eid_checks
from app.domain.identifier import Canonical, UnreadableIdentifier
from app.domain.mandate import FREJA_SE, MITID_DK, CheckResult, Outcome
from app.domain.refusals import Refusal, RefusedError
from app.storage.evidence import use_evidence
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.read_identifiers import GivenIdentifier, read_identifier
from app.usecases.verify_bankid import Expected

_COUNTRIES: Final = {FREJA_SE: "SE", MITID_DK: "DK"}
"""Whose personal numbers an eID speaks of."""


async def verify_eid(
    unit: WriteUnit,
    act: Act,
    mandate_id: UUID,
    times: tuple[datetime, datetime],
    evidence: tuple[str, str],
    expected: Expected,
) -> tuple[CheckResult, ...]:
    """Every check of a statement. `times`: when the mandate was signed and received; `evidence`: the scheme
    and the JWS. Only one that fails no other is used up by the mandate, and by no other mandate after it."""
    issuers: Issuers = unit.instruments.eid
    if not issuers.of_scheme(evidence[0]):
        detail = "This deployment has no issuer pinned for this eID (SPARR_EID_ISSUERS)."
        raise RefusedError(Refusal.EVIDENCE_KIND_UNSUPPORTED, detail)
    read = read_statement(evidence[1], evidence[0], issuers)
    found = _submission(read, evidence[0], expected, times)
    others = run_eid_checks(replace(found, unused=True))
    if any(check.outcome is Outcome.FAILED for check in others):
        return run_eid_checks(found)
    unused = await use_evidence(unit, read.digest, mandate_id, act.event_id)
    return run_eid_checks(replace(found, unused=unused))


def _submission(
    read: Statement, scheme: str, expected: Expected, times: tuple[datetime, datetime]
) -> EidSubmission:
    signed_at, received_at = times
    found = EidSubmission(
        received_at=received_at,
        signed_at=signed_at,
        readable=read.readable,
        issuer=read.issuer,
        key=read.key,
        algorithm=read.algorithm,
        signature=read.signature,
    )
    if not read.signature:
        return found
    text = expected.text
    return replace(
        found,
        for_agent=read.audience in expected.relying_parties,
        issued_at=read.issued_at,
        signed_by_grantor=_is_grantor(read.signer, scheme, expected.grantor, received_at),
        text_is_template=None if text is None or read.visible is None else read.visible == text,
        claims_bound=read.hidden == expected.hidden,
    )


def _is_grantor(stated: str | None, scheme: str, grantor: str, now: datetime) -> bool:
    if stated is None:
        return False
    try:
        given = GivenIdentifier("personal_number", stated, None, _COUNTRIES[scheme])
        read = read_identifier(given, now.date())
    except UnreadableIdentifier:
        return False
    return isinstance(read, Canonical) and read.value == grantor
