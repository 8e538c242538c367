"""Base64 (RFC 4648 section 4) with one spelling for each value: no blank, no spare bit set."""

from binascii import a2b_base64, b2a_base64


def encode(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).decode("ascii")


def decode_quickly(text: str) -> bytes:
    """For what a digest covers anyway: spare bits are passed over, the rest is refused with ValueError."""
    return a2b_base64(text, strict_mode=True)


def decode(text: str) -> bytes:
    """Refuse with ValueError whatever `encode` does not write."""
    raw = a2b_base64(text)
    if encode(raw) != text:
        raise ValueError("not the canonical base64 spelling")
    return raw
