"""The journal in the hands of an auditor: exported from the database, verified without it or over HTTP."""

import asyncio
import gc
import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli.connection import ClientId, ClientSecret, Connection, Folder, Json, Url, fail
from app.settings import load_settings
from app.usecases.follow_journal import Followed, follow
from app.usecases.journal_findings import Verified
from app.usecases.verify_journal import verify_export
from app.usecases.verify_tiles import are_tiles, verify_tiles

journal = typer.Typer(no_args_is_help=True)

FAILED = 1

Vkey = Annotated[
    str | None, typer.Option(help="The journal's verifier key, as known from elsewhere: name+id+key.")
]
Remembered = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint", help="A checkpoint seen earlier. With --url it is renewed when all is well."
    ),
]


@journal.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.")],
    data_dir: Folder = None,
    tiles: Annotated[bool, typer.Option("--tiles", help="The journal alone, as C2SP tlog-tiles.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Write the journal and the rows it covers to files, from the database of this machine's settings."""
    from app.cli.journal_export import run_export  # noqa: PLC0415 - verifying must not load the database

    leaves = asyncio.run(run_export(load_settings(data_dir=data_dir), folder, tiles=tiles))
    typer.echo(f"sparr: {leaves} leaves are in {folder}")


@journal.command("verify")
def verify(
    folder: Annotated[
        Path | None, typer.Argument(help="What `export` wrote, with or without --tiles.")
    ] = None,
    vkey: Vkey = None,
    checkpoint: Remembered = None,
    url: Url = None,
    data_dir: Folder = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    as_json: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Verify an export, or with --url the journal of a running registry. Exit status 1 unless all is well."""
    if (folder is None) == (url is None):
        raise typer.BadParameter("either a folder or --url")
    seen = checkpoint.read_text(encoding="utf-8") if checkpoint and checkpoint.exists() else None
    if folder is not None:
        if checkpoint is not None and seen is None:
            raise typer.BadParameter(f"{checkpoint} is not there")
        # Nothing that is read leads back to itself: to look for what does would take a fifth of the time.
        gc.disable()
        verified = verify_tiles if are_tiles(folder) else verify_export
        _tell(verified(folder, vkey, seen), as_json=as_json, trusted=vkey is not None)
        return
    registry = Connection.open(url, data_dir, client_id, client_secret)
    followed = follow(registry.get, vkey, seen)
    _tell_followed(followed, as_json=as_json, trusted=vkey is not None)
    if checkpoint is not None:
        checkpoint.write_text(followed.note, encoding="utf-8")


def _tell(found: Verified, *, as_json: bool, trusted: bool) -> None:
    if as_json:
        findings = [
            {"table": one.table, "key": one.key, "wrong": one.wrong, "why": one.why} for one in found.findings
        ]
        told = {"valid": not findings, "size": found.size, "rows": found.rows, "waiting": found.waiting}
        typer.echo(json.dumps({**told, "key_given": trusted, "findings": findings, "state": found.state}))
    else:
        for one in found.findings:
            typer.echo(f"{one.wrong}: {one.table} {one.key} ({one.why})")
        typer.echo(f"{found.size} leaves and {found.rows} rows, {len(found.findings)} findings")
        for name, count in found.state.items():
            typer.echo(f"  {name}: {count}")
        _warn(trusted=trusted)
    if found.findings:
        raise typer.Exit(FAILED)


def _tell_followed(followed: Followed, *, as_json: bool, trusted: bool) -> None:
    if followed.wrong is not None:
        fail(followed.wrong)
    if as_json:
        typer.echo(json.dumps({"valid": True, "size": followed.size, "key_given": trusted}))
    else:
        typer.echo(f"{followed.size} leaves, signed, and continuing what was seen before")
        _warn(trusted=trusted)


def _warn(*, trusted: bool) -> None:
    if not trusted:
        typer.echo("The verifier key was taken from the registry itself; --vkey names one that you know.")
