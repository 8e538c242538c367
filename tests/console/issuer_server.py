"""A small OpenID issuer with keys of its own, on this machine; tests spoil one thing of it at a time."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

import uvicorn
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from app.crypto import base64url
from tests.console.chromium import free_port

CLIENT_ID = "sparr & console"
SECRET = "a secret: with % signs"
Json = dict[str, Any]


@dataclass
class Code:
    """What was asked for, and by whom: a code is good for that, once."""

    claims: Json
    challenge: str
    redirect_uri: str
    client_id: str


@dataclass
class IssuerServer:
    """`discovery`, `claim` and `answer` are what a test spoils; `key` is what is signed with."""

    url: str
    key: Any = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "key-1", "use": "sig"}))
    algorithm: str = "ES256"
    published: list[Json] | None = None
    subject: str = ""
    discovery: Json = field(default_factory=dict)
    claim: Json = field(default_factory=dict)
    answer: Json = field(default_factory=dict)
    padding: int = 0
    mint: Callable[[Json], str] | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)

    def signed(self, claims: Json) -> str:
        if self.mint:
            return self.mint(claims)
        header = {"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"}
        return jws.serialize_compact(header, json.dumps(claims), self.key, algorithms=[self.algorithm])

    def consent(self, location: str, client_id: str = CLIENT_ID) -> Json:
        """Somebody signs in here: what their browser brings back from the address that it was led to."""
        asked = dict(parse_qsl(urlsplit(location).query))
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert asked["client_id"] == CLIENT_ID
        now, code = int(datetime.now(UTC).timestamp()), token_hex(16)
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": self.subject,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
        }
        claims = {name: value for name, value in (claims | self.claim).items() if value is not None}
        self.codes[code] = Code(claims, asked["code_challenge"], asked["redirect_uri"], client_id)
        return {"code": code, "state": asked["state"], "iss": self.url, **self.answer}

    def _authorize(self, request: Request) -> Response:
        """The page on which somebody signs in here: one link, back to where they came from."""
        brought = urlencode(self.consent(str(request.url)))
        back = escape(f"{request.query_params['redirect_uri']}?{brought}")
        return HTMLResponse(f'<!doctype html><title>Issuer</title><a id="consent" href="{back}">Yes</a>')

    def _about(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        about = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize?tenant=1",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "authorization_response_iss_parameter_supported": True,
            "padding": "x" * self.padding,
        }
        return JSONResponse(about | self.discovery)

    def _keys(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return JSONResponse({"keys": self.published or [self.key.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        _, _, basic = request.headers.get("authorization", "").partition(" ")
        sent = [form.get("client_id", ""), form.get("client_secret", "")]
        if basic:
            sent = [unquote_plus(one) for one in b64decode(basic).decode().split(":")]
        if sent != [CLIENT_ID, SECRET]:
            return JSONResponse({"error": "invalid_client"}, 401)
        code = self.codes.pop(form["code"], None)
        proof = base64url.encode(sha256(form["code_verifier"].encode()).digest())
        fits = (proof, form["redirect_uri"], CLIENT_ID)
        if code is None or (code.challenge, code.redirect_uri, code.client_id) != fits:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"token_type": "Bearer", "access_token": "x", "id_token": self.signed(code.claims)}
        )

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/authorize", self._authorize),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
            ]
        )


def unsigned(claims: Json) -> str:
    """A token of the algorithm `none` (CVE-2015-9235)."""
    header = base64url.encode(b'{"alg":"none","kid":"key-1","typ":"JWT"}')
    return f"{header}.{base64url.encode(json.dumps(claims).encode())}."


def mislabelled(key: RSAKey) -> Callable[[Json], str]:
    """Signed as RS256, and said to be PS256: a key is for one algorithm (RFC 8725 section 3.1)."""
    private = serialization.load_pem_private_key(key.as_pem(private=True), None)
    assert isinstance(private, rsa.RSAPrivateKey)

    def mint(claims: Json) -> str:
        header = base64url.encode(json.dumps({"alg": "PS256", "kid": key.kid}).encode())
        signed = f"{header}.{base64url.encode(json.dumps(claims).encode())}"
        signature = private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url.encode(signature)}"

    return mint


def by_secret_of_public_key(key: RSAKey) -> Callable[[Json], str]:
    """HS256 with the published key as the secret: what a verifier believes that lets a token choose."""
    secret = OctKey.import_key(base64url.encode(key.as_pem(private=False)))

    def mint(claims: Json) -> str:
        header = {"alg": "HS256", "kid": key.kid, "typ": "JWT"}
        return jws.serialize_compact(header, json.dumps(claims), secret, algorithms=["HS256"])

    return mint


@asynccontextmanager
async def issuing(host: str = "127.0.0.1") -> AsyncIterator[IssuerServer]:
    """An issuer that answers under this name of the machine."""
    port = free_port()
    issuer = IssuerServer(f"http://{host}:{port}")
    config = uvicorn.Config(issuer.app, port=port, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn says it in no other way
        await asyncio.sleep(0.01)
    yield issuer
    server.should_exit = True
    await serving
