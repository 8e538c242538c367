"""`POST /v1/lookups/stream` and `sparr wash` of a long CSV file: rows a second, and memory that is flat."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import numpy as np

from app.cli import COMMANDS
from bench import people
from bench.alone import main
from bench.client import Connection, get
from bench.machine import resident_megabytes
from bench.results import Report, Row
from bench.running import Session
from bench.washing import QUESTION
from bench.world import World

RATE, FLAT = 500_000.0, 50.0
PATH = "/v1/lookups/stream"
_SHARE = 0.01
_FEW = 10_000
_PIECE = 1 << 18
_LOOK = 0.05
_SUMMARY = 1 << 14
NOT_BUILT = "not built"

T = TypeVar("T")


def write_csv(file: Path, world: World, rows: int) -> None:
    """`customer,phone`: numbers in E.164, one in a hundred of them in the largest list."""
    listed, every = world.listed(), round(1 / _SHARE)
    with file.open("w", encoding="ascii") as out:
        out.write("customer,phone\n")
        for first in range(0, rows, 100_000):
            chosen = people.STRANGERS // 2 + np.arange(first, min(first + 100_000, rows), dtype=np.int64)
            for n, number in enumerate(people.phone_numbers(chosen), first):
                out.write(f"K{n},{listed[n % len(listed)] if n % every == 0 else number}\n")


async def _watched(pid: int, work: Awaitable[T]) -> tuple[T, float]:
    """An answer, and the most memory that a process held meanwhile, in MB."""
    most, task = 0.0, asyncio.ensure_future(work)
    while not task.done():
        most = max(most, resident_megabytes(pid))
        await asyncio.wait({task}, timeout=_LOOK)
    return task.result(), most


async def _stream(port: int, path: str, token: str, file: Path) -> tuple[int, float]:
    """Lines of the answer, and seconds. Sends and receives at once, as much as fits."""
    begun = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_PIECE)
    size = await asyncio.to_thread(lambda: file.stat().st_size)
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    writer.write(f"{head}Content-Type: text/csv\r\nContent-Length: {size}\r\n\r\n".encode())

    async def send() -> None:
        for piece in _pieces(file):
            writer.write(piece)
            await writer.drain()

    sending = asyncio.create_task(send())
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200"):
        sending.cancel()
        raise RuntimeError(f"{answer[:40]!r} {await reader.read(300)!r}")
    lines, last = 0, b""
    while length := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        piece = (await reader.readexactly(length + 2))[:-2]
        lines += piece.count(b"\n")
        last = piece if len(piece) > _SUMMARY else (last + piece)[-_SUMMARY:]
    await sending
    if b'"summary"' not in last:
        raise RuntimeError("the answer is not whole")
    writer.close()
    return lines, time.perf_counter() - begun


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


async def measure(session: Session) -> Report:
    """A short file and a long one, one after the other, by the same process."""
    report = Report("stream", f"rows a second of a CSV file of E.164 numbers, {_SHARE:.0%} hits, one worker")
    world = await session.world()
    await world.serve(1, anew=True)
    lengths = (_FEW, session.options.rows)
    files = [world.folder / f"{rows}.csv" for rows in lengths]
    for file, rows in zip(files, lengths, strict=True):
        await asyncio.to_thread(write_csv, file, world, rows)
    connection = await Connection.open(world.port)
    routes = (await connection.told(get("/openapi.json")))["paths"]
    connection.close()
    report.rows += await _streamed(world, files, lengths) if PATH in routes else _absent(PATH)
    report.rows += await _washed(world, files, lengths) if "wash" in COMMANDS else _absent("sparr wash")
    return report


def _absent(case: str) -> list[Row]:
    return [
        Row(case, "rows a second", None, "rows/s", target=RATE, note=NOT_BUILT),
        Row(case, "more memory for the long file", None, "MB", target=FLAT, at_most=True, note=NOT_BUILT),
    ]


async def _streamed(world: World, files: list[Path], lengths: tuple[int, int]) -> list[Row]:
    asked = {"controller_id": str(world.ids[0]), **QUESTION, "column": "phone"}
    path = f"{PATH}?{urlencode(asked)}"
    held, rate = [], 0.0
    for file, rows in zip(files, lengths, strict=True):
        work = _stream(world.port, path, await world.token(), file)
        (lines, taken), most = await _watched(_pid(world), work)
        if lines < rows:
            raise RuntimeError(f"{lines} lines for {rows} rows")
        held.append(most)
        rate = rows / taken
    return _rows(PATH, rate, held, lengths[1])


async def _washed(world: World, files: list[Path], lengths: tuple[int, int]) -> list[Row]:
    client_id, secret = await world.credential()
    kept = world.folder / "secret"
    kept.write_text(secret)
    held, rate = [], 0.0
    for file, rows in zip(files, lengths, strict=True):
        begun = time.perf_counter()
        options = ["--client-id", str(client_id), "--client-secret-file", str(kept), "--column", "phone"]
        options += ["--channel", "sms", "--purpose", "marketing", "--url", f"http://127.0.0.1:{world.port}"]
        washing = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "app", "wash", str(file), *options, "-o", f"{file}.out"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        (_, said), most = await _watched(washing.pid, washing.communicate())
        if washing.returncode:
            note = said.decode(errors="replace").strip()[-100:]
            return [Row("sparr wash", "rows a second", None, "rows/s", target=RATE, note=note)]
        held.append(most)
        rate = rows / (time.perf_counter() - begun)
    return _rows("sparr wash", rate, held, lengths[1])


def _rows(case: str, rate: float, held: list[float], rows: int) -> list[Row]:
    what = f"more memory for {rows:,} rows than for {_FEW:,}"
    note = f"{held[0]:.0f} MB, {held[1]:.0f} MB"
    return [
        Row(case, "rows a second", rate, "rows/s", target=RATE),
        Row(case, what, held[1] - held[0], "MB", target=FLAT, at_most=True, note=note),
    ]


def _pid(world: World) -> int:
    if world.server is None:
        raise RuntimeError("nothing is served")
    return world.server.process.pid


if __name__ == "__main__":
    main(__file__)
