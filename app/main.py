"""The only place where parts are put together. Nothing happens at import."""

import asyncio
import gc
import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from secrets import token_bytes

from fastapi import APIRouter, FastAPI

from app.api import admission, documents, methods, observing, problems, routes, unproven
from app.api.asking_who import AskingWho
from app.api.change_watch import ChangeWatch
from app.api.gathering import Gathering
from app.api.metrics import count_lookup
from app.api.refused_methods import journal_refused_delete
from app.api.state import Deployment
from app.console.application import Console
from app.console.issuer_settings import IssuerSettings, is_trustworthy, read_people
from app.console.parts import parts_of
from app.crypto.bankid.chain import Trust, read_roots, trust_in
from app.crypto.eid_issuers import NOBODY, Issuers, read_issuers
from app.crypto.instruments import instruments
from app.crypto.keys import KeyRing
from app.crypto.role_passwords import role_password
from app.crypto.tokens import VerificationKeys
from app.crypto.verified_tokens import VerifiedTokens
from app.domain.calling_hours import load_calendar
from app.domain.ids import uuid7
from app.domain.quotas import Quota
from app.domain.refusals import OperatorError
from app.jobs import journal, journal_watch, novelty, washes
from app.settings import Settings
from app.storage.bootstrap import prepare
from app.storage.database import INDEX_MEMORY, SERVICE_ROLES, Database
from app.storage.readiness import refuse_unsafe, standing
from app.usecases.receive_wash import Laundry
from app.usecases.sequence_events import Sequencer
from app.usecases.watch_journal import JournalWatch

DESCRIPTION = (
    "A registry of objections to direct marketing. Objection agents post objections under signed mandates; "
    "senders ask in bulk before every dispatch. What cannot be answered for certain is not answered allow."
)


_GARBAGE = (20_000, 5, 1_000)
"""When to look for garbage: often among what is new, hardly ever among all that there is. To walk over what a
batch of 10,000 has built up would hold every other request for 0.1 s, several times."""


def passwords(ring: KeyRing) -> dict[str, str]:
    """The passwords of the database roles that the service logs in with."""
    return {role: role_password(ring.credential_key, role) for role in SERVICE_ROLES}


def open_database(
    url: str,
    ring: KeyRing,
    issuer: str,
    pool: int = 8,
    bankid: Trust | None = None,
    index_memory: int = INDEX_MEMORY,
    eid: Issuers = NOBODY,
) -> Database:
    """The database of one deployment, with its keyed instruments; `index_memory` is in MiB."""
    return Database(url, passwords(ring), instruments(ring, issuer, bankid, eid), pool, index_memory)


def pinned_roots(settings: Settings) -> Trust | None:
    """The BankID roots of this deployment; OperatorError when the file cannot be used."""
    if settings.bankid_roots is None:
        return None
    try:
        return trust_in(read_roots(settings.bankid_roots.read_bytes()), test=settings.bankid_test)
    except (ValueError, OSError) as bad:
        raise OperatorError(f"SPARR_BANKID_ROOTS cannot be used: {bad}") from None


def pinned_issuers(settings: Settings) -> Issuers:
    """The issuers of eID statements of this deployment; OperatorError when the file cannot be used."""
    if settings.eid_issuers is None:
        return NOBODY
    try:
        return read_issuers(settings.eid_issuers.read_bytes())
    except (ValueError, OSError) as bad:
        raise OperatorError(f"SPARR_EID_ISSUERS cannot be used: {bad}") from None


