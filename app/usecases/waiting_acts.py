"""Acts that wait at the same time, from the queue to what became of each."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from app.domain.refusals import RefusedError
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.repeat_act import RepeatKey, StoredAnswer


class Left(Enum):
    """Why an act is not in its group: it must run by itself, or another writer holds one of its lists."""

    ALONE = "alone"
    HELD = "held"


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """An act that waits. `command` is what its family takes; `speak` makes the answer of what was recorded,
    `refuse` that of a refusal; `kind` is what the journal calls it if it is refused."""

    act: Act
    kind: str
    repeat: RepeatKey | None
    command: Any
    speak: Callable[[Any], StoredAnswer]
    refuse: Callable[[RefusedError], StoredAnswer]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an act: its answer, or why it is left, with the lists that it waits for."""

    said: StoredAnswer | Left
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An act that may be recorded: the lists that it touches, and the spellings that it speaks of."""

    act: Act
    draft: Any
    numbers: frozenset[int]
    spellings: frozenset[UUID]


class Family(NamedTuple):
    """How acts of a kind are prepared, before any list is locked, and recorded, after: a view of each in
    their order, or Left.ALONE for one of which nothing was written."""

    prepare: Callable[[WriteUnit, Sequence[Waiting]], Awaitable[list[Prepared | RefusedError]]]
    record: Callable[[WriteUnit, Sequence[Prepared]], Awaitable[Sequence[Any]]]
