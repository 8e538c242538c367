"""The only place where parts are put together. Nothing happens at import."""

import asyncio
import gc
import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from secrets import token_bytes

from fastapi import APIRouter, FastAPI

from app.api import documents, methods, observing, problems, routes
from app.api.refused_methods import journal_refused_delete
from app.api.state import Deployment
from app.crypto.instruments import instruments
from app.crypto.keys import KeyRing
from app.crypto.role_passwords import role_password
from app.crypto.tokens import VerificationKeys
from app.domain.ids import uuid7
from app.jobs.journal import work
from app.storage.bootstrap import prepare
from app.storage.database import SERVICE_ROLES, Database
from app.storage.readiness import refuse_unsafe, standing
from app.usecases.sequence_events import Sequencer

DESCRIPTION = (
    "A registry of objections to direct marketing. Objection agents post objections under signed mandates; "
    "senders ask in bulk before every dispatch. What cannot be answered for certain is not answered allow."
)


def passwords(ring: KeyRing) -> dict[str, str]:
    """The passwords of the database roles that the service logs in with."""
    return {role: role_password(ring.credential_key, role) for role in SERVICE_ROLES}


def open_database(url: str, ring: KeyRing, issuer: str, pool: int = 8) -> Database:
    """The database of one deployment, with its keyed instruments."""
    return Database(url, passwords(ring), instruments(ring, issuer), pool)


async def found_registry(database: Database) -> bool:
    """Put into an empty database what must be there before the first request; True when this call did it."""
    now = datetime.now(UTC)
    party, entry, event = (uuid7(now, token_bytes(10)) for _ in range(3))
    async with database.write() as unit:
        return await prepare(unit, party, entry, event, now)


def deployment(
    database: Database,
    ring: KeyRing,
    issuer: str,
    metrics_token: str | None = None,
    *,
    sequencing: bool = False,
) -> Deployment:
    """What the edge is handed. `sequencing` is for a process that keeps the journal beside its answers."""
    own = [ring.token_key.public_jwk()]
    receipts = [jwk for jwk in ring.public_jwks() if jwk["kid"] != ring.token_key.kid]
    local = issuer.replace("127.0.0.1", "localhost")
    audiences = frozenset(url + path for url in (issuer, local) for path in ("", "/oauth/token"))
    return Deployment(
        database=database,
        ring=ring,
        token_keys=VerificationKeys(own),
        receipt_keys=VerificationKeys(receipts),
        issuer=issuer,
        token_audiences=audiences,
        metrics_token=metrics_token,
        sequencing=sequencing,
    )


def create_app(parts: Deployment) -> FastAPI:
    """The service. Its start refuses a database that could lose or hide anything."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await refuse_unsafe(parts.database)
        # What is there by now stays. To walk over all of it again would take 0.1 s out of a large lookup.
        gc.collect()
        gc.freeze()
        async with _working(parts):
            yield
        await parts.database.dispose()

    app = FastAPI(
        title="Sparr",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"logs": False, "tracing": False, "metrics": False},
    )
    app.state.deployment = parts
    app.state.metrics_token = parts.metrics_token

    async def readiness() -> list[tuple[str, bool]]:
        return await standing(parts.database)

    app.state.readiness = readiness
    for router in _routers():
        app.include_router(router)
    problems.install(app)
    documents.install(app)
    methods.install(app, journal_refused_delete(parts))
    observing.install(app)
    return app


@asynccontextmanager
async def _working(parts: Deployment) -> AsyncIterator[None]:
    """Keep the journal meanwhile. A round in hand at the end is rolled back, for whoever comes next."""
    if not parts.sequencing:
        yield
        return
    working = asyncio.create_task(work(Sequencer(parts.database, parts.ring.journal_key)))
    yield
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


def _routers() -> list[APIRouter]:
    names = sorted(found.name for found in pkgutil.iter_modules(routes.__path__))
    return [importlib.import_module(f"{routes.__name__}.{name}").router for name in names]
