"""Text messages that 46elks received: a form. 46elks signs nothing, so the URL is secret (the connection's
id) and carries a user and password for basic authentication.

The reply is empty: 46elks sends whatever stands in it back to the person as a text message.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from app.crypto.call_backs import basic_holds
from app.domain.call_backs import Call, Draft, Meaning, UnreadableCallError, Way, moment, required
from app.domain.keywords import is_stop

_MOST_FIELDS: Final = 100


class _Elks:
    source = "46elks"
    secrets = (frozenset({"username", "password"}),)
    reply = ("", None)

    def verify(self, call: Call, secrets: Mapping[str, str]) -> bool:
        return basic_holds(call.headers.get("authorization", ""), secrets["username"], secrets["password"])

    def read(self, call: Call) -> Sequence[Draft]:
        try:
            text = call.body.decode("ascii")
            fields = dict(parse_qsl(text, errors="strict", max_num_fields=_MOST_FIELDS))
        except ValueError:
            raise UnreadableCallError("form") from None
        if fields.get("direction", "incoming") != "incoming":
            raise UnreadableCallError("direction")
        meaning = Meaning.OPT_OUT if is_stop(fields.get("message", "")) else Meaning.NOT_UNDERSTOOD
        # The time is in UTC, and written without its offset.
        at = moment(f"{fields['created']}+00:00") if "created" in fields else None
        return [Draft(required(fields, "id"), meaning, "sms", "phone", required(fields, "from"), at)]


WAY: Final[Way] = _Elks()
