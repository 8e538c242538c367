"""What clients saw, and whether any of it breaks the first promise. Pure: no clock, no network.

All times are seconds of the machine's monotonic clock, which its processes share. A key stands for one
person; an objection is named by its id, so that a withdrawal ends that one and no later one.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import Any


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One answer that took objections in: by key, the id of each."""

    begun: float
    ended: float
    objections: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """A withdrawal was sent for the first time; nobody needs to have answered it."""

    begun: float
    objection: str


@dataclass(frozen=True, slots=True)
class Answered:
    """One lookup: the keys that were asked about, and those of them that were answered "allow"."""

    begun: float
    ended: float
    where: str
    keys: Sequence[int]
    clear: Sequence[int]


_NEAR = 5.0
"""Seconds."""

Happening = Acknowledged | Withdrawing | Answered


@dataclass(frozen=True, slots=True)
class Violation:
    """A "clear" whose call began after an acknowledgement, without a withdrawal that began before its end."""

    key: int
    answer: Answered
    acknowledged_at: float

    def told(self, base: float) -> str:
        """One line, times in seconds since `base`."""
        return (
            f"key {self.key}: acknowledged at {self.acknowledged_at - base:.6f}, answered clear by "
            f"{self.answer.where}, asked {self.answer.begun - base:.6f}, told {self.answer.ended - base:.6f}"
        )


@dataclass(slots=True)
class _Promised:
    """The acknowledgements of one key in order; with each, how long any of those up to it must be answered
    block: until a withdrawal of it begins."""

    at: list[float] = field(default_factory=list)
    until: list[float] = field(default_factory=list)

    def broken_by(self, begun: float, ended: float) -> float | None:
        """When that was acknowledged which a "clear" of this time denies."""
        before = bisect_left(self.at, begun)
        if before == 0 or self.until[before - 1] < ended:
            return None
        return next(at for at, until in zip(self.at, self.until, strict=True) if until >= ended)


def violations(history: Iterable[Happening]) -> list[Violation]:
    """Every broken promise, in the order of the answers. Time is linear in what was seen, for a bounded
    number of objections of one key."""
    seen = list(history)
    withdrawn = {one.objection: one.begun for one in _of(seen, Withdrawing)}
    promised = _promised(_of(seen, Acknowledged), withdrawn)
    found = []
    for answer in sorted(_of(seen, Answered), key=lambda one: one.ended):
        for key in answer.clear:
            at = promised[key].broken_by(answer.begun, answer.ended) if key in promised else None
            if at is not None:
                found.append(Violation(key, answer, at))
    return found


def _of(seen: Iterable[Any], kind: Any) -> Iterator[Any]:
    return (one for one in seen if isinstance(one, kind))


def _promised(
    acknowledged: Iterable[Acknowledged], withdrawn: Mapping[str, float]
) -> Mapping[int, _Promised]:
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for one in acknowledged:
        for key, objection in one.objections.items():
            found[key].append((one.ended, withdrawn.get(objection, inf)))
    return {key: _in_order(sorted(times)) for key, times in found.items()}


def _in_order(times: Sequence[tuple[float, float]]) -> _Promised:
    return _Promised([at for at, _ in times], list(accumulate((until for _, until in times), max)))


def around(history: Iterable[Happening], violation: Violation) -> list[str]:
    """What was seen of the key around that time, in order: what a person needs who looks for the cause."""
    seen, key = list(history), violation.key
    of_key = [one for one in _of(seen, Acknowledged) if key in one.objections]
    objections = {one.objections[key] for one in of_key}
    base = min((one.begun for one in seen), default=0.0)
    lines = [(one.begun, f"objected, acknowledged at {one.ended - base:.6f}") for one in of_key]
    lines += [(one.begun, "withdrawal sent") for one in _of(seen, Withdrawing) if one.objection in objections]
    for one in _of(seen, Answered):
        if key in one.keys:
            said = "CLEAR" if key in one.clear else "block"
            lines.append((one.begun, f"{one.where} asked, told {said} at {one.ended - base:.6f}"))
    near = [one for one in sorted(lines) if abs(one[0] - violation.answer.begun) < _NEAR]
    return [violation.told(base), *(f"{at - base:12.6f}  {text}" for at, text in near)]


@dataclass(slots=True)
class Counts:
    """How much was seen."""

    acknowledgements: int = 0
    withdrawals: int = 0
    lookups: int = 0
    decisions: int = 0
    clear: int = 0


def counted(history: Iterable[Happening]) -> Counts:
    """The figures of a history; batches count item by item."""
    counts = Counts()
    for one in history:
        match one:
            case Acknowledged():
                counts.acknowledgements += len(one.objections)
            case Withdrawing():
                counts.withdrawals += 1
            case Answered():
                counts.lookups += 1
                counts.decisions += len(one.keys)
                counts.clear += len(one.clear)
    return counts


def written(one: Happening) -> str:
    """A line of a client's record."""
    match one:
        case Acknowledged():
            told: list[Any] = ["acknowledged", one.begun, one.ended, list(one.objections.items())]
        case Withdrawing():
            told = ["withdrawing", one.begun, one.objection]
        case Answered():
            told = ["answered", one.begun, one.ended, one.where, list(one.keys), list(one.clear)]
    return json.dumps(told, separators=(",", ":"))


def read(lines: Iterable[str]) -> Iterator[Happening]:
    """What was recorded; a last line that a killed client did not finish is left out."""
    for line in lines:
        if not line.endswith("\n"):
            return
        kind, begun, *rest = json.loads(line)
        if kind == "acknowledged":
            yield Acknowledged(begun, rest[0], dict(rest[1]))
        elif kind == "withdrawing":
            yield Withdrawing(begun, rest[0])
        else:
            yield Answered(begun, *rest)
