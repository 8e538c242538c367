"""An identifier as a form of the console sends it: of any type that a lookup takes, or a SHA-256 of one."""

import re
from collections.abc import Mapping
from typing import Any, Final

from app.domain.identifier import UnreadableIdentifier
from app.domain.identifiers import HASHED_TYPES
from app.usecases.read_identifiers import GivenIdentifier

TYPES: Final = ("phone", "email", "personal_number", "postal_address", "customer_ref")
REGIONS: Final = ("SE", "DK", "NO", "FI")
ADDRESS: Final = ("name", "street", "postal_code", "city", "country")
"""The fields of a postal address, which stand in a form with `address_` before them."""

_LONGEST: Final = 320
_SHA256: Final = re.compile("[0-9a-fA-F]{64}")


def given_identifier(form: Mapping[str, str]) -> GivenIdentifier:
    """What was written. UnreadableIdentifier for nothing, too much, or what our form does not offer."""
    kind, region = form.get("type", ""), form.get("region") or None
    if kind not in TYPES or (region is not None and region not in REGIONS):
        raise UnreadableIdentifier("UNKNOWN_TYPE")
    if kind == "postal_address":
        return GivenIdentifier(kind, _address(form), None, region)
    value = form.get("value", "").strip()
    if not value or len(value) > _LONGEST:
        raise UnreadableIdentifier("TOO_LONG" if value else "EMPTY")
    if kind in HASHED_TYPES and _SHA256.fullmatch(value):
        return GivenIdentifier(kind, None, value)
    return GivenIdentifier(kind, value, None, region)


def item_of(given: GivenIdentifier) -> dict[str, Any]:
    """The same as an item of a lookup."""
    if given.sha256 is not None:
        return {"type": given.type, "sha256": given.sha256}
    return {"type": given.type, "value": given.value}


def _address(form: Mapping[str, str]) -> dict[str, str]:
    """The fields that were filled in; a country in two letters, as everywhere (ISO 3166-1)."""
    written = {name: form.get(f"address_{name}", "").strip() for name in ADDRESS}
    written["country"] = written["country"].upper()
    return {name: text for name, text in written.items() if text}
