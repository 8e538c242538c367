"""A bank of the tests' own: certificates, signatures and OCSP answers in BankID's shape, right or wrong.

Nothing here is BankID's. The personal numbers are test numbers.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ANNA = "199001012385"
TEST_POLICY = "1.2.3.4.25"
SIGNED = datetime.now(UTC).replace(microsecond=0)
"""When everything here is signed: OCSP answers are always made now."""

DSIG = 'xmlns="http://www.w3.org/2000/09/xmldsig#"'
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RELYING_PARTY = "cn=FP Agent,name=Agent AB,serialNumber=5560000001,o=Bank A,c=SE"


@cache
def key(_name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key for each name; making them takes most of the time."""
    return rsa.generate_private_key(65537, bits)


def subject(common_name: str, **more: str) -> x509.Name:
    """A name; `serial` is the personal number of a person."""
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if "serial" in more:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, more["serial"]))
    return x509.Name(parts)


def usage(**wanted: bool) -> x509.KeyUsage:
    """A key usage with these bits alone."""
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign "
        "crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names.split()})


@dataclass(frozen=True)
class Cert:
    """How a certificate is to be made."""

    name: x509.Name
    key: rsa.RSAPrivateKey
    authority: bool = False
    path_length: int | None = None
    usage: x509.KeyUsage | None = None
    policy: str | None = TEST_POLICY
    ocsp: bool = False
    begins: datetime = SIGNED - timedelta(days=100)
    ends: datetime = SIGNED + timedelta(days=300)

    def by(self, issuer: x509.Name, signer: rsa.RSAPrivateKey) -> x509.Certificate:
        """The certificate, issued."""
        made = x509.CertificateBuilder(
            issuer_name=issuer,
            subject_name=self.name,
            public_key=self.key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=self.begins,
            not_valid_after=self.ends,
        )
        made = made.add_extension(x509.BasicConstraints(self.authority, self.path_length), critical=True)
        if self.usage is not None:
            made = made.add_extension(self.usage, critical=True)
        if self.policy is not None:
            policies = [x509.PolicyInformation(x509.ObjectIdentifier(self.policy), None)]
            made = made.add_extension(x509.CertificatePolicies(policies), critical=False)
        if self.ocsp:
            made = made.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False
            )
        return made.sign(signer, hashes.SHA256())


CA_USAGE = usage(key_cert_sign=True, crl_sign=True)
WILL_USAGE = usage(content_commitment=True)


@dataclass(frozen=True)
class Bank:
    """A root, two authorities below it, and what they issue."""

    name: str = "Bank A"
    root: Cert = field(default=Cert(subject("Test Root"), key("root"), authority=True, usage=CA_USAGE))

    def root_certificate(self) -> x509.Certificate:
        """The self-signed root."""
        return self.root.by(self.root.name, self.root.key)

    def authority(self, **changes: Any) -> Cert:
        """The bank's authority, below the root."""
        given = {"authority": True, "usage": CA_USAGE, **changes}
        return Cert(subject(f"{self.name} CA"), key(f"{self.name} ca"), **given)

    def customer_authority(self, **changes: Any) -> Cert:
        """The authority that issues certificates to persons."""
        given = {"authority": True, "usage": CA_USAGE, **changes}
        return Cert(subject(f"{self.name} Customer CA"), key(f"{self.name} customer ca"), **given)

    def person(self, number: str = ANNA, **changes: Any) -> Cert:
        """A person's certificate."""
        given = {"usage": WILL_USAGE, **changes}
        return Cert(subject("Anna Test", serial=number), key("person"), **given)

    def chain(
        self, person: Cert | None = None, customer: Cert | None = None, above: Cert | None = None
    ) -> list[x509.Certificate]:
        """From the person's certificate to the one below the root."""
        person, customer = person or self.person(), customer or self.customer_authority()
        above = above or self.authority()
        return [
            person.by(customer.name, customer.key),
            customer.by(above.name, above.key),
            above.by(self.root.name, self.root.key),
        ]


def b64(raw: bytes | str) -> str:
    """Base64 of bytes, or of a text in UTF-8."""
    return base64.b64encode(raw.encode() if isinstance(raw, str) else raw).decode()


@dataclass(frozen=True)
class Said:
    """What is signed."""

    visible: str = "Jag ger fullmakt."
    hidden: str | None = None
    act: str = "Signing"
    relying_party: str = RELYING_PARTY

    def xml(self) -> str:
        """The signed data, in canonical form."""
        hidden = "" if self.hidden is None else f"<usrNonVisibleData>{b64(self.hidden)}</usrNonVisibleData>"
        return (
            '<bankIdSignedData xmlns="http://www.bankid.com/signature/v1.0.0/types" Id="bidSignedData">'
            f'<usrVisibleData charset="UTF-8" visible="wysiwys">{b64(self.visible)}</usrVisibleData>{hidden}'
            f"<srvInfo><name>{b64(self.relying_party)}</name><nonce>{b64(os.urandom(20))}</nonce></srvInfo>"
            f"<clientInfo><funcId>{escape(self.act)}</funcId><version>{b64('1')}</version></clientInfo>"
            "</bankIdSignedData>"
        )


