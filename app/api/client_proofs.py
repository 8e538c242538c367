"""How a client says who it is at the token endpoint (RFC 6749 section 2.3, RFC 7521 section 4.2).

Three ways, and exactly one of them at a time: the secret by HTTP Basic, the secret in the form, or an
assertion. Everything refused here is a TokenError, with the words of RFC 6749 section 5.2.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

GRANT_TYPE: Final = "client_credentials"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AUTHENTICATION_METHODS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt")
_MOST_FIELDS: Final = 20


class TokenError(Exception):
    """No token. `code` is one of RFC 6749 section 5.2; `description` is fixed text of ours."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True, repr=False)
class SecretProof:
    """A client id and what is said to be its secret."""

    client_id: str
    secret: str


@dataclass(frozen=True, slots=True, repr=False)
class AssertionProof:
    """A JWT that the client signed; `client_id` is what the form says beside it, if anything."""

    assertion: str
    client_id: str | None


Proof = SecretProof | AssertionProof


def read_form(raw: bytes) -> dict[str, str]:
    """The fields of a form. A field without a value counts as left out, and one that stands twice is refused
    (RFC 6749 section 3.2)."""
    try:
        fields = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise TokenError("invalid_request", "The form cannot be read.") from None
    form = dict(fields)
    if len(form) < len(fields):
        raise TokenError("invalid_request", "A field of the form stands twice.")
    return {name: value for name, value in form.items() if value}


def read_proof(form: Mapping[str, str], authorization: Sequence[str]) -> Proof:
    """The one proof among the fields and the Authorization headers."""
    ways = bool(authorization) + ("client_secret" in form) + ("client_assertion" in form)
    if ways > 1 or len(authorization) > 1:
        raise TokenError("invalid_request", "The client authenticates in more than one way.")
    client_id = form.get("client_id")
    if authorization:
        return _basic(authorization[0], client_id)
    if "client_assertion" in form:
        return _assertion(form, client_id)
    if client_id is None or "client_secret" not in form:
        raise TokenError("invalid_client", "The client does not authenticate.")
    return SecretProof(client_id, form["client_secret"])


def _assertion(form: Mapping[str, str], client_id: str | None) -> AssertionProof:
    if "client_assertion_type" not in form:
        raise TokenError("invalid_request", "client_assertion_type is missing.")
    if form["client_assertion_type"] != ASSERTION_TYPE:
        raise TokenError("invalid_client", "This kind of assertion is not accepted.")
    return AssertionProof(form["client_assertion"], client_id)


def _basic(header: str, form_client_id: str | None) -> SecretProof:
    """RFC 7617 section 2. Id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1), so
    the first colon divides them; a further one belongs to a secret that was not encoded."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        raise TokenError("invalid_client", "Only Basic is accepted in the Authorization header.")
    try:
        user, colon, password = base64.b64decode(credentials, validate=True).decode("ascii").partition(":")
        client_id, secret = (unquote_plus(part, errors="strict") for part in (user, password))
    except ValueError:
        raise TokenError("invalid_client", "The Basic credentials cannot be read.") from None
    if not colon:
        raise TokenError("invalid_client", "The Basic credentials cannot be read.")
    if form_client_id is not None and form_client_id != client_id:
        raise TokenError("invalid_request", "The form names another client than the Authorization header.")
    return SecretProof(client_id, secret)
