"""The path from the person's certificate to a pinned root (RFC 5280 section 6, as far as BankID needs it).

A BankID certificate may sign nothing but a declaration of will: its key usage is non-repudiation alone, for
which reason general XML signature libraries refuse it. The path is therefore checked here, one certificate
after another, as of the moment that the signature was proven to exist at.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

PRODUCTION_POLICIES: Final = frozenset(
    {"1.2.752.78.1.1", "1.2.752.78.1.2", "1.2.752.78.1.5", "1.2.752.71.1.3"}
)
"""Certificate policies of BankID on file, on card, and mobile, and of the e-id on card."""

TEST_POLICIES: Final = frozenset({"1.2.3.4.5", "1.2.3.4.10", "1.2.3.4.25", "1.2.752.60.1.6"})
"""The same in BankID's test environment, where anybody gets a certificate in any name."""

_LONGEST: Final = 4
_SHORTEST: Final = 2

E = TypeVar("E", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Trust:
    """What a deployment trusts: its pinned roots, and whether they are those of the test environment."""

    roots: tuple[x509.Certificate, ...]
    test: bool = False

    @property
    def policies(self) -> frozenset[str]:
        """The certificate policies that may sign."""
        return TEST_POLICIES if self.test else PRODUCTION_POLICIES


class UntrustedRoot(ValueError):  # noqa: N818 - named for what is wrong, as BadToken is
    """A root that this deployment must not trust; the message names the rule."""


def trust_in(roots: Collection[x509.Certificate], *, test: bool) -> Trust:
    """Pin roots. Those of the test environment vouch for nobody, so outside a test they stop the start."""
    for root in roots:
        if root.subject != root.issuer or not _is_authority(root):
            raise UntrustedRoot("a pinned certificate is no self-signed root")
        if not test and "test" in root.subject.rfc4514_string().lower():
            raise UntrustedRoot("a root of the test environment, in a deployment that is none")
    return Trust(tuple(roots), test)


def read_roots(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file, at least one; ValueError for anything else."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise UntrustedRoot("there is no readable certificate") from None


def load_certificates(ders: Sequence[bytes]) -> tuple[x509.Certificate, ...] | None:
    """Certificates as the document holds them, or None when one cannot be read."""
    try:
        found = tuple(map(x509.load_der_x509_certificate, ders))
        for one in found:
            _ = one.extensions, one.subject, one.signature_hash_algorithm
    except (ValueError, TypeError, x509.DuplicateExtension):
        return None
    return found


def leads_to_root(chain: Sequence[x509.Certificate], trust: Trust, at: datetime) -> bool:
    """Whether each certificate was issued by the next and the last by a pinned root, all valid at that
    moment."""
    if not _SHORTEST <= len(chain) <= _LONGEST or not all(_valid(one, at) for one in chain):
        return False
    pairs = pairwise(chain)
    if not all(
        _is_authority(issuer, below) and _issued(child, issuer) for below, (child, issuer) in enumerate(pairs)
    ):
        return False
    return any(_valid(root, at) and _issued(chain[-1], root) for root in trust.roots)


def may_sign_a_will(leaf: x509.Certificate) -> bool:
    """Key usage non-repudiation (contentCommitment) and nothing else, and no authority: a certificate for
    logging in, or one that issues others, declares nobody's will."""
    usage = _extension(leaf, x509.KeyUsage)
    basic = _extension(leaf, x509.BasicConstraints)
    if usage is None or (basic is not None and basic.ca):
        return False
    others = usage.digital_signature, usage.key_encipherment, usage.data_encipherment, usage.key_agreement
    return usage.content_commitment and not any((*others, usage.key_cert_sign, usage.crl_sign))


def has_policy(leaf: x509.Certificate, trust: Trust) -> bool:
    """Whether it was issued under one of the policies of this environment."""
    policies = _extension(leaf, x509.CertificatePolicies)
    named = {one.policy_identifier.dotted_string for one in policies or ()}
    return bool(named) and named <= trust.policies


def personal_number_of(leaf: x509.Certificate) -> str | None:
    """The personal number, 12 digits, which stands in the subject's serial number."""
    return _one(leaf, NameOID.SERIAL_NUMBER)


def name_of(leaf: x509.Certificate) -> str | None:
    """The person's name, as the bank knows it."""
    return _one(leaf, NameOID.COMMON_NAME)


def _one(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str | None:
    found = certificate.subject.get_attributes_for_oid(oid)
    value = found[0].value if len(found) == 1 else None
    return value if isinstance(value, str) else None


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _is_authority(certificate: x509.Certificate, below: int = 0) -> bool:
    """Whether it may issue certificates, with so many other authorities below it."""
    basic, usage = _extension(certificate, x509.BasicConstraints), _extension(certificate, x509.KeyUsage)
    if basic is None or not basic.ca or (basic.path_length is not None and basic.path_length < below):
        return False
    return usage is None or usage.key_cert_sign


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
