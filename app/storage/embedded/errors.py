"""The one error of the embedded server."""


class EmbeddedPostgresError(Exception):
    """The embedded server cannot run here; the text says why and what to do. It carries no password."""
