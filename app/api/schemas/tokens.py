"""Tokens and what a client must know to ask for one."""

from typing import Final, Literal

from app.api.schemas.base import Answer

BEARER: Final = "Bearer"


class TokenAnswer(Answer):
    """An access token (RFC 6749 section 5.1); `expires_in` in seconds, `scope` is the credential's role."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class TokenErrorAnswer(Answer):
    """Why there is no token (RFC 6749 section 5.2)."""

    error: Literal["invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope"]
    error_description: str


class KeysAnswer(Answer):
    """The keys that tokens and receipts are checked with (RFC 7517 section 5), those in use first."""

    keys: list[dict[str, str]]


class AuthorizationServerAnswer(Answer):
    """Metadata of the token endpoint (RFC 8414 section 2)."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    service_documentation: str
