"""Whom a deployment believes about eID signatures that come as a signed statement (JWS): the issuers of
Freja, or a broker of MitID, with keys that were pinned out of band. Nothing is fetched.

The file is JSON: `{"issuers": [{"scheme", "iss", "keys": [JWK …], "signer", "hidden", "visible"}]}`. The last
three are JSON pointers (RFC 6901) into the payload: where it names the person's number, and where it has the
data that was signed unseen and the text that was shown. Each key names its one algorithm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.crypto.compact_jws import BadToken, json_object
from app.crypto.pinned_keys import PinnedKey, pinned_key
from app.domain.mandate import STATEMENT_SCHEMES

_POINTERS: Final = {"signer": "/personal_number", "hidden": "/hidden_data", "visible": "/visible_text"}
_MEMBERS: Final = frozenset({"scheme", "iss", "keys", *_POINTERS})


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer of statements for one scheme; the pointers lead to what its statements say."""

    scheme: str
    iss: str
    keys: Mapping[str, PinnedKey]
    signer: str
    hidden: str
    visible: str


@dataclass(frozen=True, slots=True)
class Issuers:
    """All of them, by scheme and name."""

    pinned: Mapping[tuple[str, str], Issuer]

    def of_scheme(self, scheme: str) -> bool:
        """Whether anybody is believed about this scheme at all."""
        return any(known == scheme for known, _ in self.pinned)


NOBODY: Final = Issuers(MappingProxyType({}))


def read_issuers(raw: bytes) -> Issuers:
    """The issuers of a file. Raises ValueError, which names the rule and not the key."""
    try:
        listed = json_object(raw).get("issuers")
    except BadToken:
        raise ValueError("this is no JSON object") from None
    if not isinstance(listed, list) or not listed:
        raise ValueError("issuers must be a list")
    issuers = [_issuer(one) for one in listed]
    found = {(one.scheme, one.iss): one for one in issuers}
    if len(found) != len(issuers):
        raise ValueError("an issuer stands twice")
    return Issuers(MappingProxyType(found))


def _issuer(stated: object) -> Issuer:
    if not isinstance(stated, dict) or not stated.keys() <= _MEMBERS:
        raise ValueError("an issuer has the members " + ", ".join(sorted(_MEMBERS)))
    scheme, iss, keys = stated.get("scheme"), stated.get("iss"), stated.get("keys")
    if scheme not in STATEMENT_SCHEMES:
        raise ValueError("scheme must be one of " + ", ".join(sorted(STATEMENT_SCHEMES)))
    if not isinstance(iss, str) or not iss or not isinstance(keys, list) or not keys:
        raise ValueError("an issuer has a name and keys")
    pointers = {name: stated.get(name, usual) for name, usual in _POINTERS.items()}
    if not all(isinstance(one, str) and one.startswith("/") for one in pointers.values()):
        raise ValueError("a pointer begins with a slash")
    pinned = dict(pinned_key(one) for one in keys)
    if len(pinned) != len(keys):
        raise ValueError("a kid stands twice")
    return Issuer(scheme, iss, MappingProxyType(pinned), **pointers)
