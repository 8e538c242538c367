"""Statements that nobody may believe, each with the check that has to notice it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import serialization

from tests.crypto.eid.stating import (
    BROKER,
    HEADER,
    SIGNED,
    Statement,
    by_ec,
    by_pss,
    by_rsa,
    by_secret,
    ec_key,
    encoded,
    genuine,
    rsa_jwk,
    rsa_key,
    signed,
)


class Forgery(NamedTuple):
    name: str
    noticed: str
    make: Callable[[Statement], str]


def changed(name: str, noticed: str, **changes: Any) -> Forgery:
    """The issuer itself signed something that does not fit."""
    return Forgery(name, noticed, lambda statement: genuine(statement.but(**changes)))


def headed(name: str, noticed: str, header: Any, sign: Callable[[bytes], bytes] | None = None) -> Forgery:
    return Forgery(name, noticed, lambda one: signed(header, one.payload(), sign or by_rsa("freja-1")))


def spoiled(name: str, noticed: str, spoil: Callable[[str], str]) -> Forgery:
    return Forgery(name, noticed, lambda statement: spoil(genuine(statement)))


def _payload(change: Callable[[dict[str, Any]], object]) -> Callable[[Statement], str]:
    def make(statement: Statement) -> str:
        payload = statement.payload()
        change(payload)
        return signed(HEADER, payload, by_rsa("freja-1"))

    return make


def _swapped(token: str, part: int, value: Any) -> str:
    parts = token.split(".")
    parts[part] = encoded(value)
    return ".".join(parts)


def _with_number(token: str) -> str:
    """Another person's number under the old signature."""
    payload = Statement("", "", number="200002292399").payload()
    return _swapped(token, 1, payload)


def flipped(token: str) -> str:
    head, _, signature = token.rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def _at(days: float) -> int:
    return int((SIGNED + timedelta(days=days)).timestamp())


_PUBLIC = rsa_key("freja-1").public_key()
_PEM = _PUBLIC.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
_TWICE = b'{"alg":"RS256","kid":"freja-1","kid":"freja-1"}'

