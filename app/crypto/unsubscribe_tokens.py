"""The tokens of unsubscribe links: all that a click needs, sealed, so that no row is kept for a link."""

from typing import Final

from app.crypto.sealed_tokens import SealedTokens, derived_key

_USE: Final = b"sparr unsubscribe link 1"


def link_key(master_key: bytes) -> bytes:
    """What links are sealed with under a master key of 32 bytes; ValueError for another length."""
    return derived_key(master_key, _USE)


class UnsubscribeTokens(SealedTokens):
    """Seals and opens the content of links; ValueError for a master key that is not 32 bytes. `others` are
    keys of links that open too: link_key of an earlier or a coming master key."""

    __slots__ = ()

    def __init__(self, master_key: bytes, *others: bytes) -> None:
        super().__init__(master_key, _USE, *others)
