"""Subscription changes of Postmark: JSON, with user and password for basic authentication; nothing is signed.

Nobody wished that an address is suppressed because its mailbox is gone (`HardBounce`). A reactivation never
lifts. Postmark gives some changes no message id, so a change is known by address and moment as well.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.crypto.call_backs import basic_holds
from app.domain.call_backs import Call, Draft, Meaning, UnreadableCallError, Way, moment, required


class _Postmark:
    source = "postmark"
    secrets = (frozenset({"username", "password"}),)
    reply = ("", None)

    def verify(self, call: Call, secrets: Mapping[str, str]) -> bool:
        return basic_holds(call.headers.get("authorization", ""), secrets["username"], secrets["password"])

    def read(self, call: Call) -> Sequence[Draft]:
        try:
            change = json.loads(call.body)
        except (ValueError, RecursionError):
            raise UnreadableCallError("json") from None
        if not isinstance(change, dict):
            raise UnreadableCallError("json")
        if change.get("RecordType") != "SubscriptionChange":
            return []
        address, changed = required(change, "Recipient"), required(change, "ChangedAt")
        message_id = f"{change.get('MessageID')}/{changed}/{address}"
        return [Draft(message_id, _meaning(change), "email", "email", address, moment(changed))]


def _meaning(change: Mapping[str, Any]) -> Meaning:
    if change.get("SuppressSending") is not True:
        return Meaning.OPT_IN
    return Meaning.NO_WISH if change.get("SuppressionReason") == "HardBounce" else Meaning.OPT_OUT


WAY: Final[Way] = _Postmark()
