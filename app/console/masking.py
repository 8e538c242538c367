"""Identifiers as a page shows them before somebody has said what for: enough to recognise, too little to use.

Of a personal number the year of birth, of a phone number its last two digits, of an address the town.
"""

from typing import Final

_DOTS: Final = "•••••"
_YEAR: Final = 4
_SHORT: Final = 6


def masked(kind: str, canonical: str | None) -> str:
    """The canonical form without what tells who it is; "" when there is none (hashed, or erased)."""
    if not canonical:
        return ""
    if kind == "personal_number":
        return canonical[:_YEAR] + _DOTS
    if kind == "email":
        name, _, domain = canonical.rpartition("@")
        return f"{name[:1]}{_DOTS}@{domain}"
    if kind == "phone" and len(canonical) > _SHORT:
        return f"{canonical[:3]}{_DOTS}{canonical[-2:]}"
    if kind == "postal_address":
        return f"{_DOTS} {' '.join(canonical.split('|')[:2])}"
    return _DOTS
