"""Reading a whole list, or a whole snapshot of a register, into memory: streamed, in one snapshot of the
database together with its position and its canary."""

import asyncio
from typing import Final
from uuid import UUID

import numpy as np

from app.crypto.instruments import Instruments
from app.domain.refusals import UnavailableError
from app.storage.lookups import list_canary
from app.storage.presence.asking import lists_standing
from app.storage.presence.connecting import Connection, declare
from app.storage.presence.held import HeldList, Position
from app.storage.presence.prefixes import FINGERPRINT_BYTES, Prefixes, SortedPrefixes, merged

BYTES_EACH: Final = 16
"""What a fingerprint takes at most: eight bytes, and two places of four in the table."""

_KEYS: Final = """
SELECT k.fingerprint FROM registry.entry_key k WHERE k.controller_no = $1
UNION ALL SELECT f.fingerprint FROM registry.fact_key f WHERE f.controller_no = $1
"""
_LINES: Final = "SELECT e.fingerprint FROM registry.register_entry e WHERE e.snapshot_no = $1"

_BEGIN: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_HEAD: Final = 19
_TAIL: Final = b"\xff\xff"
_ROW: Final = np.dtype([("columns", ">i2"), ("bytes", ">i4"), ("prefix", ">u8"), ("rest", "V8")])
_BLOCK: Final = _ROW.itemsize << 16


class TooLargeError(Exception):
    """There is no room for it."""


async def load_list(
    connection: Connection, instruments: Instruments, number: int, most_bytes: int
) -> HeldList:
    """Everything that one list has, and where it stands. UnavailableError when it does not show its canaries,
    TooLargeError when it would take more than `most_bytes`. After either the connection is of no more use."""
    await declare(connection, frozenset([number]))
    await connection.execute(_BEGIN)
    row = (await lists_standing(connection, instruments, [number])).get(number)
    if row is None:
        raise UnavailableError("a list that is to be loaded is not whole")
    parts = await _copied(connection, _KEYS, number, most_bytes)
    await connection.execute("COMMIT")
    return await _held(parts, (row.version, row.head), list_canary(instruments, number))


async def load_register(connection: Connection, snapshot_no: int, canary: UUID, most_bytes: int) -> HeldList:
    """Everything that one snapshot of a register has. It never changes, so its position is its canary."""
    parts = await _copied(connection, _LINES, snapshot_no, most_bytes)
    return await _held(parts, (snapshot_no, canary), canary)


async def _held(parts: list[Prefixes], position: Position, canary: UUID) -> HeldList:
    first = int.from_bytes(canary.bytes[:8])
    held = HeldList(await asyncio.to_thread(_sorted, parts), position, first)
    if held.holds(np.empty(0, np.uint64)) is None:
        raise UnavailableError("what was loaded has no canary")
    return held


async def _copied(connection: Connection, sql: str, number: int, most_bytes: int) -> list[Prefixes]:
    parts: list[Prefixes] = []
    held = bytearray()
    count = 0

    async def take(chunk: bytes) -> None:
        nonlocal count
        held.extend(chunk)
        if len(held) < _BLOCK + _HEAD:
            return
        first = 0 if parts else _HEAD
        whole = (len(held) - first - len(_TAIL)) // _ROW.itemsize
        parts.append(_read(bytes(held[first : first + whole * _ROW.itemsize])))
        del held[: first + whole * _ROW.itemsize]
        count += whole
        if count * BYTES_EACH > most_bytes:
            raise TooLargeError

    status = await connection.copy_from_query(sql, number, output=take, format="binary")
    first = 0 if parts else _HEAD
    if bytes(held[-len(_TAIL) :]) != _TAIL:
        raise UnavailableError("a list ended before its end")
    parts.append(_read(bytes(held[first : -len(_TAIL)])))
    count += len(parts[-1])
    if status != f"COPY {count}":
        raise UnavailableError("a list has another number of rows than it said")
    if count * BYTES_EACH > most_bytes:
        raise TooLargeError
    return parts


def _read(rows: bytes) -> Prefixes:
    if len(rows) % _ROW.itemsize:
        raise UnavailableError("a row of a list is cut")
    found = np.frombuffer(rows, _ROW)
    if not ((found["columns"] == 1) & (found["bytes"] == FINGERPRINT_BYTES)).all():
        raise UnavailableError("a row of a list is no fingerprint")
    return found["prefix"].astype(np.uint64)


def _sorted(parts: list[Prefixes]) -> SortedPrefixes:
    prefixes = np.concatenate(parts)
    parts.clear()
    prefixes.sort()
    return merged(prefixes)
