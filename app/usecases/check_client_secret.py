"""A client proves itself with its secret (RFC 6749 section 2.3.1)."""

from app.crypto.credentials import matches
from app.domain.parties import Client, ClientUnprovenError, credential_of
from app.storage.parties import credential_secret
from app.storage.units import ReadUnit

_NOBODYS_DIGEST = bytes(32)


async def check_client_secret(unit: ReadUnit, credential_key: bytes, client_id: str, secret: str) -> Client:
    """Raises ClientUnprovenError. An unknown client costs the same comparison as a wrong secret, so that
    neither the answer nor its time tells which clients exist."""
    credential_id = credential_of(client_id)
    found = await credential_secret(unit, credential_id) if credential_id else None
    same = matches(credential_key, secret, found[2] if found else _NOBODYS_DIGEST)
    if credential_id is None or found is None or not same:
        raise ClientUnprovenError
    return Client(credential_id, found[0], found[1])
