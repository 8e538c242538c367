"""The embedded PostgreSQL server, for `sparr up` and the tests. It reads no environment variable."""

from app.storage.embedded.errors import EmbeddedPostgresError
from app.storage.embedded.supervisor import EmbeddedAddress, EmbeddedPostgres, wheel_binaries

__all__ = ["EmbeddedAddress", "EmbeddedPostgres", "EmbeddedPostgresError", "wheel_binaries"]
