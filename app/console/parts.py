"""What the console is made of. Put together in main."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.console.issuer import Issuer
from app.console.issuer_settings import IssuerSettings
from app.crypto.keys import KeyRing
from app.crypto.sealed_tokens import SealedTokens
from app.storage.database import Database

_USE = b"sparr console session 1"
_TRIP = b"sparr console issuer trip 1"
ISSUER_ANSWER = "/sign-in/issuer/answer"
"""Where the issuer sends people back to, below /console: never anywhere else."""


@dataclass(frozen=True, slots=True)
class Parts:
    """`sessions` seals cookies, and `trips` those of people who are at the issuer, if there is one; `secure`
    when people come over https; `readiness` is that of /readyz."""

    database: Database
    ring: KeyRing
    sessions: SealedTokens
    secure: bool
    readiness: Callable[[], Awaitable[list[tuple[str, bool]]]]
    trips: SealedTokens
    issuer: Issuer | None = None


def parts_of(
    database: Database,
    ring: KeyRing,
    url: str,
    readiness: Callable[[], Awaitable[list[tuple[str, bool]]]],
    through: IssuerSettings | None = None,
) -> Parts:
    """The console of a deployment, which people know by this URL."""
    sessions, trips = (SealedTokens(ring.master_key, use) for use in (_USE, _TRIP))
    issuer = Issuer(through, f"{url}/console{ISSUER_ANSWER}") if through else None
    return Parts(database, ring, sessions, url.startswith("https://"), readiness, trips, issuer)
