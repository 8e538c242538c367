"""The types of identifiers: one file each, found by discovery; a dropped-in file is a new type."""

import importlib
import pkgutil
import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.identifier import Canonical, HashedIdentifier, IdentifierType, UnreadableIdentifier


def _discovered() -> Mapping[str, IdentifierType]:
    names = [found.name for found in pkgutil.iter_modules(__path__)]
    types: list[IdentifierType] = [importlib.import_module(f"{__name__}.{name}").TYPE for name in names]
    return MappingProxyType({type_.code: type_ for type_ in types})


IDENTIFIER_TYPES: Final[Mapping[str, IdentifierType]] = _discovered()

# These have one canonical form that any sender can compute alone, so that its SHA-256 can stand in its place.
HASHED_TYPES: Final = frozenset({"phone", "email", "personal_number"})

_SHA256 = re.compile("[0-9a-fA-F]{64}")


def canonicalise(type_code: str, raw: str | Mapping[str, str], region: str | None, today: date) -> Canonical:
    """The one spelling of an identifier. Raises UnreadableIdentifier.

    `region` is the country in which it was written; `today` gives a ten-digit personal number its century.
    """
    if type_code not in IDENTIFIER_TYPES:
        raise UnreadableIdentifier("UNKNOWN_TYPE")
    return IDENTIFIER_TYPES[type_code].canonicalise(raw, region, today)


def hashed(type_code: str, sha256: str) -> HashedIdentifier:
    """A SHA-256 in place of the value it was made of. Raises UnreadableIdentifier."""
    if type_code not in IDENTIFIER_TYPES:
        raise UnreadableIdentifier("UNKNOWN_TYPE")
    if type_code not in HASHED_TYPES:
        raise UnreadableIdentifier("HASH_NOT_ACCEPTED")
    if not _SHA256.fullmatch(sha256):
        raise UnreadableIdentifier("NOT_A_SHA256")
    return HashedIdentifier(type_code, sha256.lower())
