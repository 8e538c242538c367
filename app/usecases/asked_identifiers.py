"""Reading what a lookup asks about: whole batches at once, item by item only where a spelling needs it.

Nothing of this is stored in any form (GDPR Art. 5(1)(c)); it lives as long as the request.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np

from app.crypto.fingerprints import Fingerprinter
from app.domain.channels import CHANNELS
from app.domain.column import Column, Indices
from app.domain.email_columns import canonical_emails
from app.domain.identifier import HashedIdentifier, UnreadableIdentifier
from app.domain.identifiers import HASHED_TYPES
from app.domain.phone_columns import canonical_phones, spaced_phones
from app.usecases.aside import alike
from app.usecases.read_identifiers import GivenIdentifier, Readable, read_identifier
from app.usecases.sent_items import TYPES, arrange

MOST_OF_ONE = 16
"""How many identifiers one recipient may be asked about with."""

FEW: Final = 50
"""Below so many items, reading each by itself is faster than laying them out."""

_KEYS = frozenset({"type", "value", "sha256", "region"})


@dataclass(slots=True)
class Asked:
    """The questions of one request: texts to fingerprint by kind, each with the index of its item. `columns`
    has those that were read many at once, `ones` the others."""

    count: int
    columns: list[tuple[str, Column, Indices]] = field(default_factory=list)
    ones: dict[str, tuple[list[str], list[int]]] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)

    def put(self, kind: str, text: str, index: int) -> None:
        """Ask for one spelling on behalf of an item."""
        texts, owners = self.ones.setdefault(kind, ([], []))
        texts.append(text)
        owners.append(index)

    @property
    def weight(self) -> int:
        """What it weighs to go through all of them."""
        return alike(self.count) + sum(len(texts) for texts, _ in self.ones.values())

    @property
    def groups(self) -> list[tuple[str, Sequence[str], Indices]]:
        """Each kind with texts of it and the indices of their items; a kind can come more than once."""
        ones = ((kind, texts, np.array(owners, np.int64)) for kind, (texts, owners) in self.ones.items())
        return [*self.columns, *ones]

    @property
    def texts(self) -> dict[str, tuple[Sequence[str], Sequence[int]]]:
        """By kind, every text and the index of its item: an object for each, so not for the common path."""
        found: dict[str, tuple[list[str], list[int]]] = {}
        for kind, texts, owners in self.groups:
            mine = found.setdefault(kind, ([], []))
            mine[0].extend(texts)
            mine[1].extend(owners.tolist())
        return dict(found)

    def digests(self, fingerprints: Fingerprinter, *, hashed_too: bool) -> tuple[bytes, Indices]:
        """All fingerprints, 16 bytes each, joined, and the index of the item that each belongs to. With
        `hashed_too` also those of the hashes, for lists that hold entries known by their hash alone."""
        groups = self.groups
        digests = [fingerprints.texts(kind, texts) for kind, texts, _ in groups]
        owned = [owners for _, _, owners in groups]
        for kind, texts, owners in groups if hashed_too else ():
            if kind in HASHED_TYPES:
                digests.append(fingerprints.hashes(kind, texts))
                owned.append(owners)
        return b"".join(digests), np.concatenate([np.empty(0, np.int64), *owned])


@dataclass(frozen=True, slots=True)
class Reading:
    """A request being read: `rest` are the indices of the items that must be read one by one."""

    asked: Asked
    items: Sequence[Any]
    bare: str | None
    region: str | None
    today: date
    rest: Sequence[int]

    def read(self, indices: Iterable[int]) -> None:
        """Read these items of the rest. One that cannot be read, or is ambiguous, is noted (R02)."""
        for index in indices:
            try:
                for identifier in _read(self.items[index], self.bare, self.region, self.today):
                    _ask(self.asked, identifier, index)
            except UnreadableIdentifier:
                self.asked.unreadable.append(index)


def read_asked(items: Sequence[Any], channel: str | None, region: str | None, today: date) -> Asked:
    """Read every item. One that cannot be read, or is ambiguous, is noted; the others go on (R02)."""
    reading = begin_reading(items, channel, region, today)
    reading.read(reading.rest)
    return reading.asked


def begin_reading(items: Sequence[Any], channel: str | None, region: str | None, today: date) -> Reading:
    """Read the items whose spelling needs nobody to look at it, all at once."""
    asked = Asked(len(items))
    bare = CHANNELS[channel].bare if channel in CHANNELS else None
    if len(items) < FEW:
        return Reading(asked, items, bare, region, today, range(len(items)))
    arranged = arrange(items)
    rest = [np.array(arranged.others, np.int64)]
    for code, kind in enumerate(TYPES):
        rows = np.flatnonzero(arranged.items.types == code)
        if len(rows):
            whole = len(rows) == len(arranged.items)
            texts = arranged.items.texts if whole else arranged.items.texts.at(rows)
            rest.append(_recognise(asked, kind or bare, texts, arranged.owners[rows], region))
    return Reading(asked, items, bare, region, today, np.sort(np.concatenate(rest)).tolist())


def _recognise(asked: Asked, kind: str | None, texts: Column, owners: Indices, region: str | None) -> Indices:
    """Ask for the texts of one type that are canonical already, or nearly; the items of all others."""
    if kind not in {"phone", "email"}:
        return owners
    plain = canonical_phones(texts) if kind == "phone" else canonical_emails(texts)
    if plain.all():
        asked.columns.append((kind, texts, owners))
        return owners[:0]
    asked.columns.append((kind, texts.at(plain), owners[plain]))
    texts, owners = texts.at(~plain), owners[~plain]
    if kind == "email":
        return owners
    spaced, numbers = spaced_phones(texts, region)
    asked.columns.append((kind, numbers, owners[spaced]))
    return owners[~spaced]


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
