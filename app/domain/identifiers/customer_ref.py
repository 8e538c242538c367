"""A controller's own reference for a customer: whatever it writes, letter case kept, in one Unicode form."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

from app.domain.identifier import Canonical, UnreadableIdentifier, text_of

_LONGEST_RAW: Final = 200
_LONGEST: Final = 100


class _CustomerRef:
    code = "customer_ref"
    label = "customer reference"

    def canonicalise(self, raw: str | Mapping[str, str], _region: str | None, _today: date, /) -> Canonical:
        value = unicodedata.normalize("NFC", text_of(raw, _LONGEST_RAW))
        if len(value) > _LONGEST:
            raise UnreadableIdentifier("TOO_LONG")
        if not value.isprintable():
            raise UnreadableIdentifier("CHARACTERS")
        return Canonical("customer_ref", value, (value,), (), None)


TYPE: Final = _CustomerRef()
