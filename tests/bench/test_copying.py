"""What is copied into a table is what was laid out."""

import asyncpg
import numpy as np

from bench.copying import Column, Once, binary, joined, texts
from tests.direct import superuser


async def test_rows_arrive_as_they_were_laid_out(database_url: str) -> None:
    connection: asyncpg.Connection = await superuser(database_url)
    await connection.execute(
        "CREATE TEMPORARY TABLE laid (id uuid, n int4, big int8, small int2, kind text, at text)"
    )
    columns: dict[str, Column] = {
        "id": joined(bytes(range(32))),
        "n": np.array([1, -2], np.int32),
        "big": np.array([1 << 40, 0], np.int64),
        "small": np.array([7, 8], np.int16),
        "kind": b"phone",
        "at": texts(["one", "two"]),
    }
    source = Once(binary(columns, 2))
    await connection.copy_to_table("laid", source=source, columns=list(columns), format="binary")
    rows = await connection.fetch("SELECT * FROM laid ORDER BY small")
    await connection.close()
    assert [row["id"].bytes for row in rows] == [bytes(range(16)), bytes(range(16, 32))]
    assert [tuple(row)[1:] for row in rows] == [(1, 1 << 40, 7, "phone", "one"), (-2, 0, 8, "phone", "two")]
