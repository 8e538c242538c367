"""The passwords of the database's service roles, derived from the key ring: nothing more to keep."""

import hashlib
import hmac


def role_password(credential_key: bytes, role: str) -> str:
    """HMAC-SHA256 of the role's name (RFC 2104), 64 hexadecimal digits: unguessable, always the same."""
    return hmac.digest(credential_key, b"database role " + role.encode(), hashlib.sha256).hex()
