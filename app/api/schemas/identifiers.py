"""Identifiers as they are sent. An identifier never stands in a URL."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.api.schemas.base import Request
from app.usecases.read_identifiers import GivenIdentifier

IdentifierTypeCode = Literal["phone", "email", "personal_number", "postal_address", "customer_ref"]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$")]
_Line = Annotated[str, StringConstraints(max_length=200)]


class PostalAddress(Request):
    """An addressed letter's lines; the country is an ISO 3166 code."""

    name: _Line
    street: _Line
    postal_code: _Line
    city: _Line | None = None
    country: Region | None = None


class Identifier(Request):
    """One identifier: a value, or the SHA-256 of its canonical form (E.164, lower-cased address with A-label
    domain, 12-digit personal number) in its place. A national number needs its region."""

    type: IdentifierTypeCode
    value: Annotated[str, StringConstraints(max_length=400)] | PostalAddress | None = Field(
        None, examples=["070-174 06 05"]
    )
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{64}$")] | None = None
    region: Region | None = None

    def given(self) -> GivenIdentifier:
        """As the use cases take it."""
        value = (
            self.value.model_dump(exclude_none=True) if isinstance(self.value, PostalAddress) else self.value
        )
        return GivenIdentifier(self.type, value, self.sha256, self.region)
