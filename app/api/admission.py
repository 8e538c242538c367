"""Who gets a place: looked at before anything of a request is parsed or asked of the database.

Each process counts for itself, in memory. Whose request it is, its token says; what has no valid token is
answered 401 by whoever needs one, and is not counted. The party's own requests wait for nobody else's.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem_response
from app.crypto.tokens import AccessClaims, BadToken
from app.crypto.verified_tokens import VerifiedTokens
from app.domain.quotas import MOST_BYTES, Exceeded, Quota, Standing, exceeded, set_aside, spend

CLAIMS: Final = "claims"
"""Where the claims of the token stand in the state of a request, None when it is not valid."""

_MOST_IDLE: Final = 10_000
_TEXTS: Final = {
    "items": "The items of this party are used up for now.",
    "requests": "This party has too many requests in hand.",
    "bytes": "The bodies that this party is sending are too large together.",
}


class Admission:
    """ASGI middleware, before every route."""

    def __init__(
        self,
        app: ASGIApp,
        quota: Quota,
        tokens: VerifiedTokens,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._app = app
        self._quota = quota
        self._tokens = tokens
        self._clock = clock
        self._parties: dict[str, Standing] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        token, length = _said(scope)
        claims = self._claims(token) if token is not None else None
        scope.setdefault("state", {})[CLAIMS] = claims
        if claims is None:
            await self._app(scope, receive, send)
            return
        standing = self._standing(claims.party)
        over = exceeded(self._quota, standing, self._clock(), length)
        if over is not None:
            await self._refused(over)(scope, receive, send)
            return
        await self._admitted(scope, receive, send, standing, length)

    async def _admitted(
        self, scope: Scope, receive: Receive, send: Send, standing: Standing, length: int | None
    ) -> None:
        held = set_aside(length)
        standing.requests += 1
        standing.body_bytes += held
        whole = length is not None and length <= MOST_BYTES
        spend(self._quota, standing, self._clock(), length or 0 if whole else 0)
        try:
            await self._app(scope, receive if whole else self._counted(receive, standing), send)
        finally:
            standing.requests -= 1
            standing.body_bytes -= held

    def _counted(self, receive: Receive, standing: Standing) -> Receive:
        """A body of any length is counted as it comes, and comes as fast as the quota lets it."""

        async def counted() -> Message:
            message = await receive()
            ahead = spend(self._quota, standing, self._clock(), len(message.get("body", b"")))
            if ahead:
                await asyncio.sleep(ahead)
            return message

        return counted

    def _claims(self, token: str) -> AccessClaims | None:
        try:
            return self._tokens.claims(token, datetime.now(UTC))
        except BadToken:
            return None

    def _standing(self, party: str) -> Standing:
        found = self._parties.get(party)
        if found is None:
            if len(self._parties) >= _MOST_IDLE:
                now = self._clock()
                self._parties = {key: one for key, one in self._parties.items() if not one.idle(now)}
            found = self._parties[party] = Standing()
        return found

    def _refused(self, over: Exceeded) -> ASGIApp:
        headers = {
            "Retry-After": str(over.wait),
            "RateLimit": over.limit,
            "RateLimit-Policy": self._quota.policies,
        }
        return problem_response("TOO_MANY_REQUESTS", detail=_TEXTS[over.policy], headers=headers)


def _said(scope: Scope) -> tuple[str | None, int | None]:
    """The bearer token, and the length of the body: 0 without one, None when nobody has said."""
    token, length, chunked = None, 0, False
    for name, value in scope["headers"]:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            token = value[7:].decode("latin-1")
        elif name == b"content-length":
            length = int(value) if value.isdigit() else 0
        elif name == b"transfer-encoding":
            chunked = True
    return token, None if chunked else length


def install(app: FastAPI, quota: Quota, tokens: VerifiedTokens) -> None:
    """To be called before what observes, and after what refuses methods: those requests are counted too."""
    options: dict[str, Any] = {"quota": quota, "tokens": tokens}
    app.add_middleware(Admission, **options)
