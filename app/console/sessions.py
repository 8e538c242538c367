"""The session cookie: sealed, HttpOnly, SameSite=Strict, and a token in each form (OWASP ASVS 3.3, 4.2.2).

Before somebody signs in there is a session without a credential, so that the sign-in form has a token too:
otherwise a stranger could sign a visitor in as somebody else. Signing in begins a new one (session fixation).
"""

import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from app.crypto.sealed_tokens import SealedTokens
from app.usecases.open_session import IDLE, Stay

_RENEWED: Final = timedelta(minutes=1)


def cookie_name(*, secure: bool) -> str:
    """`__Host-`: browsers take such a cookie from this very host alone, over https (RFC 6265bis 4.1.3.2)."""
    return "__Host-sparr-console" if secure else "sparr-console"


def new_stay(now: datetime, credential_id: UUID | None = None) -> Stay:
    """A session from now on."""
    now = now.replace(microsecond=0)
    return Stay(token_hex(16), credential_id, now, now)


def stay_of(request: Request, sessions: SealedTokens, now: datetime, *, secure: bool) -> Stay | None:
    """The session that came with a request, unless it has ended by the clock."""
    opened = sessions.open(request.cookies.get(cookie_name(secure=secure), ""))
    if opened is None:
        return None
    told = json.loads(opened)
    stay = Stay(
        id=told["id"],
        credential_id=UUID(told["who"]) if told["who"] else None,
        began_at=datetime.fromtimestamp(told["began"], UTC),
        seen_at=datetime.fromtimestamp(told["seen"], UTC),
    )
    return None if stay.over(now) else stay


def renewed(stay: Stay, now: datetime) -> Stay | None:
    """The session as it goes on, when it is time for another cookie."""
    return replace(stay, seen_at=now.replace(microsecond=0)) if now >= stay.seen_at + _RENEWED else None


def keep(response: Response, stay: Stay, sessions: SealedTokens, *, secure: bool) -> None:
    """Send the cookie. It ends with the browser, and here by the clock."""
    told = {
        "id": stay.id,
        "who": str(stay.credential_id) if stay.credential_id else None,
        "began": int(stay.began_at.timestamp()),
        "seen": int(stay.seen_at.timestamp()),
    }
    response.set_cookie(
        cookie_name(secure=secure),
        sessions.seal(json.dumps(told).encode()),
        max_age=int(IDLE.total_seconds()),
        path="/" if secure else "/console",
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def forget(response: Response, *, secure: bool) -> None:
    """Take the cookie back."""
    path = "/" if secure else "/console"
    response.delete_cookie(
        cookie_name(secure=secure), path=path, secure=secure, httponly=True, samesite="strict"
    )


def form_token(stay: Stay) -> str:
    """What a form of this session carries: only who has the session's id, which is sealed, can make it."""
    return hmac.digest(stay.id.encode(), b"sparr console form 1", sha256).hex()


def is_form_token(stay: Stay, sent: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(form_token(stay).encode(), sent.encode("utf-8", "surrogatepass"))
