"""Text messages that Twilio received: a form, signed with the account's token over the full URL and the
fields.

`OptOutType` comes where a Messaging Service has Advanced Opt-Out: STOP, START or HELP. A START never lifts.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

from app.crypto.call_backs import hmac_holds
from app.domain.call_backs import Call, Draft, Meaning, UnreadableCallError, Way, required
from app.domain.keywords import is_stop

_MEANINGS: Final = {"STOP": Meaning.OPT_OUT, "START": Meaning.OPT_IN, "HELP": Meaning.NO_WISH}
_MOST_FIELDS: Final = 200


class _Twilio:
    source = "twilio"
    secrets = (frozenset({"auth_token"}),)
    reply = ("<Response/>", "text/xml")

    def verify(self, call: Call, secrets: Mapping[str, str]) -> bool:
        try:
            fields = _fields(call)
        except UnreadableCallError:
            return False
        parts = [name + value for name in sorted(fields) for value in sorted(set(fields[name]))]
        message = "".join([call.url, *parts]).encode()
        return hmac_holds(secrets["auth_token"], message, call.headers.get("x-twilio-signature", ""), "sha1")

    def read(self, call: Call) -> Sequence[Draft]:
        fields = {name: values[0] for name, values in _fields(call).items()}
        meaning = _MEANINGS.get(fields.get("OptOutType", ""), Meaning.NOT_UNDERSTOOD)
        if is_stop(fields.get("Body", "")):
            meaning = Meaning.OPT_OUT
        return [Draft(required(fields, "MessageSid"), meaning, "sms", "phone", required(fields, "From"))]


def _fields(call: Call) -> dict[str, list[str]]:
    try:
        text = call.body.decode("ascii")
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise UnreadableCallError("form") from None


WAY: Final[Way] = _Twilio()
