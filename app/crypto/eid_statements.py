"""Reading a signed statement about an eID signature (compact JWS, RFC 7515) under pinned issuers.

Nothing of the payload is believed before the signature is known to be good, save which pinned issuer's keys
to try. A header may not bring its own key, nor anything else that would have to be understood.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from app.crypto.compact_jws import foreign_parts
from app.crypto.eid_issuers import Issuer, Issuers

_NUMERIC_DATES: Final = range(2**36)


@dataclass(frozen=True, slots=True, repr=False)
class Statement:
    """What was found. None: it could not be tried, or the statement does not say it. `digest` names what was
    signed, whatever the signature is spelled like."""

    readable: bool
    issuer: bool | None = None
    key: bool | None = None
    algorithm: bool | None = None
    signature: bool | None = None
    audience: str | None = None
    issued_at: datetime | None = None
    signer: str | None = None
    hidden: str | None = None
    visible: str | None = None
    digest: bytes = b""


def read_statement(jws: str, scheme: str, issuers: Issuers) -> Statement:
    """Examine a statement under the issuers that are pinned for its scheme."""
    parsed = foreign_parts(jws)
    if parsed is None:
        return Statement(readable=False)
    header, payload, signature = parsed
    issuer = issuers.pinned.get((scheme, str(payload.get("iss"))))
    if issuer is None:
        return Statement(readable=True, issuer=False)
    key = issuer.keys.get(header.get("kid", ""))
    if key is None or header.get("alg") != key.algorithm:
        return Statement(
            readable=True, issuer=True, key=key is not None, algorithm=None if key is None else False
        )
    signed = jws.rpartition(".")[0].encode()
    found = Statement(
        readable=True, issuer=True, key=True, algorithm=True, signature=key.verifies(signature, signed)
    )
    return _said(found, issuer, payload, sha256(signed).digest()) if found.signature else found


def _said(found: Statement, issuer: Issuer, payload: Mapping[str, Any], digest: bytes) -> Statement:
    """What a statement says whose signature is good. One without a date is none."""
    if not _is_date(payload.get("iat")):
        return Statement(readable=False)
    return replace(
        found,
        audience=_audience(payload.get("aud")),
        issued_at=datetime.fromtimestamp(payload["iat"], UTC),
        signer=_at(payload, issuer.signer),
        hidden=_at(payload, issuer.hidden),
        visible=_at(payload, issuer.visible),
        digest=digest,
    )


def _is_date(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _NUMERIC_DATES


def _audience(stated: object) -> str:
    """A statement is for one party; one for several is for nobody (RFC 7519 section 4.1.3)."""
    if isinstance(stated, list) and len(stated) == 1:
        stated = stated[0]
    return stated if isinstance(stated, str) else ""


def _at(payload: Mapping[str, Any], pointer: str) -> str | None:
    """The text that a JSON pointer (RFC 6901) leads to."""
    found: Any = payload
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None
