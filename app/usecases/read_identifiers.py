"""From what a caller sent to identifiers that cannot be wrong: one canonicaliser for writes and lookups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from app.crypto.fingerprints import Fingerprinter
from app.domain.identifier import Canonical, HashedIdentifier, UnreadableIdentifier
from app.domain.identifiers import canonicalise, hashed

Readable = Canonical | HashedIdentifier

_ADDRESS: Final = ("country", "postal_code", "street", "name")
"""The parts of the canonical form of a postal address, in their order."""

_COUNTRIES: Final = {12: "SE", 11: "NO", 10: "DK"}
"""Whose personal numbers have so many digits in their canonical form."""


@dataclass(frozen=True, slots=True)
class GivenIdentifier:
    """An identifier as sent: a value (text, or an address's fields) or a SHA-256 of its canonical form."""

    type: str
    value: str | Mapping[str, str] | None = None
    sha256: str | None = None
    region: str | None = None

    def __repr__(self) -> str:
        return f"GivenIdentifier({self.type}, …)"


def read_identifier(given: GivenIdentifier, today: date, region: str | None = None) -> Readable:
    """The canonical form; `region` is the request's own. UnreadableIdentifier says why there is none."""
    if given.sha256 is not None and given.value is None:
        return hashed(given.type, given.sha256)
    if given.value is None or given.sha256 is not None:
        raise UnreadableIdentifier("EMPTY")
    return canonicalise(given.type, given.value, given.region or region, today)


def main_fingerprint(fingerprints: Fingerprinter, identifier: Readable) -> UUID:
    """The one fingerprint that names an identifier in rows: that of its canonical form, or of its hash."""
    return fingerprints.indexed(identifier)[0]


def subject_of(fingerprints: Fingerprinter, identifier: Readable) -> UUID:
    """Whose data key seals what is said of this identifier."""
    return subject_behind(fingerprints, main_fingerprint(fingerprints, identifier))


def subject_behind(fingerprints: Fingerprinter, main: UUID) -> UUID:
    """The same, where the main fingerprint is known already."""
    return fingerprints.text("subject", str(main))


def plain_of(identifier: Readable) -> dict[str, str]:
    """What the vault keeps of an identifier."""
    if isinstance(identifier, HashedIdentifier):
        return {"type": identifier.type, "sha256": identifier.sha256}
    return {"type": identifier.type, "canonical": identifier.value}


def given_of(plain: Mapping[str, str]) -> GivenIdentifier:
    """What the vault keeps of an identifier as it would be sent: a canonical form is read as itself."""
    kind, canonical = plain["type"], plain.get("canonical")
    if canonical is None:
        return GivenIdentifier(kind, sha256=plain["sha256"])
    if kind == "postal_address":
        return GivenIdentifier(kind, dict(zip(_ADDRESS, canonical.split("|"), strict=True)))
    region = _COUNTRIES[len(canonical)] if kind == "personal_number" else None
    return GivenIdentifier(kind, canonical, region=region)
