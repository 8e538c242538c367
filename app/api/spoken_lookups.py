"""The answer of a lookup as bytes, built without an object per item: all that get the usual decision share
one piece of text."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from app.api.schemas.base import LOOKUP_IDENTIFIERS
from app.domain.column import slices
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
    return [one.told() for one in found.registers]


def with_receipt(answer: bytes, receipt: str | None) -> bytes:
    """The answer with its receipt as the last member."""
    return b"".join((memoryview(answer)[:-1], b',"receipt":', _json(receipt).encode(), b"}"))


def _full(found: Found) -> str:
    """Each row is its number and what follows it up to the next number."""
    if not found.count:
        return '"results":[]'
    verdicts: dict[_Wording, str] = {}
    numbers, usual = _numbers(found.count), f",{_result(found.usual, verdicts)}{_NEXT}"
    tails = [usual] * found.count
    for index, decision in found.special.items():
        tails[index] = f",{_result(decision, verdicts)}{_NEXT}"
    tails[-1] = tails[-1].removesuffix(_NEXT)
    # Some at a time: joining is one step of the interpreter, in which nothing else can happen.
    parts = [
        "".join(chain.from_iterable(zip(numbers[part], tails[part], strict=True)))
        for part in slices(found.count, _ROWS)
    ]
    return f'"results":[{_NEXT[1:]}{"".join(parts)}]'


_NEXT = ',{"index":'
_ROWS = 5_000


def _numbers(count: int) -> Sequence[str]:
    """0, 1, 2… as text."""
    written = _most_numbers()
    return written[:count] if count <= len(written) else [str(number) for number in range(count)]


@lru_cache(maxsize=1)
def _most_numbers() -> Sequence[str]:
    return [str(number) for number in range(LOOKUP_IDENTIFIERS)]


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
    blocked = {n: one.code for n, one in special.items() if one.answer is Answer.BLOCK}
    if usual.answer is Answer.BLOCK:
        blocked |= dict.fromkeys(set(range(found.count)) - special.keys(), usual.code)
    rows = [f'{{"index":{index},"code":"{blocked[index]}"}}' for index in sorted(blocked)]
    allow_code = usual.code if usual.answer is Answer.ALLOW else None
    return f'"allow_code":{_json(allow_code)},"blocked":[{",".join(rows)}]'
