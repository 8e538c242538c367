"""The tokens of unsubscribe links: all that a click needs, sealed, so that no row is kept for a link."""

from typing import Final

from app.crypto.sealed_tokens import SealedTokens

_USE: Final = b"sparr unsubscribe link 1"


class UnsubscribeTokens(SealedTokens):
    """Seals and opens the content of links; ValueError for a master key that is not 32 bytes."""

    __slots__ = ()

    def __init__(self, master_key: bytes) -> None:
        super().__init__(master_key, _USE)
