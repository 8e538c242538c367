"""From the fingerprints that were found back to the items that asked for them."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.domain.column import Indices

T = TypeVar("T")

_DIGEST: Final = 16
_BEGINNINGS: Final = 2**16


def matched(digests: bytes, owners: Indices, hits: Mapping[UUID, T]) -> Iterator[tuple[int, T]]:
    """For each asked fingerprint that was found, in the order of asking, the item that asked and what was
    found. `digests` are 16 bytes each, joined; `owners` has the item of each.

    Fingerprints are evenly spread, so that their first two bytes already leave hardly any but the hits.
    """
    if not hits:
        return
    by_digest = {fingerprint.bytes: found for fingerprint, found in hits.items()}
    seen = np.zeros(_BEGINNINGS, np.bool_)
    seen[_beginnings(b"".join(by_digest))] = True
    places = np.flatnonzero(seen[_beginnings(digests)])
    for place, owner in zip(places.tolist(), owners[places].tolist(), strict=True):
        found = by_digest.get(digests[place * _DIGEST : place * _DIGEST + _DIGEST])
        if found is not None:
            yield owner, found


def _beginnings(digests: bytes) -> NDArray[np.uint16]:
    return np.frombuffer(digests, np.uint16)[:: _DIGEST // 2]