def sign_in_issuer(settings: Settings) -> IssuerSettings | None:
    """Through whom people sign in to the console; OperatorError for half a setting, or a file of no use."""
    issuer, client_id = settings.console_oidc_issuer, settings.console_oidc_client_id
    secret, file = settings.console_oidc_client_secret, settings.console_oidc_client_secret_file
    people = settings.console_oidc_people
    if not any((issuer, client_id, secret, file, people)):
        return None
    if not (issuer and client_id and people) or bool(secret) == bool(file):
        raise OperatorError(
            "SPARR_CONSOLE_OIDC_ISSUER, _CLIENT_ID, _PEOPLE and one of _CLIENT_SECRET and "
            "_CLIENT_SECRET_FILE belong together"
        )
    if not is_trustworthy(issuer) or "?" in issuer:
        raise OperatorError("SPARR_CONSOLE_OIDC_ISSUER must be https, or http on this machine")
    try:
        secret = secret or (file.read_text("utf-8").strip() if file else "")
        known = read_people(people.read_bytes())
    except (ValueError, OSError) as bad:
        raise OperatorError(f"a file of SPARR_CONSOLE_OIDC_ cannot be used: {bad}") from None
    if not secret:
        raise OperatorError("SPARR_CONSOLE_OIDC_CLIENT_SECRET_FILE is empty")
    return IssuerSettings(issuer, client_id, secret, known)


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
    laundry: Laundry | None = None,
    *,
    sequencing: bool = False,
    quota: Quota | None = None,
    witness: Path | None = None,
) -> Deployment:
    """What the edge is handed. `sequencing` is for a process that keeps the journal beside its answers;
    `witness` is the file in which its newest checkpoint is kept outside the database."""
    own = [ring.token_key.public_jwk()]
    receipts = [jwk for jwk in ring.public_jwks() if jwk["kid"] != ring.token_key.kid]
    local = issuer.replace("127.0.0.1", "localhost")
    audiences = frozenset(url + path for url in (issuer, local) for path in ("", "/oauth/token"))
    return Deployment(
        database=database,
        ring=ring,
        verified_tokens=VerifiedTokens(VerificationKeys(own), issuer),
        receipt_keys=VerificationKeys(receipts),
        issuer=issuer,
        token_audiences=audiences,
        metrics_token=metrics_token,
        gathering=Gathering(database),
        asking_who=AskingWho(database),
        changes=ChangeWatch(database),
        laundry=laundry,
        sequencing=sequencing,
        quota=quota or Quota(),
        watch=JournalWatch(database, ring.journal_key, witness) if witness else None,
    )


def create_app(parts: Deployment, through: IssuerSettings | None = None) -> FastAPI:
    """The service. Its start refuses a database that could lose or hide anything. `through` whom people may
    sign in to the console."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await refuse_unsafe(parts.database)
        if parts.watch is not None:
            with suppress(OSError):  # That the checkpoint cannot be kept is told by the watch.
                await parts.watch.look()
        calendar = asyncio.get_running_loop().run_in_executor(None, load_calendar, datetime.now(UTC))
        # What is there by now stays. To walk over all of it again would take 0.1 s out of a large lookup.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        async with _working(parts):
            yield
        await calendar
        await parts.changes.close()
        await parts.gathering.drain()
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
        found = await standing(parts.database)
        return found if parts.watch is None else [*found, ("JOURNAL", parts.watch.proven)]

    app.state.readiness = readiness
    for router in _routers():
        app.include_router(router)
    problems.install(app)
    console = parts_of(parts.database, parts.ring, parts.issuer, readiness, through)
    app.add_middleware(Console, parts=console)
    documents.install(app)
    methods.install(app, journal_refused_delete(parts))
    if parts.watch is not None:
        unproven.install(app, parts.watch)
    admission.install(app, parts.quota, parts.verified_tokens)
    observing.install(app)
    return app


@asynccontextmanager
async def _working(parts: Deployment) -> AsyncIterator[None]:
    """Do the washes and keep the journal meanwhile, as long as the journal continues what was seen of it.
    What is in hand at the end is let go of, or rolled back, for whoever comes next."""
    jobs = [asyncio.create_task(novelty.work(parts.database))]
    if parts.watch is None:
        jobs += _begin(parts)
    else:
        jobs.append(asyncio.create_task(journal_watch.work(parts.watch, partial(_begin, parts))))
    yield
    await journal_watch.end(jobs)


def _begin(parts: Deployment) -> list[asyncio.Task[None]]:
    jobs = []
    if parts.laundry is not None:
        jobs.append(asyncio.create_task(washes.work(parts.database, parts.laundry, count_lookup)))
    if parts.sequencing:
        sequencer = Sequencer(parts.database, parts.ring.journal_key)
        jobs.append(asyncio.create_task(journal.work(sequencer)))
    return jobs


_ASKED_FIRST = ("lookups", "objections", "entries", "consents", "relationships")


def _place(name: str) -> tuple[int, str]:
    return (_ASKED_FIRST.index(name) if name in _ASKED_FIRST else len(_ASKED_FIRST)), name


def _routers() -> list[APIRouter]:
    """One after the other is asked whether a request is for it, first those that have the most to do."""
    names = sorted((found.name for found in pkgutil.iter_modules(routes.__path__)), key=_place)
    return [importlib.import_module(f"{routes.__name__}.{name}").router for name in names]