def signed_info(data: str, keys: str, **algorithms: str) -> str:
    """SignedInfo over signed data and key info, in canonical form."""
    method = algorithms.get("method", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
    digest = algorithms.get("digest", "http://www.w3.org/2001/04/xmlenc#sha256")

    def reference(uri: str, text: str) -> str:
        value = b64(hashlib.sha256(text.encode()).digest())
        return (
            f'<Reference URI="{uri}"><Transforms><Transform Algorithm="{C14N}"></Transform></Transforms>'
            f'<DigestMethod Algorithm="{digest}"></DigestMethod>'
            f"<DigestValue>{value}</DigestValue></Reference>"
        )

    return (
        f'<SignedInfo {DSIG}><CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{method}"></SignatureMethod>'
        f"{reference('#bidSignedData', data)}{reference('#bidKeyInfo', keys)}</SignedInfo>"
    )


def key_info(chain: list[x509.Certificate]) -> str:
    """The certificates, in canonical form."""
    ders = (b64(one.public_bytes(serialization.Encoding.DER)) for one in chain)
    certificates = "".join(f"<X509Certificate>{der}</X509Certificate>" for der in ders)
    return f'<KeyInfo {DSIG} Id="bidKeyInfo"><X509Data>{certificates}</X509Data></KeyInfo>'


def document(
    chain: list[x509.Certificate], said: Said, signer: rsa.RSAPrivateKey | None = None, **algorithms: str
) -> str:
    """A whole signature document."""
    data, keys = said.xml(), key_info(chain)
    info = signed_info(data, keys, **algorithms)
    value = (signer or key("person")).sign(info.encode(), padding.PKCS1v15(), hashes.SHA256())
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
        f"<Signature {DSIG}>{info}<SignatureValue>{b64(value)}</SignatureValue>{keys}"
        f"<Object>{data}</Object></Signature>"
    )


@dataclass(frozen=True)
class Revocation:
    """How an OCSP answer is to be made; `responder` answers in the issuer's name."""

    issuer: Cert
    responder: Cert | None = None
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD
    at: datetime = SIGNED
    nonce: Callable[[bytes], bytes | None] = lambda digest: digest + os.urandom(12)
    about: x509.Certificate | None = None
    spoilt: bool = False

    def der(self, chain: list[x509.Certificate], signature_text: str) -> bytes:
        """The answer about a chain's first certificate and a signature."""
        leaf, issuer = self.about or chain[0], chain[1]
        revoked = self.at - timedelta(days=1) if self.status is ocsp.OCSPCertStatus.REVOKED else None
        made = ocsp.OCSPResponseBuilder().add_response(
            leaf, issuer, hashes.SHA256(), self.status, self.at, self.at + timedelta(days=1), revoked, None
        )
        nonce = self.nonce(hashlib.sha1(signature_text.encode(), usedforsecurity=False).digest())
        if nonce is not None:
            made = made.add_extension(x509.OCSPNonce(nonce), critical=False)
        responder = self.responder or Cert(subject("Responder"), key("ocsp"), ocsp=True, policy=None)
        certificate = responder.by(self.issuer.name, self.issuer.key)
        made = made.responder_id(ocsp.OCSPResponderEncoding.NAME, certificate).certificates([certificate])
        answer = made.sign(responder.key, hashes.SHA256())
        der = answer.public_bytes(serialization.Encoding.DER)
        return der.replace(answer.signature, bytes(len(answer.signature))) if self.spoilt else der


def completion(
    text: str, chain: list[x509.Certificate], revocation: Revocation | None, number: str = ANNA
) -> dict[str, Any]:
    """`completionData` as BankID answers it."""
    signature = b64(text)
    made: dict[str, Any] = {
        "user": {"personalNumber": number, "name": "Anna Test", "givenName": "Anna", "surname": "Test"},
        "device": {"ipAddress": "192.0.2.1", "uhi": "uhi"},
        "bankIdIssueDate": "2026-01-01",
        "signature": signature,
    }
    if revocation is not None:
        made["ocspResponse"] = b64(revocation.der(chain, signature))
    return made


def genuine(bank: Bank | None = None, said: Said | None = None, **changes: Any) -> Mapping[str, Any]:
    """A signature without fault, but for `person`, `revocation` or `number` when they are given."""
    bank = bank or Bank()
    chain = bank.chain(changes.get("person"))
    revocation = changes.get("revocation", Revocation(bank.customer_authority()))
    return completion(document(chain, said or Said()), chain, revocation, changes.get("number", ANNA))
