"""`sparr wash FILE`: a list of recipients before it is sent to, asked about over HTTP and written anew."""

import asyncio
import codecs
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.cli.connection import Connection, Url, fail, told_problem
from app.cli.duplex import BrokenOffError, exchange
from app.cli.washed_files import NotWholeError, WashedFile
from app.domain.facts import SOURCE_KINDS
from app.domain.rows_of_csv import separator_of
from app.settings import load_settings, public_url

NOT_WHOLE: Final = 3
_BLOCK: Final = 256 * 1024
_LONGEST_PROBLEM: Final = 64 * 1024
_OK: Final = 200
_FAILED_THERE: Final = 500
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

File = Annotated[Path, typer.Argument(help="The list: CSV, or one JSON a line (*.ndjson, *.jsonl).")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where the answer goes, once it is whole.")]
Id = Annotated[str, typer.Option("--client-id", help="A credential with the role sender.")]
SecretFile = Annotated[Path | None, typer.Option(help="A file with its secret, or SPARR_CLIENT_SECRET.")]
Channel = Annotated[str, typer.Option(help="The channel of the dispatch, such as sms.")]
Purpose = Annotated[str, typer.Option(help="The purpose of the dispatch, such as marketing.")]
Controller = Annotated[UUID | None, typer.Option(help="For which controller, if you ask for several.")]
Source = Annotated[str | None, typer.Option(help="Where the list came from: an id, or own, bought, …")]
Region = Annotated[str | None, typer.Option(help="The country of national numbers, such as SE.")]
Column = Annotated[str | None, typer.Option(help="The column: its title, or its number if none has one.")]
Only = Annotated[Literal["allowed", "blocked"] | None, typer.Option(help="Write only these rows.")]

Receipt = Annotated[
    Literal["digest", "tree"], typer.Option(help="tree: single rows of the receipt can be opened.")
]


def wash(
    file: File,
    out: Out,
    client_id: Id,
    channel: Channel,
    purpose: Purpose,
    url: Url = None,
    client_secret_file: SecretFile = None,
    controller: Controller = None,
    source: Source = None,
    region: Region = None,
    column: Column = None,
    only: Only = None,
    receipt: Receipt = "digest",
    *,
    promo: Annotated[bool, typer.Option(help="The message also promotes something.")] = False,
) -> None:
    """Ask about every recipient of a list, of any length. The rows keep their columns and order, and get
    `decision` and `code`. OUT is written whole or not at all (exit status 3), and the receipt beside it."""
    if only is not None and receipt == "tree":
        fail("a receipt with a tree is opened with all rows; leave --only out")
    settings = load_settings()
    secret = _secret(settings.client_secret, client_secret_file)
    question: dict[str, Any] = {"channel": channel, "purpose": purpose, "promo": "true" if promo else None}
    question |= {"receipt": "tree" if receipt == "tree" else None}
    question |= {"controller_id": controller, "region": region, "column": column, **_source(source)}
    with file.open("rb") as listed:
        sending = _Sending(listed, json_lines=file.suffix.lower() in {".ndjson", ".jsonl"})
        registry = Connection(url or public_url(settings), client_id, secret)
        query = urlencode({name: text for name, text in question.items() if text is not None})
        headed = not (column or "").isdecimal()
        separator = None if sending.json_lines else sending.separator
        with WashedFile(out, separator, only, headed=headed) as answer, _Bar(sending, answer) as bar:
            summary = _washed(registry, query, sending, answer, bar.tick)
    told = summary["counts"]
    typer.echo(
        f"sparr: {told['asked']} rows: {told['allow']} allow, {told['block']} block, "
        f"of which {told['invalid']} cannot be read; good until {summary['valid_until']}"
    )


class _Sending:
    """The list as it is read and sent, block by block, byte for byte."""

    def __init__(self, listed: BinaryIO, *, json_lines: bool) -> None:
        self.json_lines = json_lines
        self.size = os.fstat(listed.fileno()).st_size
        self.sent = 0
        self.digest = hashlib.sha256()
        self.odd = False
        self._listed = listed
        first = listed.readline(_BLOCK)
        if first.startswith(_WIDE):
            fail("the list is UTF-16; save it as UTF-8")
        self.separator = separator_of(first.decode("utf-8-sig", "replace"))
        listed.seek(0)

    def blocks(self, tick: Callable[[], None]) -> Iterator[bytes]:
        """Never more than the file had when it was opened."""
        text = codecs.getincrementaldecoder("utf-8")()
        while block := self._listed.read(min(_BLOCK, self.size - self.sent)):
            self.digest.update(block)
            self.sent += len(block)
            tick()
            yield block
            try:
                text.decode(block)
            except UnicodeDecodeError:
                self._warn()
                text.reset()

    def _warn(self) -> None:
        if not self.odd:
            self.odd = True
            typer.echo("sparr: the list is not UTF-8; its bytes are kept, as in Latin-1", err=True)


class _Bar(Progress):
    """Rows, their rate, and the time that is left."""

    def __init__(self, sending: _Sending, answer: WashedFile) -> None:
        console = Console(stderr=True)
        rate = TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,} rows/s")
        columns = (BarColumn(), TaskProgressColumn(), rate, TimeRemainingColumn())
        super().__init__(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._sending, self._answer = sending, answer
        self._shown = self.add_task("washing", total=sending.size, rows=0, rate=0)

    def tick(self) -> None:
        rows, seconds = self._answer.rows, self.tasks[0].elapsed or 0.0
        rate = round(rows / seconds) if seconds else 0
        self.update(self._shown, completed=self._sending.sent, rows=rows, rate=rate)


def _washed(
    registry: Connection, query: str, sending: _Sending, answer: WashedFile, tick: Callable[[], None]
) -> dict[str, Any]:
    """The summary. Whatever keeps the answer from being whole ends the command with one line."""
    problem = bytearray()

    def take(piece: bytes) -> None:
        answer.take(piece)
        if len(problem) < _LONGEST_PROBLEM:
            problem.extend(piece)
        tick()

    headers = {
        **registry.headers,
        "Content-Type": "application/x-ndjson" if sending.json_lines else "text/csv",
    }
    try:
        path = f"{registry.url}/v1/lookups/stream?{query}"
        status = asyncio.run(exchange(path, headers, sending.size, sending.blocks(tick), take))
        if status == _OK:
            return answer.finish(sending.digest.hexdigest())
        told = _problem(bytes(problem))
    except (BrokenOffError, NotWholeError) as broken:
        status, told = _FAILED_THERE, str(broken)
    if status < _FAILED_THERE:
        fail(told)
    typer.echo(f"sparr: NOT WHOLE, nothing was written: {told}", err=True)
    raise typer.Exit(NOT_WHOLE)


def _problem(said: bytes) -> str:
    try:
        return told_problem(json.loads(said))
    except ValueError:
        return "the registry gave no answer that can be read"


def _secret(of_environment: str | None, file: Path | None) -> str:
    """Never an argument: whoever lists the processes of the machine would read it."""
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    return of_environment or str(typer.prompt("Client secret", hide_input=True, err=True))


def _source(named: str | None) -> dict[str, str]:
    if named is None:
        return {}
    if named in SOURCE_KINDS:
        return {"source_kind": named}
    try:
        return {"source_id": str(UUID(named))}
    except ValueError:
        fail(f"a source is the id of one, or {', '.join(SOURCE_KINDS)}")
