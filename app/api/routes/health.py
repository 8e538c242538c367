"""Alive, ready, and counted. For whoever runs the service; nothing here is about a person."""

import hmac

from fastapi import APIRouter, Request, Response

from app.api import metrics
from app.api.schemas.health import CheckAnswer, LiveAnswer, ReadyAnswer
from app.domain.refusals import Refusal, RefusedError

router = APIRouter(tags=["health"])


@router.get("/livez")
async def livez() -> LiveAnswer:
    """The process answers; it says nothing about the database."""
    return LiveAnswer(status="alive")


@router.get("/readyz", responses={503: {"model": ReadyAnswer}})
async def readyz(request: Request, response: Response) -> ReadyAnswer:
    """Whether this process may be asked: 503 while any check fails, with the same body."""
    checks = [CheckAnswer(name=name, ok=ok) for name, ok in await request.app.state.readiness()]
    ready = all(check.ok for check in checks)
    if not ready:
        response.status_code = 503
        response.headers["Retry-After"] = "1"
    return ReadyAnswer(status="ready" if ready else "unready", checks=checks)


@router.get("/metrics", include_in_schema=False)
async def read_metrics(request: Request) -> Response:
    """For a caller with the metrics token of this deployment; for everybody else there is nothing here."""
    token: str | None = getattr(request.app.state, "metrics_token", None)
    sent = request.headers.get("authorization", "")
    if not token or not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise RefusedError(Refusal.NOT_FOUND)
    return Response(metrics.exposition(), headers={"Content-Type": metrics.MEDIA_TYPE})
