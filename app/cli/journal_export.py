"""The one command about the journal that needs the database."""

from pathlib import Path

from app.cli.running import ring_of
from app.main import open_database
from app.settings import Settings, public_url
from app.storage.embedded.running import running_url
from app.usecases.export_journal import export_journal
from app.usecases.export_tiles import export_tiles


async def run_export(settings: Settings, folder: Path, *, tiles: bool = False) -> int:
    """Export from the database of the settings, or from the embedded server that runs in the data folder."""
    ring = ring_of(settings)
    url = settings.database_url or running_url(settings.data_dir)
    database = open_database(url, ring, public_url(settings), pool=1)
    try:
        export = export_tiles if tiles else export_journal
        return await export(database, ring.journal_key, folder)
    finally:
        await database.dispose()
