"""Every hostile access token we know of: why it is refused here, and whether joserfc refuses it as well."""

import base64
import json
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding

from app.crypto.tokens import LOOKUP_RECEIPT, Reason
from tests.crypto.forging import (
    ABSENT,
    AUDIENCE,
    EPOCH,
    ORDER,
    OTHER_RING,
    RING,
    THEIRS,
    b64,
    claims,
    claims_text,
    der_signature,
    forged,
    header,
    hmac_token,
    integers,
    public_bytes,
    raw_signature,
    segment,
    signed,
    unsigned,
)

BOTH: Final = True
STRICTER: Final = False


class Case(NamedTuple):
    reason: Reason
    joserfc_too: bool
    token: str


_INPUT = unsigned()
_R, _S = integers(_INPUT)
_GOOD = f"{_INPUT}.{b64(raw_signature(_R, _S))}"
_HEAD, _PAYLOAD, _SIGNATURE = _GOOD.split(".")
_DEEP = 2500
_QUESTIONS = claims_text(x='"???>>>~~~"')
_PADDED = claims_text(x='"' + "x" * (-len(claims_text(x='""')) % 3 + 1) + '"')


def _with_signature(signature: bytes) -> str:
    return f"{_INPUT}.{b64(signature)}"


def _other_last_character(text: str) -> str:
    """The same bytes with another spelling: 64 bytes leave four unused bits in the last character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]


_ALGORITHM = {
    "alg none without a signature": (BOTH, unsigned(header(alg="none")) + "."),
    "alg none with a signature": (BOTH, forged(header(alg="none"))),
    "alg nOnE": (BOTH, unsigned(header(alg="nOnE")) + "."),
    "HS256 with our public key in PEM as its secret": (BOTH, hmac_token(public_bytes(Encoding.PEM))),
    "HS256 with our public key in DER as its secret": (BOTH, hmac_token(public_bytes(Encoding.DER))),
    "HS256 with our JWK as its secret": (BOTH, hmac_token(json.dumps(RING.token_key.public_jwk()).encode())),
    "ES384 claimed": (BOTH, forged(header(alg="ES384"))),
    "RS256 claimed": (BOTH, forged(header(alg="RS256"))),
    "alg in small letters": (BOTH, forged(header(alg="es256"))),
    "alg as a list": (BOTH, forged(header(alg=["ES256"]))),
    "no alg": (BOTH, forged(header(alg=ABSENT))),
}
_HEADER = {
    "an unknown crit": (BOTH, forged(header(crit=["exp"], exp=EPOCH))),
    "an empty crit": (STRICTER, forged(header(crit=[]))),
    "an unencoded payload (b64 false, RFC 7797)": (BOTH, forged(header(crit=["b64"], b64=False))),
    "b64 false without crit": (BOTH, forged(header(b64=False))),
    "b64 true": (STRICTER, forged(header(crit=["b64"], b64=True))),
    "a jku of the attacker": (STRICTER, forged(header(jku="https://example.com/jwks.json"))),
    "an x5u of the attacker": (STRICTER, forged(header(x5u="https://example.com/cert.pem"))),
    "an x5c of the attacker": (STRICTER, forged(header(x5c=["MIIB"]))),
    "a jwk of the attacker": (BOTH, forged(header(jwk=OTHER_RING.token_key.public_jwk()), key=THEIRS)),
    "zip": (BOTH, forged(header(zip="DEF"))),
    "cty": (STRICTER, forged(header(cty="JWT"))),
    "a private header member": (BOTH, forged(header(admin=True))),
    "no kid": (BOTH, forged(header(kid=ABSENT))),
    "an empty kid": (BOTH, forged(header(kid=""))),
    "a kid that is a number": (BOTH, forged(header(kid=0))),
    "a kid of 129 characters": (BOTH, forged(header(kid="k" * 129))),
    "typ null": (BOTH, forged(header(typ=None))),
    "typ as a list": (BOTH, forged(header(typ=["at+jwt"]))),
}
_KEY = {
    "a key of another ring": (BOTH, forged(header(kid=OTHER_RING.token_key.kid), key=THEIRS)),
    "a kid that climbs to /dev/null": (BOTH, forged(header(kid="../../../../../dev/null"))),
    "a kid with SQL": (BOTH, forged(header(kid="x' UNION SELECT 'key' --"))),
    "a kid with one letter changed": (BOTH, forged(header(kid=RING.token_key.kid.swapcase()))),
}
_SIGNATURES = {
    "signed by another ring under our kid": (BOTH, forged(key=THEIRS)),
    "signed by our receipt key's neighbour": (BOTH, forged(header(kid=RING.receipt_key.kid))),
    "a changed role under an old signature": (
        BOTH,
        f"{_HEAD}.{segment(claims(role='admin'))}.{_SIGNATURE}",
    ),
    "no signature": (BOTH, f"{_INPUT}."),
    "all zero (CVE-2022-21449)": (BOTH, _with_signature(bytes(64))),
    "r zero": (BOTH, _with_signature(raw_signature(0, _S))),
    "s zero": (BOTH, _with_signature(raw_signature(_R, 0))),
    "r the order of the curve": (BOTH, _with_signature(raw_signature(ORDER, _S))),
    "s the order of the curve": (BOTH, _with_signature(raw_signature(_R, ORDER))),
    "r and s all ones": (BOTH, _with_signature(b"\xff" * 64)),
    "r and s exchanged": (BOTH, _with_signature(raw_signature(_S, _R))),
    "in DER": (BOTH, _with_signature(der_signature(_INPUT))),
    "cut by one byte": (BOTH, _with_signature(raw_signature(_R, _S)[:-1])),
    "one byte too many": (BOTH, _with_signature(raw_signature(_R, _S) + b"\0")),
}
_SPELLING = {
    "padding on the signature": (BOTH, _GOOD + "=="),
    "unused bits in the signature": (BOTH, _other_last_character(_GOOD)),
    "a newline at the end": (BOTH, _GOOD + "\n"),
    "a space in front": (BOTH, " " + _GOOD),
    "a newline inside the signature": (BOTH, _GOOD[:-5] + "\n" + _GOOD[-5:]),
    "a NUL at the end": (BOTH, _GOOD + "\0"),
    "a full-width letter": (BOTH, _GOOD[:-1] + "\uff21"),
    "a lone surrogate": (BOTH, _GOOD + "\ud800"),
    "the other alphabet, signed": (BOTH, signed(f"{_HEAD}.{base64.b64encode(_QUESTIONS).decode()}")),
    "padding, signed": (BOTH, signed(f"{_HEAD}.{base64.urlsafe_b64encode(_PADDED).decode()}")),
    "an empty text": (BOTH, ""),
    "two segments": (BOTH, f"{_HEAD}.{_PAYLOAD}"),
    "four segments": (BOTH, f"{_GOOD}.{_SIGNATURE}"),
    "five segments (JWE)": (BOTH, f"{_HEAD}.{_PAYLOAD}.{_SIGNATURE}.AA.AA"),
    "dots alone": (BOTH, ".."),
    "the JSON serialization": (BOTH, json.dumps({"payload": _PAYLOAD, "signature": _SIGNATURE})),
    "an empty payload": (BOTH, signed(f"{_HEAD}.")),
}
_JSON = {
    "a header member twice": (STRICTER, forged(b'{"alg":"none",' + json.dumps(header()).encode()[1:])),
    "a header that is a list": (BOTH, forged([header()])),
    "a header that is not UTF-8": (BOTH, forged(b'{"alg":"ES256\xff"}')),
    "a header in UTF-16": (STRICTER, forged(json.dumps(header()).encode("utf-16"))),
    "a header of 2,000 lists": (BOTH, forged(b"[" * 2000)),
    "a claim twice": (STRICTER, forged(payload=claims_text(role='"sender","role":"admin"'))),
    "a claim twice, once escaped": (
        STRICTER,
        forged(payload=claims_text(role='"sender","r\\u006fle":"admin"')),
    ),
    "a payload that is a list": (BOTH, forged(payload=[claims()])),
    "a payload that is a text": (BOTH, forged(payload="claims")),
    "a payload that is null": (BOTH, forged(payload=b"null")),
    "a payload that is not UTF-8": (BOTH, forged(payload=claims_text(x='"?"').replace(b"?", b"\xff"))),
    "a payload in UTF-16": (STRICTER, forged(payload=json.dumps(claims()).encode("utf-16"))),
    "a payload with a byte order mark": (
        STRICTER,
        forged(payload=json.dumps(claims()).encode("utf-8-sig")),
    ),
    "text after the payload": (BOTH, forged(payload=json.dumps(claims()).encode() + b"{}")),
    "NaN as exp": (BOTH, forged(payload=claims_text(exp="NaN"))),
    "Infinity as exp": (BOTH, forged(payload=claims_text(exp="Infinity"))),
    "1e400 as exp": (BOTH, forged(payload=claims_text(exp="1e400"))),
    "NaN in a claim that nobody reads": (STRICTER, forged(payload=claims_text(x="NaN"))),
    "10^30 as exp": (STRICTER, forged(payload=claims(exp=10**30))),
    "minus 10^30 as iat": (STRICTER, forged(payload=claims(iat=-(10**30)))),
    "5,000 digits as exp": (BOTH, forged(payload=claims_text(exp="9" * 5000))),
    "a fraction as exp": (STRICTER, forged(payload=claims(exp=EPOCH + 60.5))),
    "an exponent in exp": (STRICTER, forged(payload=claims_text(exp=f"{EPOCH}e0"))),
    "5,000 lists": (BOTH, forged(payload=b"[" * 5000)),
    "2,500 lists, closed": (BOTH, forged(payload=claims_text(x="[" * _DEEP + "]" * _DEEP))),
    "17 levels": (STRICTER, forged(payload=claims_text(x="[" * 16 + "]" * 16))),
    "a lone surrogate in a claim": (STRICTER, forged(payload=claims_text(party='"\\ud800"'))),
    "NUL in a claim": (STRICTER, forged(payload=claims(party="party-1\0"))),
}
_TYPES = {
    "no typ": (STRICTER, forged(header(typ=ABSENT))),
    "typ JWT": (STRICTER, forged(header(typ="JWT"))),
    "typ in capitals": (STRICTER, forged(header(typ="AT+JWT"))),
    "typ with its full media type": (STRICTER, forged(header(typ="application/at+jwt"))),
    "an empty typ": (STRICTER, forged(header(typ=""))),
    "a receipt's typ": (STRICTER, forged(header(typ=LOOKUP_RECEIPT))),
}
_MISSING = {f"no {name}": (BOTH, forged(payload=claims(**{name: ABSENT}))) for name in claims()}
_CLAIM_TYPES = {
    "exp as a text": (BOTH, forged(payload=claims(exp=str(EPOCH + 60)))),
    "exp true": (BOTH, forged(payload=claims(exp=True))),
    "exp null": (BOTH, forged(payload=claims(exp=None))),
    "exp as a list": (BOTH, forged(payload=claims(exp=[EPOCH + 60]))),
    "iat false": (BOTH, forged(payload=claims(iat=False))),
    "nbf as a text": (BOTH, forged(payload=claims(nbf="0"))),
    "nbf null": (BOTH, forged(payload=claims(nbf=None))),
    "sub as a number": (BOTH, forged(payload=claims(sub=1))),
    "iss as a list": (BOTH, forged(payload=claims(iss=["https://registry.example.com"]))),
    "aud as a list, though ours is a text": (STRICTER, forged(payload=claims(aud=[AUDIENCE]))),
    "aud as an object": (BOTH, forged(payload=claims(aud={AUDIENCE: True}))),
    "an empty jti": (BOTH, forged(payload=claims(jti=""))),
    "role as a list": (STRICTER, forged(payload=claims(role=["admin"]))),
    "party null": (BOTH, forged(payload=claims(party=None))),
}
_MEANING = {
    "another audience": (Reason.AUDIENCE, BOTH, forged(payload=claims(aud="https://example.com"))),
    "an audience that begins like ours": (Reason.AUDIENCE, BOTH, forged(payload=claims(aud=AUDIENCE + "/x"))),
    "another issuer": (Reason.ISSUER, BOTH, forged(payload=claims(iss="https://example.com"))),
    "a client that is not the subject": (Reason.SUBJECT, STRICTER, forged(payload=claims(client_id="other"))),
    "issued in an hour": (Reason.NOT_YET, BOTH, forged(payload=claims(iat=EPOCH + 3600, exp=EPOCH + 3660))),
    "issued 31 s from now": (Reason.NOT_YET, BOTH, forged(payload=claims(iat=EPOCH + 31))),
    "nbf in an hour": (Reason.NOT_YET, BOTH, forged(payload=claims(nbf=EPOCH + 3600))),
    "expired for the leeway": (Reason.EXPIRED, BOTH, forged(payload=claims(iat=EPOCH - 90, exp=EPOCH - 30))),
    "expired in 1970": (Reason.EXPIRED, BOTH, forged(payload=claims(iat=-60, exp=0))),
    "exp before the year 1": (
        Reason.EXPIRED,
        BOTH,
        forged(payload=claims(iat=-(2**52), exp=1 - 2**52)),
    ),
    "a life of 601 s": (Reason.LIFETIME, STRICTER, forged(payload=claims(exp=EPOCH + 601))),
    "exp beyond the year 9999": (Reason.LIFETIME, STRICTER, forged(payload=claims(exp=2**53 - 1))),
    "issued in 1970 and still alive": (Reason.LIFETIME, STRICTER, forged(payload=claims(iat=0))),
    "a life of nothing": (Reason.LIFETIME, STRICTER, forged(payload=claims(iat=EPOCH, exp=EPOCH))),
    "longer than 8 KiB": (Reason.TOO_LONG, STRICTER, forged(payload=claims(x="x" * 8192))),
}

_TABLES: Final = (
    (Reason.ALGORITHM, _ALGORITHM),
    (Reason.HEADER, _HEADER),
    (Reason.UNKNOWN_KEY, _KEY),
    (Reason.SIGNATURE, _SIGNATURES),
    (Reason.MALFORMED, _SPELLING),
    (Reason.MALFORMED, _JSON),
    (Reason.TYPE, _TYPES),
    (Reason.CLAIM_MISSING, _MISSING),
    (Reason.CLAIM_TYPE, _CLAIM_TYPES),
)
HOSTILE: Final[dict[str, Case]] = {
    **{name: Case(reason, *case) for reason, table in _TABLES for name, case in table.items()},
    **{name: Case(*case) for name, case in _MEANING.items()},
}
