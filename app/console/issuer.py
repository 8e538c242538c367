"""The issuer as the console reaches it: its discovery document, its keys, and codes for ID tokens.

OpenID Connect Discovery 1.0, RFC 6749 section 4.1.3, RFC 7636. Every answer has its time and its size, no
redirect is followed, and no environment variable leads a request elsewhere.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import httpx2

from app.console.issuer_settings import IssuerSettings, is_trustworthy
from app.crypto.compact_jws import BadToken, Reason, json_object
from app.crypto.id_tokens import published_keys, verified_id_token
from app.crypto.pinned_keys import PinnedKey
from app.crypto.public_keys import BadKey

_SECONDS: Final = 5
_LONGEST: Final = 256 * 1024
_KNOWN: Final = timedelta(hours=1)
_AGAIN: Final = timedelta(seconds=10)
_OK: Final = 200
_CLIENT_ERRORS: Final = range(400, 500)
_UNKNOWN_CLIENT: Final = 401
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class IssuerDownError(Exception):
    """The issuer does not answer, or with something that cannot be used. The reason is for the log."""


class CodeRefusedError(Exception):
    """The issuer gives nothing for this code: it was used, is too old, or another client's."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the issuer says of itself, and its keys, as of then."""

    at: datetime
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool
    by_post: bool
    keys: Mapping[str, PinnedKey]


class Issuer:
    """One issuer. What it said is kept for an hour; one that failed is left alone for some seconds, so that
    visitors cannot make the registry knock at it."""

    def __init__(self, settings: IssuerSettings, redirect_uri: str) -> None:
        self.settings = settings
        self.redirect_uri = redirect_uri
        self._known: Discovered | None = None
        self._failed_at: datetime | None = None
        self._asking = asyncio.Lock()
        self._tls: ssl.SSLContext | None = None

    @property
    def host(self) -> str:
        """What people know it by."""
        return urlsplit(self.settings.issuer).netloc

    async def discovered(self, now: datetime, newer_than: datetime | None = None) -> Discovered:
        """What is known, asked for anew when it is old. Raises IssuerDownError."""
        async with self._asking:
            known = self._known
            fresh = known is not None and known.at <= now < known.at + _KNOWN
            if known and fresh and (newer_than is None or known.at > newer_than):
                return known
            if self._failed_at and self._failed_at <= now < self._failed_at + _AGAIN:
                raise IssuerDownError("it failed just now")
            try:
                self._known = await self._discover(now)
            except IssuerDownError:
                self._failed_at = now
                raise
            self._failed_at = None
            return self._known

    async def claims(self, code: str, verifier: str, now: datetime) -> dict[str, Any]:
        """The claims of the ID token that a code is good for, with a good signature and otherwise unchecked.
        Raises CodeRefusedError, BadToken, IssuerDownError."""
        known = await self.discovered(now)
        token = await self._redeemed(known, code, verifier)
        try:
            return verified_id_token(token, known.keys)
        except BadToken as bad:
            if bad.reason is not Reason.UNKNOWN_KEY or now < known.at + _AGAIN:
                raise
        return verified_id_token(token, (await self.discovered(now, newer_than=known.at)).keys)

    async def _discover(self, now: datetime) -> Discovered:
        issuer = self.settings.issuer
        said = await self._asked("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise IssuerDownError("discovery is another issuer's")
        if not all(is_trustworthy(said.get(name)) for name in _ENDPOINTS):
            raise IssuerDownError("an endpoint is neither https nor on this machine")
        if "S256" not in _listed(said, "code_challenge_methods_supported", "S256"):
            raise IssuerDownError("it does not support S256")
        try:
            keys = published_keys((await self._asked("GET", said["jwks_uri"])).get("keys"))
        except BadKey:
            raise IssuerDownError("no usable keys") from None
        ways = _listed(said, "token_endpoint_auth_methods_supported", "client_secret_basic")
        return Discovered(
            now,
            authorization_endpoint=said["authorization_endpoint"],
            token_endpoint=said["token_endpoint"],
            jwks_uri=said["jwks_uri"],
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
            by_post="client_secret_basic" not in ways,
            keys=keys,
        )

    async def _redeemed(self, known: Discovered, code: str, verifier: str) -> str:
        client_id, secret = self.settings.client_id, self.settings.client_secret
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
        auth = None if known.by_post else (quote_plus(client_id), quote_plus(secret))
        if known.by_post:
            form |= {"client_id": client_id, "client_secret": secret}
        token = (await self._asked("POST", known.token_endpoint, data=form, auth=auth)).get("id_token")
        if not isinstance(token, str):
            raise IssuerDownError("no ID token")
        return token

    async def _asked(self, method: str, url: str, **sent: Any) -> dict[str, Any]:
        """A JSON object, whole, in time and of no more than its size."""
        body = bytearray()
        self._tls = self._tls or ssl.create_default_context()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        client = httpx2.AsyncClient(verify=self._tls, trust_env=False, timeout=_SECONDS, headers=headers)
        try:
            async with asyncio.timeout(_SECONDS), client, client.stream(method, url, **sent) as answer:
                if answer.status_code == _UNKNOWN_CLIENT:
                    raise IssuerDownError("it does not accept the client id and secret of this registry")
                if method == "POST" and answer.status_code in _CLIENT_ERRORS:
                    raise CodeRefusedError
                if answer.status_code != _OK or "content-encoding" in answer.headers:
                    raise IssuerDownError("an answer of another kind")
                async for chunk in answer.aiter_raw(16 * 1024):
                    body += chunk
                    if len(body) > _LONGEST:
                        raise IssuerDownError("an answer too long")
            return json_object(bytes(body))
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError):
            raise IssuerDownError("no answer") from None
        except BadToken:
            raise IssuerDownError("no JSON object") from None


def _listed(said: Mapping[str, Any], name: str, usual: str) -> list[Any]:
    """What the issuer supports; the usual when it does not say."""
    stated = said.get(name, [usual])
    return stated if isinstance(stated, list) else []
