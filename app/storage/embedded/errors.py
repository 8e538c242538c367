"""The one error of the embedded server."""

from app.domain.refusals import OperatorError


class EmbeddedPostgresError(OperatorError):
    """The embedded server cannot run here; the text says why and what to do. It carries no password."""
