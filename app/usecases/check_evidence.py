"""The evidence that a mandate came with, checked as of when it was received: at first, and whenever again."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any, NamedTuple
from uuid import UUID

from app.crypto.tokens import BadToken, VerificationKeys, key_id, verify_detached_claims
from app.domain.document_evidence import document_checks
from app.domain.mandate import BANKID_SE, DOCUMENT, STATEMENT_SCHEMES, CheckResult, Submission, run_checks
from app.storage.parties import agent_keys
from app.storage.units import ReadUnit, WriteUnit
from app.usecases.act import Act
from app.usecases.verify_bankid import expected_of, verify_bankid
from app.usecases.verify_eid import verify_eid


@dataclass(frozen=True, slots=True, repr=False)
class SentMandate:
    """What is checked. `request` is verbatim, `digest` that of its claims, `grantor` the canonical personal
    number; `times`: signed, valid from, valid to, received."""

    id: UUID
    agent_id: UUID
    request: Mapping[str, Any]
    digest: str
    grantor: str
    times: tuple[datetime, datetime, datetime, datetime]


class _Signature(NamedTuple):
    """None: there was nothing to try. A payload says nothing before its signature is known to be good."""

    key_registered: bool | None
    verifies: bool | None
    digest_matches: bool | None


async def check_evidence(
    unit: WriteUnit, act: Act, sent: SentMandate, *, accepted: bool | None = None
) -> tuple[CheckResult, ...]:
    """Every check of its kind of evidence. `accepted`: what an admin has seen of a document; None: nobody has
    looked yet."""
    evidence, moments = sent.request["evidence"], (sent.times[0], sent.times[-1])
    kind = evidence["kind"]
    if kind != BANKID_SE and kind not in STATEMENT_SCHEMES:
        return await _said_by_agent(unit, sent, accepted=accepted)
    expected = await expected_of(unit, sent.agent_id, sent.request, sent.grantor, sent.digest)
    if kind == BANKID_SE:
        completion = evidence["collect"]["completionData"]
        return await verify_bankid(unit, act, sent.id, moments, completion, expected)
    return await verify_eid(unit, act, sent.id, moments, (kind, evidence["jws"]), expected)


async def _said_by_agent(
    unit: ReadUnit, sent: SentMandate, *, accepted: bool | None
) -> tuple[CheckResult, ...]:
    """The checks of what an agent signed, sent or says."""
    evidence, found = sent.request["evidence"], _Signature(None, None, None)
    if "jws" in evidence:
        keys = VerificationKeys(await agent_keys(unit, sent.agent_id))
        found = _examine(evidence["jws"], keys, sent.digest)
    signed_at, valid_from, valid_to, received_at = sent.times
    given = Submission(
        evidence_kind=evidence["kind"],
        signed_at=signed_at,
        valid_from=valid_from,
        valid_to=valid_to,
        received_at=received_at,
        key_registered=found.key_registered,
        signature_verified=found.verifies,
        digest_matches=found.digest_matches,
    )
    if evidence["kind"] == DOCUMENT:
        content = _decoded(evidence["content"])
        return document_checks(evidence["media_type"], content, given, accepted=accepted)
    return run_checks(given)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _examine(jws: str, keys: VerificationKeys, digest: str) -> _Signature:
    """RFC 7515, ES256 only, with the key that the header names and this agent has registered."""
    kid = key_id(jws)
    if kid is None:
        return _Signature(None, verifies=False, digest_matches=None)
    if keys.get(kid) is None:
        return _Signature(key_registered=False, verifies=None, digest_matches=None)
    try:
        signed = verify_detached_claims(jws, keys).get("claims_digest")
    except BadToken:
        return _Signature(key_registered=True, verifies=False, digest_matches=None)
    matches = isinstance(signed, str) and compare_digest(signed.encode(), digest.encode())
    return _Signature(key_registered=True, verifies=True, digest_matches=matches)
