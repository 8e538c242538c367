"""Text messages that Sinch received: JSON of type `mo_text`.

Sinch authenticates call-backs as the account is set up: by basic authentication, or by an HMAC-SHA256 over
body, nonce and timestamp. A repeated call-back is known by its message id, so its timestamp may be old.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from app.crypto.call_backs import basic_holds, hmac_holds
from app.domain.call_backs import Call, Draft, Meaning, UnreadableCallError, Way, moment, required
from app.domain.keywords import is_stop

_SIGNATURE: Final = "x-sinch-webhook-signature"
_ALGORITHM: Final = "HmacSHA256"


class _Sinch:
    source = "sinch"
    secrets = (frozenset({"signing_secret"}), frozenset({"username", "password"}))
    reply = ("", None)

    def verify(self, call: Call, secrets: Mapping[str, str]) -> bool:
        headers = call.headers
        if "signing_secret" not in secrets:
            return basic_holds(headers.get("authorization", ""), secrets["username"], secrets["password"])
        nonce, at = headers.get(f"{_SIGNATURE}-nonce", ""), headers.get(f"{_SIGNATURE}-timestamp", "")
        message = call.body + f".{nonce}.{at}".encode("utf-8", "surrogatepass")
        algorithm, sent = headers.get(f"{_SIGNATURE}-algorithm", _ALGORITHM), headers.get(_SIGNATURE, "")
        stamped = bool(nonce and at) and algorithm == _ALGORITHM
        return stamped and hmac_holds(secrets["signing_secret"], message, sent, "sha256")

    def read(self, call: Call) -> Sequence[Draft]:
        try:
            fields = json.loads(call.body)
        except (ValueError, RecursionError):
            raise UnreadableCallError("json") from None
        if not isinstance(fields, dict):
            raise UnreadableCallError("json")
        if fields.get("type") != "mo_text":
            return []
        text = fields.get("body")
        meaning = Meaning.OPT_OUT if isinstance(text, str) and is_stop(text) else Meaning.NOT_UNDERSTOOD
        number = required(fields, "from")
        # Sinch writes numbers in international form and leaves the plus out.
        number = f"+{number}" if number.isdecimal() and not number.startswith("0") else number
        at = moment(fields.get("received_at"))
        return [Draft(required(fields, "id"), meaning, "sms", "phone", number, at)]


WAY: Final[Way] = _Sinch()
