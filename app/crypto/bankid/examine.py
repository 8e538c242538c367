"""Everything that can be found out about a BankID signature from itself, told as facts."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.crypto.bankid.chain import (
    Trust,
    has_policy,
    leads_to_root,
    load_certificates,
    may_sign_a_will,
    name_of,
    personal_number_of,
)
from app.crypto.bankid.document import BadDocument, SignatureDocument, read_document
from app.crypto.bankid.revocation import Revocation, read_revocation

_FEWEST_BITS = 2048


@dataclass(frozen=True, slots=True, repr=False)
class Examined:
    """The facts about one signature. None: it could not be tried, because something before it failed.

    `signer` is the personal number of the certificate, `stated` that of the answer's own `user`; `proven_at`
    the time of the OCSP answer. The texts are what was shown to the person (`visible`), what was signed
    unseen (`hidden`), the certificate subject of the party that ordered it, and the act (`Signing`,
    `Identification`)."""

    readable: bool
    digests: bool | None = None
    signature: bool | None = None
    chain: bool | None = None
    key_usage: bool | None = None
    policy: bool | None = None
    revocation: Revocation | None = None
    signer: str | None = None
    signer_name: str | None = None
    stated: str | None = None
    visible: bytes = b""
    hidden: bytes | None = None
    relying_party: str = ""
    act: str = ""
    signature_digest: bytes = b""


def examine(completion: Mapping[str, Any], trust: Trust, at: datetime) -> Examined:
    """Examine `completionData`. The chain is judged as of the OCSP answer, or as of `at` where there is
    none."""
    text = completion.get("signature")
    encoded = text.encode("ascii", "replace") if isinstance(text, str) else b""
    try:
        document = read_document(base64.b64decode(encoded, validate=True))
    except (BadDocument, binascii.Error, ValueError):
        return Examined(readable=False)
    chain = load_certificates(document.certificates)
    if chain is None:
        return Examined(readable=False)
    revocation = _revocation(completion.get("ocspResponse"), chain, encoded)
    leaf, proven_at = chain[0], revocation.at if revocation is not None else at
    user = completion.get("user")
    stated = user.get("personalNumber") if isinstance(user, Mapping) else None
    return Examined(
        readable=True,
        digests=_digested(document),
        signature=_verifies(leaf, document),
        chain=leads_to_root(chain, trust, proven_at),
        key_usage=may_sign_a_will(leaf),
        policy=has_policy(leaf, trust),
        revocation=revocation,
        signer=personal_number_of(leaf),
        signer_name=name_of(leaf),
        stated=stated if isinstance(stated, str) else None,
        visible=document.visible,
        hidden=document.hidden,
        relying_party=document.relying_party,
        act=document.act,
        signature_digest=hashlib.sha256(document.signature).digest(),
    )


def _revocation(
    given: object, chain: tuple[x509.Certificate, ...], signature_text: bytes
) -> Revocation | None:
    if not isinstance(given, str) or len(chain) == 1:
        return None
    try:
        der = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return None
    return read_revocation(der, chain[0], chain[1], signature_text)


def _digested(document: SignatureDocument) -> bool:
    """Whether signed data and key info are those whose digests were signed."""
    found = (hashlib.sha256(one).digest() for one in (document.signed_data, document.key_info))
    return tuple(found) == document.digests


def _verifies(leaf: x509.Certificate, document: SignatureDocument) -> bool:
    """RSASSA-PKCS1-v1_5 with SHA-256 over SignedInfo (RFC 8017 section 8.2), with at least 2048 bits."""
    key = leaf.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _FEWEST_BITS:
        return False
    try:
        key.verify(document.signature, document.signed_info, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
