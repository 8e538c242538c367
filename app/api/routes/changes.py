"""The senders' door to what changed, for those who keep a list of their own beside the lookups."""

import asyncio
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from app.api.callers import SenderCaller
from app.api.change_watch import STOPPING, Over
from app.api.cursors import limit_of, whole_number
from app.api.problems import EdgeError
from app.api.routes.lookup_streams import only_controller
from app.api.schemas.base import POSITION_CHARACTERS
from app.api.schemas.changes import ChangesAnswer
from app.api.state import Deployment, deployment_of
from app.domain.parties import Caller, entitled
from app.usecases.change_positions import START, ChangePosition, read_change_position
from app.usecases.read_changes import ChangesPage, read_changes

router = APIRouter(tags=["changes"])

LONGEST_WAIT = 30


class ChangesAsked:
    """From where on, how many, and how long to wait for the first."""

    def __init__(
        self,
        after: Annotated[
            str | None, Query(description="The `as_of` of an earlier answer; without it from the beginning.")
        ] = None,
        cursor: Annotated[
            str | None, Query(description="As given in next_cursor; instead of `after`.")
        ] = None,
        limit: Annotated[str | None, Query(description="1 to 1000; other numbers are brought there.")] = None,
        wait: Annotated[
            str | None,
            Query(description="Seconds to wait while there is nothing, 0 to 30; others are brought there."),
        ] = None,
        controller_id: Annotated[
            UUID | None, Query(description="May be left out by whoever has one controller.")
        ] = None,
    ) -> None:
        self.position = _position(after if cursor is None else cursor)
        self.limit = limit_of(limit)
        self.wait = 0 if wait is None else min(max(whole_number(wait, "wait"), 0), LONGEST_WAIT)
        self.controller_id = controller_id


def _position(token: str | None) -> ChangePosition:
    if token is None:
        return START
    found = read_change_position(token) if len(token) <= POSITION_CHARACTERS else None
    if found is None:
        raise EdgeError("BAD_CURSOR")
    return found


@router.get("/v1/changes")
async def list_changes(
    request: Request, caller: SenderCaller, asked: Annotated[ChangesAsked, Depends(ChangesAsked)]
) -> ChangesAnswer:
    """What changed for a controller, without a gap and in order: entries of its own and of all controllers,
    put in force, ended, contested, masked by a consent. Go on with `as_of` as `after`; with `wait` the answer
    comes as soon as there is something."""
    controller_id = asked.controller_id or only_controller(caller)
    deployment = deployment_of(request)
    page = await _page(deployment, caller, controller_id, asked.position, asked.limit)
    if asked.wait and not page.items and not page.more:
        number, over = entitled(caller, controller_id), _over(request)
        until = asyncio.get_running_loop().time() + asked.wait
        with deployment.changes.place(caller):
            while not page.items and not page.more:
                if not await deployment.changes.moved(number, page.reached, until, over):
                    break
                page = await _page(deployment, caller, controller_id, page.position, asked.limit)
    return ChangesAnswer.of(page)


async def _page(
    deployment: Deployment, caller: Caller, controller_id: UUID, after: ChangePosition, limit: int
) -> ChangesPage:
    async with deployment.database.read() as unit:
        return await read_changes(unit, caller, controller_id, after, limit, deployment.ring.cursor_key)


def _over(request: Request) -> Over:
    stopping: Callable[[], bool] | None = request.scope.get("extensions", {}).get(STOPPING)

    async def over() -> bool:
        return (stopping is not None and stopping()) or await request.is_disconnected()

    return over
