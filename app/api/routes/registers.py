"""National registers: an admin imports their lists, and sees which are fresh."""

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.api.acts import spoken
from app.api.callers import AdminCaller, AuditorCaller
from app.api.problems import EdgeError
from app.api.schemas.registers import RegisterAnswer, RegisterImportAnswer, RegistersAnswer
from app.api.state import Deployment, deployment_of
from app.api.streamed_bodies import StreamedBody, streamed_body
from app.domain.refusals import RefusedError
from app.domain.register_list import LINE_REASONS, UnreadableListError, plain_layout
from app.usecases.act import Act
from app.usecases.import_register import (
    IMPORTED,
    ImportRunningError,
    KnownSnapshotError,
    NewList,
    import_register,
    known_register,
)
from app.usecases.journal_refusal import journal_refusal
from app.usecases.list_registers import list_registers

router = APIRouter(prefix="/v1/registers", tags=["registers"])

_PLAIN = "text/plain"
_MEDIA = ("text/csv", _PLAIN)

Column = Annotated[str, Query(max_length=200)]


@router.post("/{code}/imports", status_code=201, response_model=RegisterImportAnswer)
async def import_register_list(
    caller: AdminCaller,
    body: Annotated[StreamedBody, streamed_body(media=_MEDIA)],
    request: Request,
    code: Annotated[str, Path(max_length=50)],
    version_date: date,
    column: Annotated[list[Column], Query(max_length=10)] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Import a register's list of that date, of any length, as it comes in. `text/plain` has one value on
    each line; `text/csv` a header with the register's columns, which `column=field:name` calls otherwise
    (`name` alone where there is one column). A line that cannot be read refuses the whole list, and is told
    by its number. The same list for the same date is the same snapshot, and answered 200."""
    wanted = known_register(code)
    plain = body.media == _PLAIN
    if plain and plain_layout(wanted) is None:
        raise EdgeError("UNSUPPORTED_MEDIA_TYPE", headers={"Accept": "text/csv"})
    names = dict(_pair(one, wanted.fields) for one in column)
    new = NewList(code, version_date, body.content, plain, names)
    act = Act.begin(datetime.now(UTC), caller)
    return await asyncio.shield(asyncio.ensure_future(_import(deployment_of(request), act, new)))


@router.get("")
async def read_registers(_caller: AuditorCaller, request: Request) -> RegistersAnswer:
    """All national registers, ended ones too, and how old the newest list of each is."""
    async with deployment_of(request).database.read() as unit:
        found = await list_registers(unit, datetime.now(UTC).date())
    return RegistersAnswer(items=[RegisterAnswer.of(one) for one in found], next_cursor=None)


async def _import(deployment: Deployment, act: Act, new: NewList) -> Response:
    try:
        async with deployment.database.write(lasting=True) as unit:
            made = await import_register(unit, act, new)
    except KnownSnapshotError as known:
        return _answer(200, RegisterImportAnswer.of(known.snapshot))
    except ImportRunningError:
        raise EdgeError("TOO_MANY_REQUESTS", "Another list is being imported; one at a time.") from None
    except UnreadableListError as unreadable:
        await _journal(deployment, act, "VALIDATION")
        told = [
            {"pointer": f"/lines/{line}", "code": reason, "detail": LINE_REASONS[reason]}
            for line, reason in unreadable.first
        ]
        raise EdgeError("VALIDATION", errors=told, errors_total=unreadable.total) from None
    except RefusedError as refused:
        await _journal(deployment, act, refused.code.value)
        raise
    return _answer(201, RegisterImportAnswer.of(made))


async def _journal(deployment: Deployment, act: Act, code: str) -> None:
    async with deployment.database.write() as unit:
        await journal_refusal(unit, act, IMPORTED, code)


def _answer(status: int, answer: RegisterImportAnswer) -> Response:
    return Response(spoken(status, answer).body(), status, media_type="application/json")


def _pair(column: str, fields: tuple[str, ...]) -> tuple[str, str]:
    """A field and what its column is called."""
    name, colon, title = column.partition(":")
    if colon and name in fields:
        return name, title
    if len(fields) == 1:
        return fields[0], column
    raise EdgeError("VALIDATION", "A column is named as field:name.")
