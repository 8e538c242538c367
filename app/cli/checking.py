"""Looking without changing: the database, the API's document, a receipt."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.api.documents import as_text, describe
from app.cli.running import keys_path
from app.crypto.keys import KeyRing, load_or_create
from app.crypto.tokens import BadKey, VerificationKeys
from app.main import create_app, deployment, open_database
from app.settings import load_settings, public_url
from app.storage.readiness import standing
from app.usecases.verify_receipt import verify_receipt_text

Url = Annotated[str | None, typer.Option(help="The registry whose keys are fetched.")]

receipts = typer.Typer(no_args_is_help=True)

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


@receipts.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="A file with the receipt, or an answer that contains one.")],
    jwks: Annotated[Path | None, typer.Option(help="JWKS file, for verifying offline.")] = None,
    url: Url = None,
) -> None:
    """Verify a receipt of an objection or a lookup. Exit status 1 unless it is VALID."""
    text = file.read_text(encoding="utf-8").strip()
    receipt = json.loads(text)["receipt"] if text.startswith("{") else text
    try:
        keys = VerificationKeys(_keys(jwks, url or public_url(load_settings())))
    except (BadKey, KeyError, ValueError):
        raise typer.BadParameter("there is no usable JWKS") from None
    verdict = verify_receipt_text(str(receipt), keys, datetime.now(UTC))
    typer.echo(json.dumps({"valid": verdict.code == "VALID", "code": verdict.code, "claims": verdict.claims}))
    if verdict.code != "VALID":
        raise typer.Exit(FAILED)


def _keys(jwks: Path | None, url: str) -> list[dict[str, Any]]:
    if jwks is not None:
        found: list[dict[str, Any]] = json.loads(jwks.read_text(encoding="utf-8"))["keys"]
        return found
    import httpx2  # noqa: PLC0415 - only this command asks over HTTP

    answer = httpx2.get(f"{url.rstrip('/')}/.well-known/jwks.json", timeout=10)
    fetched: list[dict[str, Any]] = answer.raise_for_status().json()["keys"]
    return fetched
