"""The evidence for a mandate: whatever shows that the grantor gave it (GDPR Art. 12(6))."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from app.api.schemas.base import Request, Text500

_LONGEST_JWS = 8 * 1024
_LONGEST_DOCUMENT = 960 * 1024


class AgentJws(Request):
    """A compact JWS (RFC 7515), ES256, by a key that the agent has registered; its payload is
    `{"claims_digest": "sha256:…"}`."""

    kind: Literal["agent_jws"]
    jws: Annotated[str, StringConstraints(max_length=_LONGEST_JWS)]


class ExternalReference(Request):
    """The agent says that it holds the mandate: level L0."""

    kind: Literal["external_ref"]
    reference: Text500


class BankIdCollect(Request):
    """What BankID's `collect` answered when the order was complete, as it came; other members are kept."""

    model_config = ConfigDict(extra="ignore")

    completionData: dict[str, Any]  # noqa: N815 - BankID's name


class BankIdSignature(Request):
    """A BankID signature of the grantor, with the answer of `collect` verbatim. The text that was shown and
    the data that was signed unseen are those of `POST /v1/mandates/preview`."""

    kind: Literal["bankid_se"]
    collect: BankIdCollect


class EidStatement(Request):
    """A statement that the grantor signed with Freja (`freja_se`) or MitID (`mitid_dk`): a compact JWS of an
    issuer that this registry has pinned, just as it came."""

    kind: Literal["freja_se", "mitid_dk"]
    jws: Annotated[str, StringConstraints(max_length=_LONGEST_JWS)]


class Document(Request):
    """A signed paper, scanned: PDF, PNG or JPEG in base64 (RFC 4648 section 4). Level L0 until an admin has
    looked at it, then L2."""

    kind: Literal["document"]
    media_type: Literal["application/pdf", "image/png", "image/jpeg"]
    content: Annotated[str, StringConstraints(min_length=4, max_length=_LONGEST_DOCUMENT)]


Evidence = Annotated[
    AgentJws | ExternalReference | BankIdSignature | EidStatement | Document, Field(discriminator="kind")
]
"""Told apart by `kind`."""
