"""Every write goes through here: one unit, one event, committed before the answer leaves.

The work runs shielded: a client that hangs up in the middle changes nothing about what is committed, and the
permanent Idempotency-Key lets it ask again for the answer that it missed.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Request, Response

from app.api.problems import EdgeError, problem_response
from app.api.schemas.base import Answer
from app.api.state import deployment_of
from app.domain.parties import Caller
from app.domain.refusals import RefusedError
from app.storage.units import WriteUnit
from app.usecases.act import Act
from app.usecases.journal_refusal import journal_refusal
from app.usecases.repeat_act import KeyState, Part, RepeatKey, StoredAnswer, earlier_answer, remember_answer
from app.usecases.waiting_acts import Waiting

T = TypeVar("T")

_FIRST_ERROR = 400
_KEY = re.compile(r"[\x21-\x7e]{1,255}")

_NO_ANSWER: dict[KeyState, tuple[str, dict[str, str]]] = {
    KeyState.RUNNING: ("IDEMPOTENCY_IN_PROGRESS", {"Retry-After": "1"}),
    KeyState.MISMATCH: ("IDEMPOTENCY_MISMATCH", {}),
}


class Acts:
    """Runs the acts of one request."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._deployment = deployment_of(request)

    async def run(
        self,
        caller: Caller,
        kind: str,
        work: Callable[[WriteUnit, Act], Awaitable[T]],
        speak: Callable[[T], StoredAnswer],
        *,
        key_required: bool = False,
        many: bool = False,
    ) -> Response:
        """Do the work in one unit and answer what `speak` makes of its result, in a thread when that is
        `many`. `kind` names the act in the journal if it is refused. The same key and body get the same
        answer, refusals included."""
        key = self._key(required=key_required)
        act = Act.begin(datetime.now(UTC), caller, self._digest(), self._stated_purpose())
        running = self._run(act, kind, key, work, speak, many=many)
        return await asyncio.shield(asyncio.ensure_future(running))

    async def join(
        self,
        caller: Caller,
        kind: str,
        command: object,
        work: Callable[[WriteUnit, Act], Awaitable[T]],
        speak: Callable[[T], StoredAnswer],
        *,
        key_required: bool = False,
    ) -> Response:
        """Do the same together with whatever else waits in this process. `command` is what a family of
        grouped acts takes; `work` is how the act is done by itself, where a group is the wrong place."""
        key = self._key(required=key_required)
        act = Act.begin(datetime.now(UTC), caller, self._digest(), self._stated_purpose())
        context = copy_context()
        waiting = Waiting(act, kind, key, command, speak, lambda refused: context.run(_refusal, refused))
        gathering = self._deployment.gathering
        done = await gathering.answer(waiting, lambda: self._run(act, kind, key, work, speak))
        return done if isinstance(done, Response) else _response(done)

    async def _run(
        self,
        act: Act,
        kind: str,
        key: RepeatKey | None,
        work: Callable[[WriteUnit, Act], Awaitable[T]],
        speak: Callable[[T], StoredAnswer],
        *,
        many: bool = False,
    ) -> Response:
        try:
            async with self._deployment.database.write() as unit:
                earlier = await _earlier(unit, act, key)
                if earlier is not None:
                    return _response(earlier, replayed=True)
                done = await work(unit, act)
                answer = await asyncio.to_thread(speak, done) if many else speak(done)
                if key is not None:
                    await remember_answer(unit, act, key, answer)
        except RefusedError as refused:
            return await self._refuse(act, kind, key, refused)
        return _response(answer)

    async def _refuse(self, act: Act, kind: str, key: RepeatKey | None, refused: RefusedError) -> Response:
        answer = _refusal(refused)
        async with self._deployment.database.write() as unit:
            earlier = await _earlier(unit, act, key)
            if earlier is not None:
                return _response(earlier, replayed=True)
            await journal_refusal(unit, act, kind, refused.code.value)
            if key is not None:
                await remember_answer(unit, act, key, answer)
        return _response(answer)

    def _key(self, *, required: bool) -> RepeatKey | None:
        key = self._request.headers.get("idempotency-key")
        if key is None:
            if required:
                raise EdgeError("IDEMPOTENCY_KEY_REQUIRED")
            return None
        if not _KEY.fullmatch(key):
            raise EdgeError("IDEMPOTENCY_KEY_INVALID")
        url = self._request.url
        place = f"{self._request.method} {url.path}?{url.query}\n"
        return RepeatKey(key, hashlib.sha256(place.encode() + self._digest()).digest())

    def _digest(self) -> bytes:
        """SHA-256 of the body: with it a receipt proves what was sent."""
        body: bytes = getattr(self._request.state, "raw_body", b"")
        return hashlib.sha256(body).digest()

    def _stated_purpose(self) -> str | None:
        purpose: str | None = getattr(self._request.state, "stated_purpose", None)
        return purpose


def _refusal(refused: RefusedError) -> StoredAnswer:
    problem = problem_response(refused.code.value, detail=refused.detail)
    return StoredAnswer(problem.status_code, (Part(None, bytes(problem.body)),))


async def _earlier(unit: WriteUnit, act: Act, key: RepeatKey | None) -> StoredAnswer | None:
    if key is None:
        return None
    found = await earlier_answer(unit, act, key)
    if isinstance(found, StoredAnswer):
        return found
    if found in _NO_ANSWER:
        code, headers = _NO_ANSWER[found]
        raise EdgeError(code, headers=headers)
    return None


def _response(answer: StoredAnswer, *, replayed: bool = False) -> Response:
    media = "application/problem+json" if answer.status >= _FIRST_ERROR else "application/json"
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return Response(answer.body(), answer.status, headers, media)


def spoken(status: int, answer: Answer, subject: UUID | None = None) -> StoredAnswer:
    """An answer about one subject, ready to be given and to be kept."""
    return StoredAnswer(status, (Part(subject, answer.model_dump_json().encode()),))


class _OfRequest:
    """The dependency behind `ActsDep`; `writes` tells the document that a repeat may be refused. What is no
    coroutine would be given a thread."""

    writes = True

    async def __call__(self, request: Request) -> Acts:
        return Acts(request)


ActsDep = Annotated[Acts, Depends(_OfRequest())]
