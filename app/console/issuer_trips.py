"""A trip to the issuer and back: what a browser carries meanwhile, sealed, for ten minutes at most.

State against answers that were not asked for (RFC 6749 section 10.12), nonce against ID tokens of another
sign-in (OpenID Connect Core section 15.5.2), a verifier against codes that somebody else took (RFC 7636). The
cookie is `SameSite=Lax`, since the way back begins at the issuer; it opens nothing by itself.
"""

import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.crypto import base64url
from app.crypto.sealed_tokens import SealedTokens

TRIP: Final = timedelta(minutes=10)
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Trip:
    """One sign-in through the issuer; `back` is where it leads to in the console."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    back: str
    began_at: datetime

    @property
    def challenge(self) -> str:
        """RFC 7636 section 4.2, S256."""
        return base64url.encode(sha256(self.verifier.encode()).digest())

    def is_answered_by(self, state: str) -> bool:
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "surrogatepass"))


def new_trip(now: datetime, back: str) -> Trip:
    """A trip from now on, with three secrets that have nothing to do with each other."""
    state, nonce, verifier = (token_urlsafe(_SECRET_BYTES) for _ in range(3))
    return Trip(state, nonce, verifier, back, now.replace(microsecond=0))


def pack(answer: Response, trip: Trip, trips: SealedTokens, *, secure: bool) -> None:
    """Send the cookie along."""
    told = [trip.state, trip.nonce, trip.verifier, trip.back, int(trip.began_at.timestamp())]
    answer.set_cookie(
        _name(secure=secure),
        trips.seal(json.dumps(told).encode()),
        max_age=int(TRIP.total_seconds()),
        path="/" if secure else "/console/sign-in",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def unpacked(request: Request, trips: SealedTokens, now: datetime, *, secure: bool) -> Trip | None:
    """The trip that this browser is on, unless it took too long."""
    opened = trips.open(request.cookies.get(_name(secure=secure), ""))
    if opened is None:
        return None
    state, nonce, verifier, back, began = json.loads(opened)
    trip = Trip(state, nonce, verifier, back, datetime.fromtimestamp(began, UTC))
    return trip if trip.began_at <= now < trip.began_at + TRIP else None


def arrived(answer: Response, *, secure: bool) -> None:
    """Take the cookie back: a trip ends once, however it ends."""
    path = "/" if secure else "/console/sign-in"
    answer.delete_cookie(_name(secure=secure), path=path, secure=secure, httponly=True, samesite="lax")


def _name(*, secure: bool) -> str:
    return "__Host-sparr-issuer" if secure else "sparr-issuer"
