"""Looking without changing: the database, and the API's document."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from app.api.documents import as_text, describe
from app.crypto.keys import KeyRing, load_or_create
from app.main import create_app, deployment, open_database
from app.settings import keys_path, load_settings, public_url
from app.storage.readiness import standing

FAILED = 1
EXAMPLES = Path(__file__).resolve().parents[2] / "openapi" / "examples"


def check(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Ask the database of SPARR_DATABASE_URL whether it is safe to serve from; exit status 1 if not."""
    settings = load_settings()
    if settings.database_url is None:
        raise typer.BadParameter("check needs SPARR_DATABASE_URL; a running registry answers /readyz")
    ring = load_or_create(keys_path(settings))
    database = open_database(settings.database_url, ring, public_url(settings), pool=1)
    found = asyncio.run(standing(database))
    if as_json:
        typer.echo(json.dumps([{"code": code, "ok": good} for code, good in found]))
    else:
        for code, good in found:
            typer.echo(f"{'ok ' if good else 'NOT'} {code}")
    if not all(good for _, good in found):
        raise typer.Exit(FAILED)


def openapi() -> None:
    """Print the OpenAPI document, as it is committed in openapi/openapi.json."""
    typer.echo(document(), nl=False)


def document() -> str:
    """The document of this version, from its routes and schemas; nothing is connected to."""
    ring = KeyRing.generate()
    database = open_database("postgresql://nobody@/none", ring, "http://127.0.0.1:8000")
    return as_text(describe(create_app(deployment(database, ring, "http://127.0.0.1:8000")), EXAMPLES))
