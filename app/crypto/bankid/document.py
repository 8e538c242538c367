"""Reading the signature document, so strictly that there is one way to read it.

Signature wrapping moves what was signed aside and puts something else where a reader looks (OWASP, XML
Signature Wrapping). Here every element has its one place, nothing may stand beside it, and what is read is
what was digested: the same bytes. Comments, processing instructions, entities and a document type are
refused.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from lxml import etree

DSIG: Final = "{http://www.w3.org/2000/09/xmldsig#}"
BID: Final = "{http://www.bankid.com/signature/v1.0.0/types}"
MAX_DOCUMENT_BYTES: Final = 128 * 1024
_SIGNED_ID: Final = "bidSignedData"
_KEY_INFO_ID: Final = "bidKeyInfo"
_C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_MOST_CERTIFICATES: Final = 5


class BadDocument(Exception):  # noqa: N818 - named for what is wrong, as BadToken is
    """No BankID signature document. The message says which rule it breaks, and holds nothing of it."""


@dataclass(frozen=True, slots=True, repr=False)
class SignatureDocument:
    """The parts of a document. `signed_info`, `signed_data` and `key_info` are their canonical bytes
    (Canonical XML 1.0); `digests` are those that SignedInfo states for the latter two."""

    signed_info: bytes
    signed_data: bytes
    key_info: bytes
    digests: tuple[bytes, bytes]
    signature: bytes
    certificates: tuple[bytes, ...]
    visible: bytes
    hidden: bytes | None
    relying_party: str
    act: str


def read_document(text: bytes) -> SignatureDocument:
    """The document, or BadDocument."""
    root = _parsed(text)
    info, value, keys, object_ = _children(
        root, "Signature", ("SignedInfo", "SignatureValue", "KeyInfo", "Object")
    )
    if dict(keys.attrib.items()) != {"Id": _KEY_INFO_ID} or object_.attrib or len(object_) != 1:
        raise BadDocument("key info or object is not in its form")
    data = object_[0]
    if data.tag != f"{BID}bankIdSignedData" or dict(data.attrib.items()) != {"Id": _SIGNED_ID}:
        raise BadDocument("the object holds no signed data")
    said = {child.tag.removeprefix(BID): child for child in data}
    if len(said) != len(data) or not said.keys() >= {"usrVisibleData", "srvInfo", "clientInfo"}:
        raise BadDocument("the signed data is not in its form")
    hidden = said.get("usrNonVisibleData")
    return SignatureDocument(
        signed_info=_canonical(info),
        signed_data=_canonical(data),
        key_info=_canonical(keys),
        digests=_stated_digests(info),
        signature=_bytes(value),
        certificates=_certificates(keys),
        visible=_bytes(said["usrVisibleData"]),
        hidden=None if hidden is None else _bytes(hidden),
        relying_party=_utf8(_bytes(_only(said["srvInfo"], "name"))),
        act=_text(_only(said["clientInfo"], "funcId")),
    )


def _parsed(text: bytes) -> etree._Element:
    if len(text) > MAX_DOCUMENT_BYTES:
        raise BadDocument("the document is too large")
    if b"<!" in text:
        raise BadDocument("a document type, an entity, a comment or a CDATA section")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError):
        # The cause is cut off because the parser quotes what it could not read.
        raise BadDocument("the document is no well-formed XML in UTF-8") from None
    if any(not isinstance(one.tag, str) for one in root.iter()) or {root.getprevious(), root.getnext()} != {
        None
    }:
        raise BadDocument("a processing instruction or an entity")
    ids = [str(value) for one in root.iter() for name, value in one.attrib.items() if name.lower() == "id"]
    if root.tag != f"{DSIG}Signature" or root.attrib or sorted(ids) != [_KEY_INFO_ID, _SIGNED_ID]:
        raise BadDocument("the document is no signature, or an id stands in the wrong place")
    return root


def _stated_digests(info: etree._Element) -> tuple[bytes, bytes]:
    """The digests of SignedInfo, of the signed data and of the key info, made as this profile makes them."""
    c14n, method, *references = list(info)
    named = {
        (c14n.tag, c14n.get("Algorithm")): (f"{DSIG}CanonicalizationMethod", _C14N),
        (method.tag, method.get("Algorithm")): (f"{DSIG}SignatureMethod", _RSA_SHA256),
    }
    if any(found != wanted for found, wanted in named.items()) or len(c14n) or len(method):
        raise BadDocument("another canonicalisation or signature algorithm")
    stated: dict[str, bytes] = {}
    for reference in references:
        transforms, digest_method, value = _children(
            reference, "Reference", ("Transforms", "DigestMethod", "DigestValue")
        )
        (transform,) = _children(transforms, "Transforms", ("Transform",))
        if transform.get("Algorithm") != _C14N or digest_method.get("Algorithm") != _SHA256 or len(transform):
            raise BadDocument("another transform or digest algorithm")
        stated[reference.get("URI", "")] = _bytes(value)
    if len(references) != len(stated) or stated.keys() != {f"#{_SIGNED_ID}", f"#{_KEY_INFO_ID}"}:
        raise BadDocument("the references are not those to the signed data and the key info")
    return stated[f"#{_SIGNED_ID}"], stated[f"#{_KEY_INFO_ID}"]


def _certificates(keys: etree._Element) -> tuple[bytes, ...]:
    (x509,) = _children(keys, "KeyInfo", ("X509Data",))
    found = list(x509)
    if not 1 <= len(found) <= _MOST_CERTIFICATES or any(one.tag != f"{DSIG}X509Certificate" for one in found):
        raise BadDocument("the certificates are not in their form")
    return tuple(map(_bytes, found))


def _children(parent: etree._Element, name: str, names: tuple[str, ...]) -> list[etree._Element]:
    """All children of an element, which must be these, in this order."""
    found = list(parent)
    if parent.tag != f"{DSIG}{name}" or [one.tag for one in found] != [f"{DSIG}{one}" for one in names]:
        raise BadDocument("an element is missing, or one too many")
    return found


def _only(parent: etree._Element, name: str) -> etree._Element:
    found = [one for one in parent if one.tag == f"{BID}{name}"]
    if len(found) != 1:
        raise BadDocument("an element is missing, or one too many")
    return found[0]


def _canonical(element: etree._Element) -> bytes:
    """Canonical XML 1.0 of an element by itself. Canonicalised in its place it would get the namespaces
    around it, and the digest would be another one: so it is read again first."""
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    written: bytes = etree.tostring(alone, method="c14n", exclusive=False, with_comments=False)
    return written


def _text(element: etree._Element) -> str:
    if len(element):
        raise BadDocument("an element where a text was expected")
    return element.text or ""


def _bytes(element: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join(_text(element).split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadDocument("a text is no base64") from None


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadDocument("a text is no UTF-8") from None
