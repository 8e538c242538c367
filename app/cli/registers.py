"""Lists of national registers from the command line. To import one is the request that an admin sends over
HTTP, streamed; to drop an old one is the operator's act on the database, which no service role can do."""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Final
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.progress import wrap_file

from app.cli.connection import ClientId, ClientSecret, Connection, Folder, Json, Url, fail
from app.cli.running import database_of
from app.registers import LISTS
from app.settings import load_settings
from app.storage.dropping import drop_snapshots

registers = typer.Typer(no_args_is_help=True)

_CHUNK: Final = 256 * 1024

Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="What a column of the CSV is called: FIELD:NAME. Repeatable."),
]


@registers.callback()
def _group() -> None:
    """National registers."""


@registers.command("import")
def import_list(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The register, such as nix_phone.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Its list; *.csv has a header.")],
    version_date: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The date of this version of the list.")
    ],
    column: Columns = None,
    *,
    url: Url = None,
    data_dir: Folder = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    as_json: Json = False,
) -> None:
    """Import a register's list: all of it, or nothing when a line cannot be read."""
    if code not in LISTS:
        fail(f"there is no register {code}; there are {', '.join(LISTS)}")
    with file.open("rb") as opened:
        registry = Connection.open(url, data_dir, client_id, client_secret)
        named = [("column", one) for one in column or []]
        query = urlencode([("version_date", f"{version_date:%Y-%m-%d}"), *named])
        media = "text/csv" if column or file.suffix.lower() == ".csv" else "text/plain"
        shown = wrap_file(
            opened,
            file.stat().st_size,
            description=f"Importing {code}",
            console=Console(stderr=True),
            transient=True,
        )
        with shown as content:
            made = registry.upload(f"/v1/registers/{code}/imports?{query}", _chunks(content), media)
    if as_json:
        typer.echo(json.dumps(made))
    else:
        typer.echo(f"sparr: {code} of {made['version_date']} is imported, {made['rows']} rows: {made['id']}")


@registers.command("drop")
def drop_list(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The register, such as nix_phone.")],
    version_date: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The date of the version that is dropped.")
    ],
    *,
    data_dir: Folder = None,
    as_json: Json = False,
) -> None:
    """Remove the rows of an old version, never of the newest. The embedded server must not be running."""
    settings = load_settings(data_dir=data_dir)
    with redirect_stdout(sys.stderr), database_of(settings) as url:
        dropped = asyncio.run(drop_snapshots(url, code, version_date.date(), datetime.now(UTC)))
    rows = sum(one.rows for one in dropped)
    if as_json:
        told = [{"id": str(one.id), "rows": one.rows} for one in dropped]
        typer.echo(json.dumps({"code": code, "version_date": f"{version_date:%Y-%m-%d}", "dropped": told}))
    else:
        typer.echo(f"sparr: {code} of {version_date:%Y-%m-%d} is dropped, {rows} rows")


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    while chunk := content.read(_CHUNK):
        yield chunk
