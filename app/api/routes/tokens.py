"""The token endpoint and what a client must know of it (RFC 6749, 7523, 8414). Its errors are those of
RFC 6749 section 5.2, which every OAuth client understands, not problem documents."""

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from app.api.bodies import RawBodyReader
from app.api.client_proofs import (
    ASSERTION_TYPE,
    AUTHENTICATION_METHODS,
    GRANT_TYPE,
    AssertionProof,
    Proof,
    TokenError,
    read_form,
    read_proof,
)
from app.api.problems import EdgeError
from app.api.schemas.tokens import (
    BEARER,
    AuthorizationServerAnswer,
    KeysAnswer,
    TokenAnswer,
    TokenErrorAnswer,
)
from app.api.state import Deployment, deployment_of
from app.domain.parties import Client, ClientUnprovenError, Role
from app.usecases.check_client_assertion import check_client_assertion
from app.usecases.check_client_secret import check_client_secret
from app.usecases.issue_token import issue_token as issue

router = APIRouter(tags=["tokens"])

FORM: Final = "application/x-www-form-urlencoded"
_FORM_BYTES: Final = 32 * 1024
_UNPROVEN: Final = "The client is unknown, or its proof does not hold."
_NOT_STORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_read_body = RawBodyReader(None, _FORM_BYTES, (FORM,))

_TEXT: Final = {"type": "string"}
_FORM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": [GRANT_TYPE]},
        "client_id": _TEXT,
        "client_secret": _TEXT,
        "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
        "client_assertion": _TEXT,
        "scope": {"type": "string", "enum": [role.value for role in Role]},
    },
}
_DOCUMENTED: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {FORM: {"schema": _FORM_SCHEMA}}}
}
_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": TokenErrorAnswer, "description": "The request is not one for a token."},
    401: {"model": TokenErrorAnswer, "description": "The client did not prove who it is."},
}


@router.post("/oauth/token", response_model=TokenAnswer, responses=_ERRORS, openapi_extra=_DOCUMENTED)
async def issue_token(request: Request) -> Response:
    """An access token for ten minutes, for a client secret (Basic or form) or a signed assertion."""
    try:
        answer = await _granted(request)
    except TokenError as refused:
        return _refusal(refused)
    return Response(answer.model_dump_json(), 200, _NOT_STORED, "application/json")


@router.get("/.well-known/jwks.json")
async def read_keys(request: Request) -> KeysAnswer:
    """The public keys of this registry. Retired ones stay: receipts are checked with them for ever."""
    return KeysAnswer(keys=deployment_of(request).ring.public_jwks())


@router.get("/.well-known/oauth-authorization-server")
async def describe_authorization_server(request: Request) -> AuthorizationServerAnswer:
    """Metadata for OAuth clients."""
    issuer = deployment_of(request).issuer
    return AuthorizationServerAnswer(
        issuer=issuer,
        token_endpoint=f"{issuer}/oauth/token",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        scopes_supported=[role.value for role in Role],
        response_types_supported=[],
        grant_types_supported=[GRANT_TYPE],
        token_endpoint_auth_methods_supported=list(AUTHENTICATION_METHODS),
        token_endpoint_auth_signing_alg_values_supported=["ES256"],
        service_documentation=f"{issuer}/docs",
    )


async def _granted(request: Request) -> TokenAnswer:
    form = await _form(request)
    if "grant_type" not in form:
        raise TokenError("invalid_request", "grant_type is missing.")
    if form["grant_type"] != GRANT_TYPE:
        raise TokenError("unsupported_grant_type", f"Only {GRANT_TYPE} is offered here.")
    proof = read_proof(form, request.headers.getlist("authorization"))
    deployment, now = deployment_of(request), datetime.now(UTC)
    client = await _proven(deployment, proof, now)
    if form.get("scope", client.role.value) != client.role.value:
        raise TokenError("invalid_scope", "The scope of a token is the role of its credential.")
    token, seconds = issue(deployment.ring.token_key, deployment.issuer, client, now)
    scope = client.role.value
    return TokenAnswer(access_token=token, token_type=BEARER, expires_in=seconds, scope=scope)


async def _form(request: Request) -> dict[str, str]:
    try:
        body = await _read_body(request)
    except EdgeError:
        raise TokenError("invalid_request", f"A body of {FORM}, at most 32 KiB, is expected.") from None
    return read_form(body.content)


async def _proven(deployment: Deployment, proof: Proof, now: datetime) -> Client:
    """The client behind a proof. An assertion is written down as used and committed before any answer."""
    try:
        if isinstance(proof, AssertionProof):
            async with deployment.database.write() as unit:
                return await check_client_assertion(
                    unit, proof.assertion, proof.client_id, deployment.token_audiences, now
                )
        async with deployment.database.read() as reading:
            key = deployment.ring.credential_key
            return await check_client_secret(reading, key, proof.client_id, proof.secret)
    except ClientUnprovenError:
        raise TokenError("invalid_client", _UNPROVEN) from None


def _refusal(refused: TokenError) -> Response:
    """RFC 6749 section 5.2; every 401 names the scheme that is accepted (RFC 9110 section 11.6.1)."""
    unproven = refused.code == "invalid_client"
    headers = _NOT_STORED | ({"WWW-Authenticate": 'Basic realm="sparr"'} if unproven else {})
    body = TokenErrorAnswer.model_validate({"error": refused.code, "error_description": refused.description})
    return Response(body.model_dump_json(), 401 if unproven else 400, headers, "application/json")
