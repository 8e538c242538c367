"""The OCSP answer that comes with a signature (RFC 6960): the certificate was good, and when.

BankID's own nonce binds the answer to the signature: 32 bytes, of which the first 20 are the SHA-1 of the
signature as it was handed over, in base64. So `producedAt` proves that the signature existed by then.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

MAX_OCSP_BYTES: Final = 32 * 1024
_NONCE_BYTES: Final = 32
_SHA1_BYTES: Final = 20


@dataclass(frozen=True, slots=True)
class Revocation:
    """What the answer shows. `signed`: by the issuer of the certificate, or by whom it lets answer. `good`:
    it is about this certificate, which was not revoked. `bound`: to this very signature. `at`: when it was
    made."""

    signed: bool
    good: bool
    bound: bool
    at: datetime


def read_revocation(
    der: bytes, leaf: x509.Certificate, issuer: x509.Certificate, signature_text: bytes
) -> Revocation | None:
    """What an OCSP answer shows of this certificate and this signature; None when it is no answer at all."""
    if len(der) > MAX_OCSP_BYTES:
        return None
    try:
        answer = ocsp.load_der_ocsp_response(der)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        return Revocation(
            _signed(answer, issuer),
            _good(answer, leaf, issuer),
            _bound(answer, signature_text),
            answer.produced_at_utc,
        )
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return None


def _signed(answer: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    given = answer.certificates
    if not given:
        return _verifies(answer, issuer)
    responder = given[0]
    try:
        responder.verify_directly_issued_by(issuer)
        usages = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    at = answer.produced_at_utc
    valid = responder.not_valid_before_utc <= at <= responder.not_valid_after_utc
    return valid and ExtendedKeyUsageOID.OCSP_SIGNING in usages and _verifies(answer, responder)


def _verifies(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, algorithm = signer.public_key(), answer.signature_hash_algorithm
    if algorithm is None or isinstance(algorithm, hashes.SHA1 | hashes.MD5):
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _good(answer: ocsp.OCSPResponse, leaf: x509.Certificate, issuer: x509.Certificate) -> bool:
    """RFC 6960 section 3.2: the right certificate of the right issuer, good, and current when it was made."""
    digest = hashlib.new(answer.hash_algorithm.name)
    digest.update(issuer.subject.public_bytes())
    key = hashlib.new(answer.hash_algorithm.name)
    # RFC 6960 section 4.1.1 hashes the key's bits, without tag, length and algorithm around them.
    spki = issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    key.update(spki)
    about = answer.serial_number, answer.issuer_name_hash, answer.issuer_key_hash
    current = answer.this_update_utc <= answer.produced_at_utc
    if answer.next_update_utc is not None:
        current = current and answer.produced_at_utc <= answer.next_update_utc
    is_about = about == (leaf.serial_number, digest.digest(), key.digest())
    return is_about and current and answer.certificate_status is ocsp.OCSPCertStatus.GOOD


def _bound(answer: ocsp.OCSPResponse, signature_text: bytes) -> bool:
    try:
        nonce = answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return False
    # SHA-1 is what BankID's profile binds with; it is compared here, and nothing is protected by it alone.
    wanted = hashlib.sha1(signature_text, usedforsecurity=False).digest()
    return len(nonce) == _NONCE_BYTES and nonce[:_SHA1_BYTES] == wanted
