"""Reading what a lookup asks about: whole batches at once, item by item only where a spelling needs it.

Nothing of this is stored in any form (GDPR Art. 5(1)(c)); it lives as long as the request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from app.crypto.fingerprints import Fingerprinter
from app.domain.channels import CHANNELS
from app.domain.identifier import HashedIdentifier, UnreadableIdentifier
from app.domain.identifiers import HASHED_TYPES
from app.domain.identifiers.email import already_canonical as plain_email
from app.domain.identifiers.phone import already_canonical as plain_phone
from app.usecases.read_identifiers import GivenIdentifier, Readable, read_identifier

MOST_OF_ONE = 16
"""How many identifiers one recipient may be asked about with."""

_KEYS = frozenset({"type", "value", "sha256", "region"})
_FAST = {"phone": plain_phone, "email": plain_email}


@dataclass(slots=True)
class Asked:
    """The questions of one request: texts to fingerprint by kind, each with the index of its item."""

    count: int
    texts: dict[str, tuple[list[str], list[int]]] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)

    def put(self, kind: str, text: str, index: int) -> None:
        """Ask for one spelling on behalf of an item."""
        texts, owners = self.texts.setdefault(kind, ([], []))
        texts.append(text)
        owners.append(index)

    def digests(self, fingerprints: Fingerprinter, *, hashed_too: bool) -> tuple[bytes, list[int]]:
        """All fingerprints, 16 bytes each, joined, and the item that each belongs to. With `hashed_too` also
        those of the hashes, for lists that hold entries known by their hash alone."""
        groups = [(kind, texts, owners) for kind, (texts, owners) in self.texts.items()]
        if hashed_too:
            groups += [
                (f"{kind}_sha256", [sha256(text.encode()).hexdigest() for text in texts], owners)
                for kind, texts, owners in groups
                if kind in HASHED_TYPES
            ]
        joined = b"".join(fingerprints.texts(kind, texts) for kind, texts, _ in groups)
        return joined, [owner for _, _, owners in groups for owner in owners]


def read_asked(items: Sequence[Any], channel: str | None, region: str | None, today: date) -> Asked:
    """Read every item. One that cannot be read, or is ambiguous, is noted; the others go on (R02)."""
    asked = Asked(len(items))
    bare = CHANNELS[channel].bare if channel in CHANNELS else None
    fast = _FAST.get(bare or "", lambda _text: False)
    texts, owners = asked.texts.setdefault(bare, ([], [])) if bare else ([], [])
    for index, item in enumerate(items):
        if isinstance(item, str) and fast(item):
            texts.append(item)
            owners.append(index)
            continue
        try:
            for identifier in _read(item, bare, region, today):
                _ask(asked, identifier, index)
        except UnreadableIdentifier:
            asked.unreadable.append(index)
    return asked


def _ask(asked: Asked, identifier: Readable, index: int) -> None:
    if isinstance(identifier, HashedIdentifier):
        asked.put(f"{identifier.type}_sha256", identifier.sha256, index)
        return
    for form in identifier.forms:
        asked.put(identifier.type, form, index)


def _read(item: Any, bare: str | None, region: str | None, today: date) -> list[Readable]:
    """The identifiers of one recipient. If one of several cannot be read, nobody knows what it would have
    hit, so the whole item is unreadable."""
    if isinstance(item, Mapping) and item.keys() == {"all"}:
        parts = item["all"]
        if not isinstance(parts, list) or not 1 <= len(parts) <= MOST_OF_ONE:
            raise UnreadableIdentifier("EMPTY")
        return [read_identifier(_given(part, None), today, region) for part in parts]
    return [read_identifier(_given(item, bare), today, region)]


def _given(item: Any, bare: str | None) -> GivenIdentifier:
    if isinstance(item, str) and bare is not None:
        return GivenIdentifier(bare, item)
    if not isinstance(item, Mapping) or not item.keys() <= _KEYS or not isinstance(item.get("type"), str):
        raise UnreadableIdentifier("NOT_TEXT")
    value, hashed, region = item.get("value"), item.get("sha256"), item.get("region")
    texts = isinstance(hashed, str | None) and isinstance(region, str | None)
    if not texts or not isinstance(value, str | Mapping | None):
        raise UnreadableIdentifier("NOT_TEXT")
    return GivenIdentifier(item["type"], value, hashed, region)
