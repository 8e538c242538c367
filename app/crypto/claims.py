"""What a mandate's signer signs: one digest over the request, the same for every JSON writer."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import rfc8785

_OUTSIDE: Final = frozenset({"evidence", "reference"})
_PREFIX: Final = "sha256:"


class NotCanonical(ValueError):  # noqa: N818 - named for what is wrong, as BadToken is
    """A value that canonical JSON cannot carry. The message never holds the value."""


def claims_digest(request: Mapping[str, Any]) -> str:
    """Give `sha256:` and the hex SHA-256 of the RFC 8785 canonical JSON of a mandate request.

    The top-level members `evidence` (it holds the signature) and `reference` (the agent's own note) stand
    outside. The request is the JSON as it was received: a default that was filled in, or an absent member
    written as null, is another request and another digest.

    NotCanonical for NaN, infinities, integers beyond 2^53 - 1 (RFC 8785 appendix D), lone surrogates, member
    names that are not strings, values that are not JSON, and nesting that exhausts the stack.
    """
    signed = {name: value for name, value in request.items() if name not in _OUTSIDE}
    try:
        canonical = rfc8785.dumps(signed)
    except (ValueError, RecursionError):
        # The cause is cut off because the library quotes the number it refuses, perhaps a personal number.
        raise NotCanonical("the request cannot be written as canonical JSON") from None
    return _PREFIX + hashlib.sha256(canonical).hexdigest()
