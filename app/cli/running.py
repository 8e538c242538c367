"""Running the registry: `up` is everything from an empty folder, `serve` the API alone."""

import asyncio
import gc
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from app.cli.workers import run_workers, served_app, server_config
from app.crypto.keys import KeyRing, load_or_create
from app.domain.refusals import OperatorError
from app.main import found_registry, open_database, passwords
from app.settings import Settings, keys_path, load_settings, public_url
from app.storage.database import without_login
from app.storage.embedded import EmbeddedPostgres
from app.storage.migrating import migrate_now
from app.storage.readiness import refuse_unsafe
from app.usecases.issue_credential import issue_first_admin

Port = Annotated[int | None, typer.Option(help="Port to listen on.")]
Folder = Annotated[Path | None, typer.Option("--data-dir", help="Folder of the server, keys, credentials.")]
Workers = Annotated[int | None, typer.Option(help="Number of server processes.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]

SLOW = 1.0


def say(text: str) -> None:
    """A line for the person at the terminal."""
    typer.echo(f"sparr: {text}")


@contextmanager
def step(text: str) -> Iterator[None]:
    """Tell of a step, and how long it took when that was more than a second."""
    say(f"{text} …")
    begun = time.monotonic()
    yield
    taken = time.monotonic() - begun
    if taken > SLOW:
        say(f"{text}: done in {taken:.1f} s")


def up(port: Port = None, data_dir: Folder = None, workers: Workers = None, host: Host = None) -> None:
    """Start the whole registry: PostgreSQL, migrations, the API. Ctrl-C ends it."""
    end_in_order()
    settings = load_settings(port=port, data_dir=data_dir, workers=workers, host=host)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    listening = listen(settings)
    settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    ring = load_or_create(keys_path(settings))
    with database_of(settings) as url:
        with step("bringing the database up to date"):
            migrate_now(url, passwords(ring))
            asyncio.run(_found(url, settings, ring))
        _serve(settings, ring, url, listening)


def serve(port: Port = None, workers: Workers = None, host: Host = None) -> None:
    """Start the API alone, on a database that `migrate` has brought up to date."""
    end_in_order()
    settings = load_settings(port=port, workers=workers, host=host)
    if settings.database_url is None:
        raise typer.BadParameter("serve needs SPARR_DATABASE_URL; `up` brings its own server")
    listening = listen(settings)
    ring = load_or_create(keys_path(settings))
    asyncio.run(_refuse_unsafe(settings.database_url, settings, ring))
    _serve(settings, ring, settings.database_url, listening)


def migrate(data_dir: Folder = None) -> None:
    """Bring an outside database (SPARR_DATABASE_URL) to this version's schema, and found the registry."""
    settings = load_settings(data_dir=data_dir)
    if settings.database_url is None:
        raise typer.BadParameter("migrate needs SPARR_DATABASE_URL; `up` migrates its own server")
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    ring = load_or_create(keys_path(settings))
    migrate_now(settings.database_url, passwords(ring))
    asyncio.run(_found(settings.database_url, settings, ring))
    say("the database is up to date")


def end_in_order() -> None:
    """A request to stop unwinds everything that was started. uvicorn finishes its own work first, and then
    raises the signal anew."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    # Without other workers there is nobody to go on meanwhile: to restart is to stop.
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def ring_of(settings: Settings) -> KeyRing:
    """The key ring of a registry that is there: none is made."""
    if not keys_path(settings).exists():
        raise OperatorError(f"there is no key ring at {keys_path(settings)}: put the registry's there")
    return load_or_create(keys_path(settings))


def listen(settings: Settings) -> socket.socket:
    """Take the port first of all: a port in use ends the command before anything else was started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as refused:
        place = f"{settings.host}:{settings.port}"
        raise OSError(f"cannot listen on {place}: {refused.strerror}; choose another --port") from None
    listening.set_inheritable(True)
    return listening


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """The URL of the database; the embedded server runs as long as this lasts."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.data_dir, pg_bin=settings.pg_bin, on_event=say)
    with step("starting the embedded PostgreSQL"):
        address = server.start()
    try:
        yield address.url()
    finally:
        server.stop()


async def _found(url: str, settings: Settings, ring: KeyRing) -> None:
    """Found the registry in an empty database; make the first admin credential in a fresh data folder."""
    database = open_database(url, ring, public_url(settings), pool=1)
    try:
        await found_registry(database)
        await refuse_unsafe(database)
        if not admin_path(settings).exists():
            client_id, secret = await issue_first_admin(database, ring.credential_key, datetime.now(UTC))
            write_private(admin_path(settings), {"client_id": str(client_id), "client_secret": secret})
    finally:
        await database.dispose()


async def _refuse_unsafe(url: str, settings: Settings, ring: KeyRing) -> None:
    database = open_database(url, ring, public_url(settings), pool=1)
    try:
        await refuse_unsafe(database)
    finally:
        await database.dispose()


def admin_path(settings: Settings) -> Path:
    """Where the first admin credential lies."""
    return settings.data_dir / "admin.json"


def write_private(path: Path, values: dict[str, str]) -> None:
    """A file for its owner alone, whole or not there."""
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(values, file)
        file.flush()
        os.fsync(file.fileno())
    making.replace(path)


def _serve(settings: Settings, ring: KeyRing, url: str, listening: socket.socket) -> None:
    known = f"ready at {public_url(settings)} (documents at /docs); admin credential: {admin_path(settings)}"
    if settings.workers > 1:
        run_workers(settings, without_login(url), listening, lambda: say(known))
        return
    app = served_app(settings, ring, url)
    gc.freeze()
    server = _Announcing(server_config(app, settings), known)
    server.run(sockets=[listening])


class _Announcing(uvicorn.Server):
    """Says that it is ready once it is."""

    def __init__(self, config: uvicorn.Config, known: str) -> None:
        super().__init__(config)
        self._known = known

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            say(self._known)
