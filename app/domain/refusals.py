"""Why an act is refused: one closed table of permanent codes.

Only the table in app/api/problems.py knows which HTTP status a code has. A retired code stays listed and
is never used again.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """Codes told to the caller; the text beside each is the sentence of its problem document."""

    MANDATE_SCOPE = "MANDATE_SCOPE"
    MANDATE_EXPIRED = "MANDATE_EXPIRED"
    MANDATE_REVOKED = "MANDATE_REVOKED"
    MANDATE_CLOSED = "MANDATE_CLOSED"
    MANDATE_NOT_FOUND = "MANDATE_NOT_FOUND"
    MANDATE_NOT_VERIFIED = "MANDATE_NOT_VERIFIED"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    AGENT_SUSPENDED = "AGENT_SUSPENDED"
    ROLE_DENIED = "ROLE_DENIED"
    INVALID_IDENTIFIER = "INVALID_IDENTIFIER"
    IDENTIFIER_NOT_GRANTOR = "IDENTIFIER_NOT_GRANTOR"
    EVIDENCE_REQUIRED = "EVIDENCE_REQUIRED"
    EVIDENCE_KIND_UNSUPPORTED = "EVIDENCE_KIND_UNSUPPORTED"
    AUTH_CONTROLLER = "AUTH_CONTROLLER"
    NOT_FOUND = "NOT_FOUND"
    STATE_CONFLICT = "STATE_CONFLICT"
    SECOND_ADMIN_REQUIRED = "SECOND_ADMIN_REQUIRED"
    INVALID_TIME = "INVALID_TIME"
    INVALID_KEY = "INVALID_KEY"
    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
    BATCH_ABORTED = "BATCH_ABORTED"
    UNKNOWN_POSITION = "UNKNOWN_POSITION"
    NOT_FRESH = "NOT_FRESH"
    FACTS_UNREADABLE = "FACTS_UNREADABLE"
    NOVELTY_EXCEEDED = "NOVELTY_EXCEEDED"


REFUSAL_TEXTS: dict[Refusal, str] = {
    Refusal.MANDATE_SCOPE: "The mandate does not give the right to this act.",
    Refusal.MANDATE_EXPIRED: "The mandate had expired when the act was received.",
    Refusal.MANDATE_REVOKED: "The mandate had been revoked when the act was received.",
    Refusal.MANDATE_CLOSED: "The mandate is closed for new acts.",
    Refusal.MANDATE_NOT_FOUND: "There is no such mandate of this agent.",
    Refusal.MANDATE_NOT_VERIFIED: "The mandate did not pass its checks.",
    Refusal.SIGNATURE_INVALID: "The signature of the mandate could not be verified.",
    Refusal.AGENT_SUSPENDED: "The agent is suspended; nothing new is taken in from it.",
    Refusal.ROLE_DENIED: "The role of this credential does not allow this.",
    Refusal.INVALID_IDENTIFIER: "No identifier of the request could be read.",
    Refusal.IDENTIFIER_NOT_GRANTOR: "The personal number is not the grantor's.",
    Refusal.EVIDENCE_REQUIRED: "This act needs evidence.",
    Refusal.EVIDENCE_KIND_UNSUPPORTED: "This version cannot verify evidence of this kind.",
    Refusal.AUTH_CONTROLLER: "This caller may not act for the controller, or there is no such controller.",
    Refusal.NOT_FOUND: "There is nothing here that this caller may see.",
    Refusal.STATE_CONFLICT: "The present state does not allow this act.",
    Refusal.SECOND_ADMIN_REQUIRED: "A second, different admin must complete this act.",
    Refusal.INVALID_TIME: "A time of the request contradicts another, or lies in the future.",
    Refusal.INVALID_KEY: "A key is not a public P-256 key with its own kid.",
    Refusal.UNKNOWN_REFERENCE: "The request names a party that is not registered.",
    Refusal.BATCH_ABORTED: "Another item of the batch was refused, and the batch asked for all or nothing.",
    Refusal.UNKNOWN_POSITION: "This registry gave no such position; read the changes from the beginning.",
    Refusal.NOT_FRESH: "This node has not reached the demanded position yet; repeat shortly.",
    Refusal.FACTS_UNREADABLE: "The facts cannot be read with certainty now; no answer is given.",
    Refusal.NOVELTY_EXCEEDED: "The controller asks about more people than its customers; no answer is given.",
}


class RefusedError(Exception):
    """An act that was understood and is not done. `detail` is fixed text of ours, never an echo of input."""

    def __init__(self, code: Refusal, detail: str | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.detail = detail or REFUSAL_TEXTS[code]


class OperatorError(Exception):
    """Something that whoever runs the registry can mend. The message is one line, and holds no secret."""


class UnavailableError(Exception):
    """The facts cannot be read now, or nobody knows how an act ended. Never to be read as "clear" (R03)."""


class StatementError(UnavailableError):
    """The database refused a statement, and said so: nothing of its transaction is there."""
