"""Batches: each item is judged by itself, and its outcome stands at its index. One bad item never delays the
right of the others; whoever wants all or nothing says `abort`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from app.api.bodies import RawBody, parse
from app.api.problems import PROBLEMS, EdgeError, problem_body
from app.api.schemas.base import BATCH_ITEMS
from app.api.schemas.objections import BatchRequest
from app.domain.refusals import Refusal, RefusedError
from app.usecases.repeat_act import Part, StoredAnswer

NDJSON = "application/x-ndjson"
BATCH_MEDIA = ("application/json", NDJSON)

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """What was sent: each item as it fits the schema, or the problem that it is."""

    items: Sequence[Any]
    abort: bool

    @property
    def good(self) -> list[Any]:
        """The items that fit the schema. BATCH_ABORTED when all or nothing was wanted and one does not."""
        return list(self.admitted(self.fitting))

    @property
    def fitting(self) -> list[Any]:
        """The items that fit the schema, whatever becomes of the whole."""
        return [item for item in self.items if not isinstance(item, EdgeError)]

    def admitted(self, commands: Sequence[T]) -> Sequence[T]:
        """What the fitting items ask for, unless all or nothing was wanted and one does not fit."""
        if self.abort and len(commands) < len(self.items):
            raise RefusedError(Refusal.BATCH_ABORTED)
        return commands


def read_batch(model: type[M], body: RawBody, on_error: str | None) -> Batch:
    """A JSON batch, or one item per line of NDJSON. `abort` may be said in the query as well as in the body.
    Raises EdgeError for the whole."""
    if body.media == NDJSON:
        lines = [line for line in body.content.split(b"\n") if line.strip()]
        abort = on_error == "abort"
    else:
        request = parse(BatchRequest, body.content)
        lines = [json.dumps(item).encode() for item in request.items[: BATCH_ITEMS + 1]]
        abort = "abort" in {request.on_error, on_error}
    if not 1 <= len(lines) <= BATCH_ITEMS:
        raise EdgeError("BODY_TOO_LARGE" if lines else "VALIDATION", f"A batch has 1 to {BATCH_ITEMS} items.")
    return Batch([_item(model, line) for line in lines], abort)


def _item(model: type[M], line: bytes) -> M | EdgeError:
    try:
        return parse(model, line)
    except EdgeError as problem:
        return problem


@dataclass(frozen=True, slots=True)
class SpokenItem:
    """An item that was done: its status, its answer, and whose data the answer is."""

    status: int
    part: Part


def spoken_batch(batch: Batch, outcomes: Sequence[SpokenItem | RefusedError], name: str) -> StoredAnswer:
    """The answer of a batch, item by item, so that an erasure can take one person's part out of it."""
    left = iter(outcomes)
    parts: list[Part] = []
    counts: dict[str, int] = {"items": len(batch.items), "done": 0, "refused": 0}
    for index, item in enumerate(batch.items):
        outcome = item if isinstance(item, EdgeError) else next(left)
        done = isinstance(outcome, SpokenItem)
        counts["done" if done else "refused"] += 1
        parts.append(
            _done(index, outcome, name) if isinstance(outcome, SpokenItem) else _not(index, outcome, name)
        )
    tail = b'],"counts":' + json.dumps(counts, separators=(",", ":")).encode() + b"}"
    return StoredAnswer(200, tuple(parts), b'{"results":[', tail)


def _done(index: int, item: SpokenItem, name: str) -> Part:
    head = f'{{"index":{index},"status":{item.status},"{name}":'.encode()
    return Part(item.part.subject, head + item.part.body + b',"problem":null}')


def _not(index: int, problem: EdgeError | RefusedError, name: str) -> Part:
    if isinstance(problem, EdgeError):
        errors, total = problem.errors, problem.errors_total
        body = problem_body(problem.code, detail=problem.detail, errors=errors, errors_total=total)
    else:
        body = problem_body(problem.code.value, detail=problem.detail)
    status = PROBLEMS[body["code"]].status
    answer = {"index": index, "status": status, name: None, "problem": body}
    return Part(None, json.dumps(answer, separators=(",", ":")).encode())
