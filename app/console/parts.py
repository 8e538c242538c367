"""What the console is made of. Put together in main."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.crypto.keys import KeyRing
from app.crypto.sealed_tokens import SealedTokens
from app.storage.database import Database

_USE = b"sparr console session 1"


@dataclass(frozen=True, slots=True)
class Parts:
    """`sessions` seals cookies; `secure` when people come over https; `readiness` is that of /readyz."""

    database: Database
    ring: KeyRing
    sessions: SealedTokens
    secure: bool
    readiness: Callable[[], Awaitable[list[tuple[str, bool]]]]


def parts_of(
    database: Database, ring: KeyRing, issuer: str, readiness: Callable[[], Awaitable[list[tuple[str, bool]]]]
) -> Parts:
    """The console of a deployment."""
    sessions = SealedTokens(ring.master_key, _USE)
    return Parts(database, ring, sessions, issuer.startswith("https://"), readiness)
