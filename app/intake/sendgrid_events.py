"""Events of SendGrid's event webhook: JSON, signed with ECDSA over the timestamp and the raw body.

Unsubscribing, leaving a group and reporting spam are wishes, and so is a message that was dropped because of
one of them. A resubscribe never lifts. A repeated event is known by its id, so the timestamp may be old.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from app.crypto.call_backs import ecdsa_holds
from app.domain.call_backs import Call, Draft, Meaning, UnreadableCallError, Way, required

_SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
_TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"
_WISHES: Final = frozenset({"unsubscribe", "group_unsubscribe", "spamreport"})
_RETURNS: Final = frozenset({"group_resubscribe", "resubscribe"})
_DROPPED_FOR: Final = frozenset({"Unsubscribed Address", "Spam Reporting Address"})


class _SendGrid:
    source = "sendgrid"
    secrets = (frozenset({"public_key"}),)
    reply = ("", None)

    def verify(self, call: Call, secrets: Mapping[str, str]) -> bool:
        stamp = call.headers.get(_TIMESTAMP, "").encode("utf-8", "surrogatepass")
        sent = call.headers.get(_SIGNATURE, "")
        return bool(stamp) and ecdsa_holds(secrets["public_key"], stamp + call.body, sent)

    def read(self, call: Call) -> Sequence[Draft]:
        try:
            events = json.loads(call.body)
        except (ValueError, RecursionError):
            raise UnreadableCallError("json") from None
        if not isinstance(events, list) or not all(isinstance(one, dict) for one in events):
            raise UnreadableCallError("json")
        return [_draft(event) for event in events]


def _draft(event: Mapping[str, Any]) -> Draft:
    return Draft(
        required(event, "sg_event_id"),
        _meaning(required(event, "event"), event.get("reason")),
        "email",
        "email",
        required(event, "email"),
        _at(event.get("timestamp")),
    )


def _meaning(kind: str, reason: object) -> Meaning:
    if kind in _WISHES or (kind == "dropped" and reason in _DROPPED_FOR):
        return Meaning.OPT_OUT
    return Meaning.OPT_IN if kind in _RETURNS else Meaning.NO_WISH


def _at(seconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    except (OverflowError, ValueError, OSError):
        return None


WAY: Final[Way] = _SendGrid()
