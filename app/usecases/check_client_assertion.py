"""An agent proves itself with a JWT signed by one of its registered keys (RFC 7523 section 2.2)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from app.crypto.tokens import (
    LEEWAY_SECONDS,
    BadToken,
    VerificationKeys,
    unverified_client_id,
    verify_client_assertion,
)
from app.domain.parties import Client, ClientUnprovenError, credential_of
from app.storage.assertions import use_assertion
from app.storage.parties import agent_keys, credential_secret
from app.storage.units import WriteUnit


async def check_client_assertion(
    unit: WriteUnit, assertion: str, stated_id: str | None, audiences: Collection[str], now: datetime
) -> Client:
    """Raises ClientUnprovenError: unreadable, not signed by a key of this very agent, out of its time, for
    somebody else, used before, or of a credential that is revoked. `stated_id`, the client id beside the
    assertion, must be the same where it is given (RFC 7521 section 4.2)."""
    try:
        client_id = unverified_client_id(assertion)
        client = await _claimed(unit, client_id if stated_id in (None, client_id) else "")
        keys = VerificationKeys(await agent_keys(unit, client.party_id))
        proven = verify_client_assertion(assertion, keys, client_id=client_id, audiences=audiences, now=now)
    except BadToken:
        raise ClientUnprovenError from None
    until = proven.expires_at + timedelta(seconds=LEEWAY_SECONDS)
    if not await use_assertion(unit, client.credential_id, proven.jti, until, now):
        raise ClientUnprovenError
    return client


async def _claimed(unit: WriteUnit, client_id: str) -> Client:
    credential_id = credential_of(client_id)
    found = await credential_secret(unit, credential_id) if credential_id else None
    if credential_id is None or found is None:
        raise ClientUnprovenError
    return Client(credential_id, found[0], found[1])
