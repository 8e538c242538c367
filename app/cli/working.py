"""`sparr work`: the washes alone, beside servers that answer requests, on the same database and folder."""

import asyncio
import signal
from contextlib import suppress

import typer

from app.api.logs import configure_logging
from app.cli.running import Folder
from app.cli.workers import laundry
from app.crypto.keys import load_or_create
from app.jobs import journal_watch
from app.jobs.washes import work as wash_lists
from app.main import open_database
from app.settings import Settings, keys_path, load_settings, public_url, witness_path
from app.storage.readiness import refuse_unsafe
from app.usecases.watch_journal import JournalWatch


def work(data_dir: Folder = None) -> None:
    """Do washes until told to stop. Needs SPARR_DATABASE_URL and the folder of the washes."""
    settings = load_settings(data_dir=data_dir)
    if settings.database_url is None:
        raise typer.BadParameter("work needs SPARR_DATABASE_URL; `up` works by itself")
    configure_logging(settings.log_level)
    asyncio.run(_until_told(settings, settings.database_url))


async def _until_told(settings: Settings, url: str) -> None:
    ring = load_or_create(keys_path(settings))
    database = open_database(url, ring, public_url(settings), settings.pool)
    try:
        await refuse_unsafe(database)
        watch = JournalWatch(database, ring.journal_key, witness_path(settings))
        working = asyncio.create_task(
            journal_watch.work(watch, lambda: [asyncio.create_task(wash_lists(database, laundry(settings)))])
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, working.cancel)
        typer.echo("sparr: working")
        with suppress(asyncio.CancelledError):
            await working
    finally:
        await database.dispose()
