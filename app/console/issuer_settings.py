"""Through whom people sign in to the console, and as whom: the operator's data, read once at the start.

The file is JSON: `{"claim": "sub", "people": {"<value of the claim>": "<client id>"}}`. Nobody is let in who
is not named there, and nobody is made: each client id is that of a credential of this registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from app.crypto.compact_jws import BadToken, json_object
from app.domain.parties import OVERSIGHT, Role, credential_of

_OF_ONE: Final = frozenset({"sub", "oid"})
_OF_SEVERAL: Final = frozenset({"groups", "roles"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class People:
    """Which credential a value of the claim stands for. A claim that several people share opens an auditor's
    alone: an admin is one person, or four eyes could be two."""

    claim: str
    credentials: Mapping[str, UUID] = field(repr=False)

    @property
    def roles(self) -> frozenset[Role]:
        return OVERSIGHT if self.claim in _OF_ONE else frozenset({Role.AUDITOR})

    def credential(self, claims: Mapping[str, Any]) -> UUID | None:
        """Whose session it is; None when the token names nobody, or more than one."""
        stated = claims.get(self.claim)
        values = stated if isinstance(stated, list) and self.claim in _OF_SEVERAL else [stated]
        named = {self.credentials[one] for one in values if isinstance(one, str) and one in self.credentials}
        return named.pop() if len(named) == 1 else None


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """An OpenID issuer, and what it knows this registry as."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    people: People


def read_people(raw: bytes) -> People:
    """The people of a file. Raises ValueError, which names the rule and nobody."""
    try:
        stated = json_object(raw)
    except BadToken:
        raise ValueError("this is no JSON object") from None
    claim, people = stated.get("claim", "sub"), stated.get("people")
    if not stated.keys() <= {"claim", "people"} or not isinstance(people, dict) or not people:
        raise ValueError("the members are claim and people, and people names somebody")
    if not isinstance(claim, str) or claim not in _OF_ONE | _OF_SEVERAL:
        raise ValueError("claim must be one of " + ", ".join(sorted(_OF_ONE | _OF_SEVERAL)))
    found: dict[str, UUID] = {}
    for value, client_id in people.items():
        credential_id = credential_of(client_id) if isinstance(client_id, str) else None
        if not value or credential_id is None:
            raise ValueError("each of the people has a value of the claim and a client id")
        found[value] = credential_id
    if len(set(found.values())) != len(found):
        raise ValueError("two of the people have the same client id; each needs a credential of their own")
    return People(claim, MappingProxyType(found))


def is_trustworthy(url: object) -> bool:
    """Whether an address may be asked: https, or http on this machine (RFC 8252 section 7.3), and nothing in
    it that hides where it leads."""
    try:
        parts = urlsplit(url) if isinstance(url, str) and url.isascii() and url.isprintable() else None
        host = parts.hostname if parts else None
        if parts is None or not host or parts.port == 0:
            return False
    except ValueError:
        return False
    if parts.username is not None or parts.fragment or " " in parts.geturl() or "\\" in parts.geturl():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