FORGERIES = [
    spoiled("unsigned", "EID_STATEMENT", lambda token: token.rpartition(".")[0]),
    spoiled("no signature at all", "EID_SIGNATURE", lambda token: token.rpartition(".")[0] + "."),
    spoiled("four parts", "EID_STATEMENT", lambda token: token + ".AAAA"),
    spoiled("padded", "EID_STATEMENT", lambda token: token + "="),
    spoiled("broken off", "EID_STATEMENT", lambda token: token[: len(token) // 3]),
    spoiled("empty", "EID_STATEMENT", lambda _: ""),
    spoiled("blanks in it", "EID_STATEMENT", lambda token: token.replace(".", " .")),
    spoiled("signature cut short", "EID_SIGNATURE", lambda token: token[:-2]),
    spoiled("one bit of the signature", "EID_SIGNATURE", flipped),
    spoiled("another person under it", "EID_SIGNATURE", _with_number),
    headed("alg none", "EID_ALGORITHM", {"alg": "none", "kid": "freja-1"}, lambda _: b""),
    headed("alg left out", "EID_ALGORITHM", {"kid": "freja-1"}),
    headed("kid left out", "EID_KEY", {"alg": "RS256"}),
    headed("public key as a secret", "EID_ALGORITHM", {"alg": "HS256", "kid": "freja-1"}, by_secret(_PEM)),
    headed("RS512 said", "EID_ALGORITHM", {**HEADER, "alg": "RS512"}),
    headed("the other padding", "EID_ALGORITHM", {**HEADER, "alg": "PS256"}, by_pss("freja-1")),
    headed("the other padding unsaid", "EID_SIGNATURE", HEADER, by_pss("freja-1")),
    headed("the other key's signature", "EID_SIGNATURE", HEADER, by_rsa("freja-2")),
    headed("a key of one's own", "EID_SIGNATURE", HEADER, by_rsa("own")),
    headed("a kid of one's own", "EID_KEY", {**HEADER, "kid": "own"}, by_rsa("own")),
    headed("the other issuer's key", "EID_KEY", {"alg": "ES256", "kid": "broker-1"}, by_ec("broker-1")),
    headed("its own key in the header", "EID_STATEMENT", {**HEADER, "jwk": rsa_jwk("own")}, by_rsa("own")),
    headed("an address for the key", "EID_STATEMENT", {**HEADER, "jku": "https://example.com/"}),
    headed("a certificate in the header", "EID_STATEMENT", {**HEADER, "x5c": ["AAAA"]}),
    headed("critical members", "EID_STATEMENT", {**HEADER, "crit": ["b64"], "b64": False}),
    headed("a member twice", "EID_STATEMENT", _TWICE),
    headed("a header that is a list", "EID_STATEMENT", [HEADER]),
    headed("a kid that is a number", "EID_STATEMENT", {**HEADER, "kid": 1}),
    changed("an issuer that nobody pinned", "EID_ISSUER", iss="https://own.example.com"),
    changed("an issuer that is pinned for another eID", "EID_ISSUER", iss=BROKER),
    changed("an issuer in another spelling", "EID_ISSUER", iss="https://freja.example.com/"),
    changed("several issuers", "EID_ISSUER", iss=["https://freja.example.com"]),
    changed("another party's", "EID_AUDIENCE", audience="other.example.com"),
    changed("for several parties", "EID_AUDIENCE", audience=["ombudet.example.com", "other.example.com"]),
    changed("for nobody", "EID_AUDIENCE", audience=None),
    changed("the other person", "EID_SIGNER", number="200002292399"),
    changed("no number", "EID_SIGNER", number="anna"),
    changed("another text", "EID_TEXT", visible="I log in."),
    changed("a text with more behind it", "EID_TEXT", visible="I log in. "),
    changed("no digest", "EID_CLAIMS", hidden=""),
    changed("another digest", "EID_CLAIMS", hidden="objmandate:1:sha256:" + "0" * 64),
    changed("from tomorrow", "EID_AGE", issued_at=_at(2)),
    changed("from long ago", "EID_AGE", issued_at=_at(-100)),
    changed("from another hour", "EID_TIME", issued_at=_at(-0.05)),
    changed("at a time that is text", "EID_STATEMENT", issued_at="now"),
    changed("at a time that is true", "EID_STATEMENT", issued_at=True),
    changed("before time began", "EID_STATEMENT", issued_at=-1),
    changed("long after the sun", "EID_STATEMENT", issued_at=2**40),
    Forgery("undated", "EID_STATEMENT", _payload(lambda payload: payload.pop("iat"))),
    Forgery("a login: nothing signed", "EID_CLAIMS", _payload(lambda payload: payload.pop("signatureData"))),
    Forgery("nobody named", "EID_SIGNER", _payload(lambda payload: payload.pop("requestedAttributes"))),
    Forgery(
        "the number elsewhere",
        "EID_SIGNER",
        _payload(lambda payload: payload.update(requestedAttributes="199001012385", ssn="199001012385")),
    ),
    Forgery(
        "a member of the payload twice",
        "EID_STATEMENT",
        lambda statement: signed(
            HEADER, json.dumps(statement.payload()).encode()[:-1] + b', "iat": 1}', by_rsa("freja-1")
        ),
    ),
    Forgery("a payload that is text", "EID_STATEMENT", lambda _: signed(HEADER, "text", by_rsa("freja-1"))),
]


EC_HEADER = {"alg": "ES256", "kid": "broker-1"}


def as_der(statement: Statement) -> str:
    """ES256 with a signature in the form of certificates instead of two halves."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    def sign(text: bytes) -> bytes:
        return ec_key("broker-1").sign(text, ec.ECDSA(hashes.SHA256()))

    return signed(EC_HEADER, statement.payload(), sign)
