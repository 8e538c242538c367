"""Controllers: registering them, and their policies."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api.acts import ActsDep, spoken
from app.api.bodies import body_of
from app.api.callers import AdminCaller, AuditorCaller
from app.api.cursors import limit_of, open_cursor, seal_cursor
from app.api.problems import EdgeError
from app.api.schemas.controllers import (
    ChangedPolicyAnswer,
    ControllerAnswer,
    ControllerRequest,
    ControllersAnswer,
    PolicyRequest,
)
from app.api.state import deployment_of
from app.usecases import change_policy as changing
from app.usecases import register_controller as registering
from app.usecases.list_controllers import list_controllers
from app.usecases.show_controller import show_controller

router = APIRouter(tags=["parties"])

_PLACE = "after_controller"


@router.post("/v1/controllers", status_code=201, response_model=ControllerAnswer)
async def register_controller(
    caller: AdminCaller, body: Annotated[ControllerRequest, body_of(ControllerRequest)], acts: ActsDep
) -> Response:
    """Register a controller. Its own list of entries is open from now on."""
    return await acts.run(
        caller,
        registering.REGISTERED,
        lambda unit, act: registering.register_controller(unit, act, body.new()),
        lambda made: spoken(201, ControllerAnswer.of(made)),
    )


@router.patch("/v1/controllers/{controller_id}/policy", response_model=ChangedPolicyAnswer)
async def change_policy(
    caller: AdminCaller,
    controller_id: UUID,
    body: Annotated[PolicyRequest, body_of(PolicyRequest)],
    acts: ActsDep,
) -> Response:
    """Change the fields that are sent. The earlier policy stays in the history."""
    return await acts.run(
        caller,
        changing.CHANGED,
        lambda unit, act: changing.change_policy(unit, act, controller_id, body.changes()),
        lambda changed: spoken(200, ChangedPolicyAnswer.of(changed)),
    )


@router.get("/v1/controllers/{controller_id}")
async def read_controller(_caller: AuditorCaller, controller_id: UUID, request: Request) -> ControllerAnswer:
    """One controller with the policy in force."""
    async with deployment_of(request).database.read() as unit:
        return ControllerAnswer.of(await show_controller(unit, controller_id))


@router.get("/v1/controllers")
async def read_controllers(
    _caller: AuditorCaller, request: Request, limit: str | None = None, cursor: str | None = None
) -> ControllersAnswer:
    """All controllers, a page at a time."""
    deployment = deployment_of(request)
    key, most = deployment.ring.cursor_key, limit_of(limit)
    after = open_cursor(key, cursor).get(_PLACE) if cursor else None
    if cursor and after is None:  # one of ours, but of another list
        raise EdgeError("BAD_CURSOR")
    async with deployment.database.read() as unit:
        found, more = await list_controllers(unit, UUID(after) if after else None, most)
    following = seal_cursor(key, {_PLACE: str(found[-1].id)}) if more else None
    return ControllersAnswer(items=[ControllerAnswer.of(one) for one in found], next_cursor=following)
