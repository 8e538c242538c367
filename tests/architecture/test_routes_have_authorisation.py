"""Every route asks who the caller is, or stands in the short list of those that need not."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from app.api.callers import AdminCaller
from app.crypto.keys import KeyRing
from app.main import create_app, deployment, open_database
from tests.registry_driver import ISSUER, Driver

PUBLIC = {
    "/.well-known/journal-key",
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/.well-known/objection-registry",
    "/docs",
    "/docs/style.css",
    "/livez",
    "/metrics",  # opened by the token of the deployment, not of a caller
    "/oauth/token",
    "/openapi.json",
    "/problems.json",
    "/readyz",
    "/u/{token}",  # the token says whose wish it is
    "/v1/intake/{source}/{connection_id}",  # verified by the provider's own signature
    "/v1/receipts/verify",
}


def authorised(dependant: Dependant) -> bool:
    """Whether a dependency, however deep, names the roles that may come in."""
    asks = any(getattr(one.call, "roles", ()) for one in dependant.dependencies)
    return asks or any(authorised(one) for one in dependant.dependencies)


def unguarded(app: FastAPI) -> set[str]:
    return {
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if route.path not in PUBLIC
        and not (getattr(route, "dependant", None) and authorised(route.dependant))
    }


def service() -> FastAPI:
    """The routes alone: nothing connects before a request comes."""
    ring = KeyRing.generate()
    database = open_database("postgresql://nobody@127.0.0.1/nothing", ring, ISSUER)
    return create_app(deployment(database, ring, ISSUER))


def guarded(app: FastAPI) -> Iterator[tuple[str, RouteContext]]:
    for route in iter_route_contexts(app.routes):
        if route.path not in PUBLIC:
            for method in sorted(route.methods or ()):
                yield method, route


def test_every_route_asks_who_the_caller_is_or_is_public() -> None:
    assert unguarded(service()) == set()


def test_the_list_of_public_routes_names_nothing_that_asks_for_a_caller() -> None:
    asking = [
        route.path
        for route in iter_route_contexts(service().routes)
        if route.path in PUBLIC and authorised(route.dependant)
    ]
    assert asking == []


def test_a_route_without_a_caller_would_be_noticed() -> None:
    router = APIRouter()

    @router.get("/v1/guarded")
    async def guarded(caller: AdminCaller) -> str:
        return caller.role

    @router.get("/v1/open")
    async def unasked() -> str:
        return ""

    app = FastAPI(openapi_url=None)
    app.include_router(router)
    assert unguarded(app) == {"/v1/open"}


@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer garbage", "Bearer e30.e30.e30", "Basic Og==", "Bearer \u00e5"],
    ids=["none", "no token", "garbage", "unsigned", "basic", "not ASCII"],
)
async def test_no_guarded_route_answers_without_a_valid_token(
    registry: Driver, authorization: str | None
) -> None:
    sent = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    asked = 0
    for method, route in guarded(service()):
        path = re.sub(r"\{[^}]*\}", lambda _: str(uuid4()), str(route.path))
        answer = await registry.client.request(method, path, headers=sent)
        assert answer.status_code == 401, (method, path, answer.text)
        if method != "HEAD":
            assert answer.json()["code"] == "UNAUTHENTICATED", (method, path)
        assert answer.headers["www-authenticate"] == "Bearer"
        asked += 1
    assert asked > 10
