"""Base64url without padding (RFC 7515 section 2, RFC 4648 section 5), with one spelling for each value."""

import base64


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Refuse with ValueError whatever `encode` does not write: padding, white space, the other alphabet's
    `+` and `/`, a lone last character, and unused trailing bits that are not zero (RFC 4648 section 3.5).
    """
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    # The library skips over what it does not know, so only writing the value again shows its one spelling.
    if encode(raw) != text:
        raise ValueError("not the canonical base64url spelling")
    return raw
