"""A mandate and its evidence for the tests; what a test does not say is ordinary."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.domain.mandate import Mandate, MandateState, Submission

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
AGENT, OTHER_AGENT = UUID(int=1), UUID(int=2)

SIGNED = Submission(
    evidence_kind="agent_jws",
    signed_at=NOW - DAY,
    valid_from=NOW - DAY,
    valid_to=NOW + DAY,
    received_at=NOW,
    key_registered=True,
    signature_verified=True,
    digest_matches=True,
)
CLAIMED = replace(
    SIGNED, evidence_kind="external_ref", key_registered=None, signature_verified=None, digest_matches=None
)
MANDATE = Mandate(
    id=UUID(int=3),
    agent_id=AGENT,
    subject=UUID(int=4),
    rights=frozenset({"object_dm"}),
    controllers=None,
    channels=1,
    valid_from=NOW - DAY,
    valid_to=NOW + DAY,
    level=1,
    state=MandateState.ACTIVE,
    signature_failed=False,
    grantor=frozenset(),
    proven=frozenset(),
)
