"""The answer of a lookup as bytes, built without an object per item: all that get the usual decision share
one piece of text."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.decision import Answer, Decision
from app.usecases.look_up import Found
from app.usecases.sign_receipt import rfc3339

_Wording = tuple[str, tuple[str, ...], tuple[str, ...], datetime | None]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def spoken_lookup(found: Found, lookup_id: UUID, view: str) -> bytes:
    """The whole answer but its last member, the receipt: `{…}`."""
    head = {
        "lookup_id": str(lookup_id),
        "decided_at": rfc3339(found.decided_at),
        "as_of": str(found.as_of) if found.as_of else None,
        "valid_until": rfc3339(found.valid_until),
        "registers": spoken_registers(found),
        "counts": {
            "asked": found.count,
            "allow": found.count - found.blocked,
            "block": found.blocked,
            "invalid": found.unreadable,
        },
    }
    items = _compact(found) if view == "compact" else _full(found)
    return f"{_json(head)[:-1]},{items}}}".encode()


def with_seed(answer: bytes, seed: str) -> bytes:
    """The answer with what opens single rows of its receipt's tree."""
    return answer[:-1] + b',"receipt_seed":' + _json(seed).encode() + b"}"


def spoken_registers(found: Found) -> list[dict[str, str]]:
    """The versions of national registers that were asked, for the answer and its receipt."""
    return [
        {
            "code": one.code,
            "snapshot_id": str(one.snapshot_id),
            "version_date": one.version_date.isoformat(),
        }
        for one in found.registers
    ]


def with_receipt(answer: bytes, receipt: str | None) -> bytes:
    """The answer with its receipt as the last member."""
    return answer[:-1] + b',"receipt":' + _json(receipt).encode() + b"}"


def _full(found: Found) -> str:
    verdicts: dict[_Wording, str] = {}
    usual = _result(found.usual, verdicts)
    special = {index: _result(decision, verdicts) for index, decision in found.special.items()}
    rows = [f'{{"index":{n},{special.get(n, usual)}' for n in range(found.count)]
    return f'"results":[{",".join(rows)}]'


def _result(decision: Decision, verdicts: dict[_Wording, str]) -> str:
    """All of a result but its index and the opening brace. `verdicts` has what many of them share."""
    wording = (decision.code, decision.reasons, decision.obligations, decision.retry_after)
    verdict = verdicts.get(wording)
    if verdict is None:
        verdict = verdicts[wording] = _verdict(decision)
    if decision.entry is None:
        return f'{verdict},"since":null,"entry_id":null}}'
    return f'{verdict},"since":"{rfc3339(decision.entry.since)}","entry_id":"{decision.entry.entry_id}"}}'


def _verdict(decision: Decision) -> str:
    members = {
        "decision": decision.answer.value,
        "code": decision.code,
        "reasons": list(decision.reasons),
        "obligations": list(decision.obligations),
    }
    if decision.retry_after:
        members["retry_after"] = rfc3339(decision.retry_after)
    return _json(members)[1:-1]


def _compact(found: Found) -> str:
    usual, special = found.usual, found.special
    answers = ((n, special.get(n, usual)) for n in range(found.count))
    rows = [f'{{"index":{n},"code":"{one.code}"}}' for n, one in answers if one.answer is Answer.BLOCK]
    allow_code = usual.code if usual.answer is Answer.ALLOW else None
    return f'"allow_code":{_json(allow_code)},"blocked":[{",".join(rows)}]'
