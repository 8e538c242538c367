"""Signatures that must not be believed, each with the check that has to notice."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from cryptography.x509 import ocsp

from tests.crypto.bankid.forging import (
    KARL,
    Completion,
    Order,
    alone,
    authority,
    before,
    borrowed_ocsp,
    changed,
    cut,
    gap,
    login_key,
    moved_aside,
    names_without_signatures,
    nested_signature,
    of_bits,
    of_text,
    other_bank,
    other_certificate,
    other_text_below,
    own_root_along,
    person,
    person_as_issuer,
    redigested,
    reordered,
    replaced,
    revocation,
    said,
    same_id_twice,
    swapped_certificate,
    within,
    without,
    zeroed,
)
from tests.crypto.bankid.issuing import SIGNED, WILL_USAGE, Bank, Cert, b64, document, key, subject, usage


@dataclass(frozen=True)
class Forgery:
    """`noticed` is the code of the check that must fail; the answer is made for an order."""

    name: str
    noticed: str
    make: Callable[[Order], Completion]


DAY = timedelta(days=1)
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXPONENTIAL = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>'

FORGERIES = (
    Forgery("no signature", "BANKID_DOCUMENT", without("signature")),
    Forgery("the signature is a number", "BANKID_DOCUMENT", lambda order: {**order.answer(), "signature": 7}),
    Forgery("the signature is no base64", "BANKID_DOCUMENT", of_text("<Signature/>")),
    Forgery("the signature is empty", "BANKID_DOCUMENT", of_text("")),
    Forgery("random bytes", "BANKID_DOCUMENT", of_text(b64(bytes(range(256)) * 8))),
    Forgery("another document", "BANKID_DOCUMENT", of_text(b64("<html></html>"))),
    Forgery("a document of megabytes", "BANKID_DOCUMENT", of_text(b64("<a>" + "a" * 200_000 + "</a>"))),
    Forgery("truncated", "BANKID_DOCUMENT", cut(slice(0, -200))),
    Forgery("the beginning is missing", "BANKID_DOCUMENT", cut(slice(200, None))),
    Forgery("a document type", "BANKID_DOCUMENT", before("<!DOCTYPE Signature>")),
    Forgery("an entity that grows", "BANKID_DOCUMENT", before(EXPONENTIAL)),
    Forgery("an entity from a file", "BANKID_DOCUMENT", before(EXTERNAL)),
    Forgery("a comment within the text", "BANKID_DOCUMENT", within("usrVisibleData", "<!-- -->")),
    Forgery("a processing instruction", "BANKID_DOCUMENT", within("usrVisibleData", "<?php ?>")),
    Forgery("a processing instruction before", "BANKID_DOCUMENT", before("<?xml-stylesheet href='a'?>")),
    Forgery("a CDATA section", "BANKID_DOCUMENT", within("usrVisibleData", "<![CDATA[AAAA]]>")),
    Forgery("two objects", "BANKID_DOCUMENT", moved_aside),
    Forgery("two signed data in one object", "BANKID_DOCUMENT", same_id_twice),
    Forgery("a signature within something", "BANKID_DOCUMENT", nested_signature),
    Forgery("two visible texts", "BANKID_DOCUMENT", other_text_below),
    Forgery("an element within the text", "BANKID_DOCUMENT", within("usrVisibleData", "<b/>")),
    Forgery("an id in another place", "BANKID_DOCUMENT", replaced("<Object>", '<Object Id="bidSignedData">')),
    Forgery("another id of the data", "BANKID_DOCUMENT", replaced('Id="bidSignedData"', 'Id="other"')),
    Forgery("a reference to nothing", "BANKID_DOCUMENT", replaced("#bidSignedData", "#nothing")),
    Forgery("a reference to the whole", "BANKID_DOCUMENT", replaced('URI="#bidSignedData"', 'URI=""')),
    Forgery("one thing referred to twice", "BANKID_DOCUMENT", replaced("#bidKeyInfo", "#bidSignedData")),
    Forgery(
        "another transform",
        "BANKID_DOCUMENT",
        replaced(
            f'<Transform Algorithm="{C14N}">',
            '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">',
        ),
    ),
    Forgery(
        "SHA-1 digests",
        "BANKID_DOCUMENT",
        lambda order: order.answer(algorithms={"digest": "http://www.w3.org/2000/09/xmldsig#sha1"}),
    ),
    Forgery(
        "an HMAC for a signature",
        "BANKID_DOCUMENT",
        lambda order: order.answer(algorithms={"method": "http://www.w3.org/2000/09/xmldsig#hmac-sha1"}),
    ),
    Forgery(
        "no certificate",
        "BANKID_DOCUMENT",
        lambda order: {**order.answer(), "signature": b64(document([], order.said))},
    ),
    Forgery(
        "a certificate that is none",
        "BANKID_DOCUMENT",
        replaced("<X509Certificate>", "<X509Certificate>AAAA"),
    ),
    Forgery(
        "the shown text changed",
        "BANKID_DIGESTS",
        changed(lambda text: text.replace(text[text.index('wysiwys">') + 9 :][:4], b64("Hej"))),
    ),
    Forgery("the certificates changed", "BANKID_DIGESTS", swapped_certificate),
    Forgery("an element added to what was signed", "BANKID_DIGESTS", within("clientInfo", "<env></env>")),
    Forgery("text and digest changed together", "BANKID_SIGNATURE", redigested),
    Forgery("signed by another key", "BANKID_SIGNATURE", lambda order: order.answer(signer=key("stranger"))),
    Forgery(
        "a signature of zeroes",
        "BANKID_SIGNATURE",
        zeroed,
    ),
    Forgery("a key of 1024 bits", "BANKID_SIGNATURE", of_bits(1024)),
    Forgery("a root of the forger's own with the same name", "BANKID_CHAIN", other_bank),
    Forgery("a root of the forger's own sent along", "BANKID_CHAIN", own_root_along),
    Forgery("a person issues certificates", "BANKID_CHAIN", person_as_issuer),
    Forgery("the issuer's name without its signature", "BANKID_CHAIN", names_without_signatures),
    Forgery("the chain in another order", "BANKID_CHAIN", reordered),
    Forgery("an authority left out", "BANKID_CHAIN", gap),
    Forgery("the person's certificate alone", "BANKID_CHAIN", alone),
    Forgery("an expired certificate", "BANKID_CHAIN", person(ends=SIGNED - DAY)),
    Forgery("a certificate that is not valid yet", "BANKID_CHAIN", person(begins=SIGNED + DAY)),
    Forgery("an expired authority", "BANKID_CHAIN", authority(ends=SIGNED - DAY)),
    Forgery("an authority that is none", "BANKID_CHAIN", authority(authority=False)),
    Forgery("an authority that may not issue", "BANKID_CHAIN", authority(usage=usage(crl_sign=True))),
    Forgery(
        "a longer path than allowed",
        "BANKID_CHAIN",
        lambda order: order.answer(chain=order.chain(above=order.bank.authority(path_length=0))),
    ),
    Forgery("a certificate for logging in", "BANKID_KEY_USAGE", login_key),
    Forgery(
        "a certificate for everything",
        "BANKID_KEY_USAGE",
        person(usage=usage(content_commitment=True, digital_signature=True)),
    ),
    Forgery("a certificate without key usage", "BANKID_KEY_USAGE", person(usage=None)),
    Forgery("an authority signs as a person", "BANKID_KEY_USAGE", person(authority=True)),
    Forgery("no policy", "BANKID_POLICY", person(policy=None)),
    Forgery("a policy of no BankID", "BANKID_POLICY", person(policy="1.3.6.1.4.1.99999.1")),
    Forgery(
        "answered by somebody that may not",
        "BANKID_OCSP_SIGNER",
        revocation(responder=Cert(subject("Responder"), key("ocsp"))),
    ),
    Forgery(
        "answered in another bank's name",
        "BANKID_OCSP_SIGNER",
        revocation(issuer=Bank("Bank B").customer_authority()),
    ),
    Forgery("an answer with a false signature", "BANKID_OCSP_SIGNER", revocation(spoilt=True)),
    Forgery(
        "answered by an expired responder",
        "BANKID_OCSP_SIGNER",
        revocation(responder=Cert(subject("Responder"), key("ocsp"), ocsp=True, ends=SIGNED - DAY)),
    ),
    Forgery("a revoked certificate", "BANKID_OCSP_STATUS", revocation(status=ocsp.OCSPCertStatus.REVOKED)),
    Forgery(
        "a certificate that the bank does not know",
        "BANKID_OCSP_STATUS",
        revocation(status=ocsp.OCSPCertStatus.UNKNOWN),
    ),
    Forgery("an answer about another certificate", "BANKID_OCSP_STATUS", other_certificate),
    Forgery(
        "an answer that had expired when it was made", "BANKID_OCSP_STATUS", revocation(at=SIGNED - 3 * DAY)
    ),
    Forgery("the answer for another signature", "BANKID_OCSP_NONCE", borrowed_ocsp),
    Forgery("an answer without nonce", "BANKID_OCSP_NONCE", revocation(nonce=lambda _: None)),
    Forgery(
        "an answer with a nonce of somebody's",
        "BANKID_OCSP_NONCE",
        revocation(nonce=lambda _: os.urandom(32)),
    ),
    Forgery("a nonce that is too short", "BANKID_OCSP_NONCE", revocation(nonce=lambda digest: digest)),
    Forgery("a login in place of a signature", "BANKID_ACT", said(act="Identification")),
    Forgery("an unknown act", "BANKID_ACT", said(act="")),
    Forgery(
        "ordered by another agent",
        "BANKID_RELYING_PARTY",
        said(relying_party="cn=FP Other,name=Other AB,serialNumber=5560000002,o=Bank A,c=SE"),
    ),
    Forgery(
        "ordered by a longer name",
        "BANKID_RELYING_PARTY",
        lambda order: order.answer(replace(order.said, relying_party=order.said.relying_party + ",c=SE")),
    ),
    Forgery(
        "signed by somebody else",
        "BANKID_SIGNER",
        lambda order: order.answer(chain=order.chain(order.bank.person(KARL)), number=KARL),
    ),
    Forgery(
        "signed by somebody without a number",
        "BANKID_SIGNER",
        lambda order: order.answer(
            chain=order.chain(Cert(subject("Anna Test"), key("person"), usage=WILL_USAGE))
        ),
    ),
    Forgery("the answer names somebody else", "BANKID_USER", lambda order: order.answer(number=KARL)),
    Forgery("the answer names nobody", "BANKID_USER", without("user")),
    Forgery("another text was shown", "BANKID_TEXT", said(visible="Jag loggar in.")),
    Forgery(
        "the text with something added",
        "BANKID_TEXT",
        lambda order: order.answer(replace(order.said, visible=order.said.visible + " ")),
    ),
    Forgery("no text was shown", "BANKID_TEXT", said(visible="")),
    Forgery("no digest of the claims was signed", "BANKID_CLAIMS", said(hidden=None)),
    Forgery("the digest of other claims", "BANKID_CLAIMS", said(hidden="objmandate:1:sha256:" + "0" * 64)),
    Forgery(
        "the digest without its name",
        "BANKID_CLAIMS",
        lambda order: order.answer(
            replace(order.said, hidden=str(order.said.hidden).removeprefix("objmandate:1:"))
        ),
    ),
)
"""Whoever finds another way in adds it here."""
