"""A proven client gets an access token for ten minutes (RFC 6749 section 4.4, RFC 9068)."""

from datetime import datetime
from secrets import token_bytes

from app.crypto.keys import SigningKey
from app.crypto.tokens import issue_access_token
from app.domain.ids import uuid7
from app.domain.parties import Client


def issue_token(key: SigningKey, issuer: str, client: Client, now: datetime) -> tuple[str, int]:
    """The token and its lifetime in seconds. It only says who asks: what the caller may do is read anew for
    each request, so a suspended agent gets one as well and may read with it."""
    return issue_access_token(
        key,
        issuer=issuer,
        audience=issuer,
        client_id=str(client.credential_id),
        party_id=str(client.party_id),
        role=client.role.value,
        scope=client.role.value,
        now=now,
        jti=str(uuid7(now, token_bytes(10))),
    )
