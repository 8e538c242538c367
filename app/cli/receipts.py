"""Receipts in the hands of those who keep them: verified, or opened for one row, without the register."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.crypto.tokens import BadKey, VerificationKeys
from app.domain.answered_lists import answered_list, parted
from app.domain.channels import CHANNELS
from app.domain.recipient_rows import UnreadableListError, decoded
from app.settings import load_settings, public_url
from app.usecases.open_row import BadRow, open_row
from app.usecases.verify_receipt import stated_claims, verify_receipt_text

receipts = typer.Typer(no_args_is_help=True)

FAILED = 1

Jwks = Annotated[Path | None, typer.Option(help="JWKS file, for verifying offline.")]
Url = Annotated[str | None, typer.Option(help="The registry whose keys are fetched.")]


@receipts.command("verify")
def verify(
    file: Annotated[
        Path, typer.Argument(help="A file with the receipt, an answer that contains one, or an opened row.")
    ],
    jwks: Jwks = None,
    url: Url = None,
    at: Annotated[datetime | None, typer.Option(help="The moment at which it must still hold, UTC.")] = None,
) -> None:
    """Verify a receipt of an objection or a lookup, and a row opened of it. Exit status 1 unless VALID."""
    given = _given(file)
    try:
        keys = VerificationKeys(_keys(jwks, url or public_url(load_settings())))
    except (BadKey, KeyError, ValueError):
        raise typer.BadParameter("there is no usable JWKS") from None
    moment = at.replace(tzinfo=UTC) if at else datetime.now(UTC)
    verdict = verify_receipt_text(str(given["receipt"]), keys, moment, given.get("row"))
    typer.echo(json.dumps({"valid": verdict.code == "VALID", "code": verdict.code, "claims": verdict.claims}))
    if verdict.code != "VALID":
        raise typer.Exit(FAILED)


@receipts.command("open")
def open_(
    answer: Annotated[
        Path,
        typer.Argument(help="The answer of a lookup with a tree, as it came, or a list with its answers."),
    ],
    row: Annotated[int, typer.Option(help="The index of the row to open, from 0.")],
    request: Annotated[Path | None, typer.Option(help="The request of a lookup, as it was sent.")] = None,
    column: Annotated[str | None, typer.Option(help="CSV: the column, as in the question.")] = None,
    receipt: Annotated[
        Path | None, typer.Option(help="JSON with the receipt and its seed; by default ANSWER.receipt.json.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where to write it; else printed.")] = None,
) -> None:
    """Take one row out of a receipt, with what proves it; it shows nothing of the other rows."""
    try:
        if request is not None:
            told = _json(answer)
            items, verdicts = _json(request)["identifiers"], _verdicts(told)
        else:
            told, items, verdicts = _listed(answer, column, receipt)
        opened = open_row(
            str(told["receipt_seed"]), items, verdicts, stated_claims(str(told["receipt"])), row
        )
    except KeyError:
        raise typer.BadParameter("this is no lookup that was answered with a tree") from None
    except (BadRow, UnreadableListError) as bad:
        raise typer.BadParameter(str(bad)) from None
    text = json.dumps({"receipt": told["receipt"], "row": opened}, ensure_ascii=False, indent=1)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")


def _listed(answer: Path, column: str | None, receipt: Path | None) -> tuple[dict[str, Any], Any, list[str]]:
    """What a list was answered with: the summary, what each row states, and its verdict."""
    rows, told = parted(decoded(answer.read_bytes()))
    if not told:
        beside = receipt or answer.with_name(f"{answer.name}.receipt.json")
        if not beside.is_file():
            raise typer.BadParameter("give the --request of a lookup, or the --receipt of a list")
        told = _json(beside)
    channel = stated_claims(str(told["receipt"])).get("channel")
    kind = CHANNELS[channel].bare if channel in CHANNELS else None
    return told, *answered_list(rows, column, kind)


def _verdicts(answer: Mapping[str, Any]) -> list[str]:
    """Decision and code of each row, from either view."""
    if "results" in answer:
        return [f"{one['decision']} {one['code']}" for one in answer["results"]]
    verdicts = [f"allow {answer['allow_code']}"] * answer["counts"]["asked"]
    for one in answer["blocked"]:
        verdicts[one["index"]] = f"block {one['code']}"
    return verdicts


def _given(file: Path) -> Mapping[str, Any]:
    """A bare receipt, or the JSON that holds one."""
    text = file.read_text(encoding="utf-8").strip()
    if not text.startswith("{"):
        return {"receipt": text}
    found = _json(file)
    if "receipt" not in found:
        raise typer.BadParameter("there is no receipt in this file")
    return found


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise typer.BadParameter(f"{file} holds no JSON object")
    return found


def _keys(jwks: Path | None, url: str) -> list[dict[str, Any]]:
    if jwks is not None:
        found: list[dict[str, Any]] = json.loads(jwks.read_text(encoding="utf-8"))["keys"]
        return found
    import httpx2  # noqa: PLC0415 - only this command asks over HTTP

    answer = httpx2.get(f"{url.rstrip('/')}/.well-known/jwks.json", timeout=10)
    fetched: list[dict[str, Any]] = answer.raise_for_status().json()["keys"]
    return fetched
