"""Access tokens whose signature was checked already: the same text has the same signature.

Nothing but the signature and the claims is remembered. Whether a token is of its time is asked again for each
request here, and whether its credential is revoked and what its party may do by whoever asks for the caller.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from app.crypto.tokens import LEEWAY_SECONDS, AccessClaims, VerificationKeys, verify_access_token

_MOST: Final = 4_096
_LEEWAY: Final = timedelta(seconds=LEEWAY_SECONDS)


class VerifiedTokens:
    """What one process remembers of tokens, by their digests: a token itself is a secret."""

    def __init__(self, keys: VerificationKeys, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._known: OrderedDict[bytes, AccessClaims] = OrderedDict()

    def claims(self, token: str, now: datetime) -> AccessClaims:
        """The claims of a token that is ours and of its time. BadToken for every other."""
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        known = self._known.get(digest)
        if known is not None and known.issued_at - _LEEWAY <= now < known.expires_at + _LEEWAY:
            return known
        found = verify_access_token(token, self._keys, issuer=self._issuer, audience=self._issuer, now=now)
        self._known[digest] = found
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return found
