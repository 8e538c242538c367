"""Processors and sources."""

from typing import Annotated

from fastapi import APIRouter, Response

from app.api.acts import ActsDep, spoken
from app.api.bodies import body_of
from app.api.callers import AdminCaller
from app.api.schemas.parties import ProcessorAnswer, ProcessorRequest, SourceAnswer, SourceRequest
from app.usecases import register_processor as processors
from app.usecases import register_source as sources

router = APIRouter(tags=["parties"])


@router.post("/v1/processors", status_code=201, response_model=ProcessorAnswer)
async def register_processor(
    caller: AdminCaller, body: Annotated[ProcessorRequest, body_of(ProcessorRequest)], acts: ActsDep
) -> Response:
    """Register a processor that asks on behalf of controllers."""
    return await acts.run(
        caller,
        processors.REGISTERED,
        lambda unit, act: processors.register_processor(unit, act, body.new()),
        lambda made: spoken(201, ProcessorAnswer.of(made)),
    )


@router.post("/v1/sources", status_code=201, response_model=SourceAnswer)
async def register_source(
    caller: AdminCaller, body: Annotated[SourceRequest, body_of(SourceRequest)], acts: ActsDep
) -> Response:
    """Register a source, at which people can have themselves blocked."""
    return await acts.run(
        caller,
        sources.REGISTERED,
        lambda unit, act: sources.register_source(unit, act, body.new()),
        lambda made: spoken(201, SourceAnswer.of(made)),
    )
