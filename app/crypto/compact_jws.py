"""Compact JWS (RFC 7515 section 7.1) read so strictly that every token has one spelling and one meaning.

Nothing here checks a signature; `app.crypto.tokens` does, after this, and `pinned_keys` for what others sign.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NoReturn

from app.crypto import base64url

MAX_TOKEN_BYTES: Final = 8 * 1024
_SIGNATURE_BYTES: Final = 64
_HEADER_MEMBERS: Final = frozenset({"alg", "kid", "typ"})
_MAX_KID: Final = 128
_MAX_DEPTH: Final = 16
_MAX_INTEGER: Final = 2**53 - 1


class Reason(StrEnum):
    """Why a token was refused; stable, for logs and journal. A caller outside learns only that it was."""

    TOO_LONG = "too_long"
    MALFORMED = "malformed"
    HEADER = "header"
    ALGORITHM = "algorithm"
    TYPE = "type"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    CLAIM_MISSING = "claim_missing"
    CLAIM_TYPE = "claim_type"
    ISSUER = "issuer"
    SUBJECT = "subject"
    AUDIENCE = "audience"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    LIFETIME = "lifetime"
    NONCE = "nonce"


class BadToken(Exception):  # noqa: N818 - a refused token is an ordinary outcome, not an error of the program
    """The only exception that reading a token raises; it carries a reason and nothing of the token."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CompactJws:
    text: str
    kid: str
    typ: str | None
    payload: bytes


def parse(token: object) -> CompactJws:
    """Read the three segments and the header: at most 8 KiB, members among alg, kid and typ, alg ES256 only,
    a kid of 1 to 128 characters, a signature of 64 bytes (r and s, RFC 7518 section 3.4).
    """
    if not isinstance(token, str):
        raise BadToken(Reason.MALFORMED)
    if len(token) > MAX_TOKEN_BYTES:
        raise BadToken(Reason.TOO_LONG)
    try:
        header_bytes, payload, signature = map(base64url.decode, token.split("."))
    except ValueError:
        raise BadToken(Reason.MALFORMED) from None
    kid, typ = _read_header(json_object(header_bytes))
    if len(signature) != _SIGNATURE_BYTES:
        raise BadToken(Reason.SIGNATURE)
    return CompactJws(token, kid, typ, payload)


def _read_header(header: dict[str, Any]) -> tuple[str, str | None]:
    if header.get("alg") != "ES256":
        raise BadToken(Reason.ALGORITHM)
    kid, typ = header.get("kid"), header.get("typ", "")
    if not header.keys() <= _HEADER_MEMBERS or not isinstance(kid, str) or not isinstance(typ, str):
        raise BadToken(Reason.HEADER)
    if not 0 < len(kid) <= _MAX_KID:
        raise BadToken(Reason.HEADER)
    return kid, header.get("typ")


def foreign_parts(jws: str) -> tuple[dict[str, Any], dict[str, Any], bytes] | None:
    """Header, payload and signature of somebody else's statement of at most 8 KiB, whatever its algorithm;
    None for what is no such statement. A header may not bring a key, nor what would have to be understood.
    """
    try:
        head, body, signature = (base64url.decode(part) for part in jws.split("."))
        header, payload = json_object(head), json_object(body)
    except (ValueError, BadToken):
        return None
    plain = header.keys() <= _HEADER_MEMBERS and all(isinstance(one, str) for one in header.values())
    return (header, payload, signature) if plain and len(jws) <= MAX_TOKEN_BYTES else None


def json_object(raw: bytes) -> dict[str, Any]:
    """Read one JSON object in the interoperable subset (RFC 7493): UTF-8, no member twice, integers within
    2^53 - 1, no lone surrogate or NUL; also no fraction or exponent and at most 16 levels.
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
        _check(value, _MAX_DEPTH)
    except (ValueError, RecursionError):
        # The cause is cut off because a JSON error carries the whole text.
        raise BadToken(Reason.MALFORMED) from None
    if not isinstance(value, dict):
        raise BadToken(Reason.MALFORMED)
    return value


def _members(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError("a member stands twice")
        members[name] = value
    return members


def _integer(text: str) -> int:
    value = int(text)
    if abs(value) > _MAX_INTEGER:
        raise ValueError("an integer beyond 2^53 - 1")
    return value


def _refuse(_text: str) -> NoReturn:
    raise ValueError("a number that is not an integer")


def check_members(members: Mapping[str, Any], payload: str) -> None:
    """ValueError unless `json_object` would read these members back from the JSON that they became."""
    if not payload.isascii() or "\\u0000" in payload:
        _check(dict(members), _MAX_DEPTH)
    _check_kinds(members, _MAX_DEPTH)


def _check_kinds(value: object, depth: int) -> None:
    """Whatever is not text. A name that is no text would be written as one, beside one that is."""
    if isinstance(value, Mapping):
        if not set(map(type, value)) <= {str}:
            raise ValueError("a name that is no text")
        value = list(value.values())
    if isinstance(value, list):
        if depth == 0:
            raise ValueError("nested too deep")
        for inner in value:
            if type(inner) is not str:
                _check_kinds(inner, depth - 1)
    elif isinstance(value, int):
        if abs(value) > _MAX_INTEGER:
            raise ValueError("an integer beyond 2^53 - 1")
    elif value is not None:
        raise ValueError("neither text, integer, truth, list nor object")


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        value.encode("utf-8")  # A lone surrogate raises UnicodeEncodeError, which is a ValueError.
        if "\0" in value:
            raise ValueError("NUL in a string")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise ValueError("nested too deep")
        for inner in value:
            _check(inner, depth - 1)
        if isinstance(value, dict):
            for inner in value.values():
                _check(inner, depth - 1)
