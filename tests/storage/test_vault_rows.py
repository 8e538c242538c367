"""Nothing plain outside the vault's ciphertexts, one key for each person, and no way to move a sealed row."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.crypto.vault import Unsealable
from app.storage.database import Database
from app.storage.sealed import Plain, ensure_subject_keys, seal, subject_keys, unseal
from tests.direct import superuser
from tests.storage.busy import MARKS, Busy
from tests.storage.logins import relations, select

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def columns_with(connection: Any, marks: tuple[str, ...]) -> set[str]:
    """The places of a mark, in any case: `table.column`. Bytes are read as bytes, all else as its text."""
    wanted = re.compile("|".join(map(re.escape, marks)).encode(), re.IGNORECASE)
    found: set[str] = set()
    for relation in await relations(connection):
        for row in await connection.fetch(select("*", relation.name)) if relation.is_table else ():
            for column, value in row.items():
                raw = bytes(value) if isinstance(value, bytes) else str(value).encode()
                if wanted.search(raw) or wanted.search(re.sub(rb"[^0-9a-zA-Z]", b"", raw)):
                    found.add(f"{relation.name}.{column}")
    return found


async def test_after_a_busy_day_no_column_holds_a_name_a_number_an_address_or_a_reference(busy: Busy) -> None:
    connection = await superuser(busy.url)
    tables = [one.name for one in await relations(connection) if one.is_table]
    empty = [name for name in tables if not await connection.fetchval(select("count(*)", name))]
    # A node of the journal is stored for each 256 leaves.
    assert set(empty) <= {"ops.assertion_seen", "registry.journal_node"}
    assert await columns_with(connection, MARKS) == set()
    await connection.close()


async def test_a_plain_value_in_any_kind_of_column_would_have_been_found(scratch_url: str) -> None:
    connection = await superuser(scratch_url)
    party, event = uuid4(), uuid4()
    await connection.execute(
        "INSERT INTO registry.party VALUES ($1, 'agent', 'Rut MARKED', '1', 'SE', now(), $2)", party, event
    )
    await connection.execute(
        "INSERT INTO registry.event (id, at, kind, outcome, detail, request_digest)"
        """ VALUES ($1, now(), 'x', 'done', '{"said": ["+46 8-465 004 42"]}', 'rut.marked@example.com')""",
        event,
    )
    found = await columns_with(connection, MARKS)
    assert found == {"registry.party.name", "registry.event.detail", "registry.event.request_digest"}
    await connection.close()


async def test_two_writers_at_once_make_one_key_for_a_person(database: Database) -> None:
    subjects = [uuid4() for _ in range(20)]

    async def make() -> dict[UUID, bytes]:
        async with database.write() as unit:
            return await ensure_subject_keys(unit, subjects, NOW)

    made = await asyncio.gather(*(make() for _ in range(6)))
    assert all(one == made[0] for one in made)
    assert made[0].keys() == set(subjects)
    async with database.read() as unit:
        assert await subject_keys(unit, subjects) == made[0]


async def test_what_two_writers_seal_at_once_can_both_be_read(database: Database) -> None:
    subject = uuid4()

    async def write(value: str) -> UUID:
        plain = Plain(uuid4(), subject, "identifier", value)
        async with database.write() as unit:
            await seal(unit, [plain], NOW)
        return plain.id

    ids = await asyncio.gather(*(write(f"value {n}") for n in range(8)))
    async with database.read() as unit:
        opened = await unseal(unit, ids)
    assert [opened[one] for one in ids] == [f"value {n}" for n in range(8)]


async def sealed_pair(database: Database) -> tuple[Plain, Plain]:
    """Two rows of two people."""
    plains = [Plain(uuid4(), uuid4(), "identifier", {"canonical": f"value {n}"}) for n in range(2)]
    async with database.write() as unit:
        await seal(unit, plains, NOW)
    return plains[0], plains[1]


async def test_of_an_erased_person_nothing_opens_and_everybody_else_stays(
    scratch: Database, scratch_url: str
) -> None:
    erased, kept = await sealed_pair(scratch)
    connection = await superuser(scratch_url)
    await connection.execute("DELETE FROM vault.subject_key WHERE subject = $1", erased.subject)
    await connection.close()
    async with scratch.read() as unit:
        assert await unseal(unit, [erased.id, kept.id]) == {kept.id: kept.value}


MOVES = {
    "another id": "UPDATE vault.sealed SET id = gen_random_uuid() WHERE id = $1 RETURNING id",
    "another person": "UPDATE vault.sealed SET subject = (SELECT subject FROM vault.sealed WHERE id = $2)"
    " WHERE id = $1 RETURNING id",
    "another row's text": "UPDATE vault.sealed SET ciphertext = (SELECT ciphertext FROM vault.sealed"
    " WHERE id = $2) WHERE id = $1 RETURNING id",
    "one bit": "UPDATE vault.sealed SET ciphertext = set_bit(ciphertext, 200, 1 - get_bit(ciphertext, 200))"
    " WHERE id = $1 RETURNING id",
}


@pytest.mark.parametrize("move", MOVES)
async def test_a_sealed_row_that_was_moved_or_changed_does_not_open(
    database: Database, database_url: str, move: str
) -> None:
    first, second = await sealed_pair(database)
    connection = await superuser(database_url)
    arguments = [first.id, second.id] if "$2" in MOVES[move] else [first.id]
    moved = await connection.fetchval(MOVES[move], *arguments)
    await connection.close()
    async with database.read() as unit:
        assert await unseal(unit, [moved, second.id]) == {second.id: second.value}


async def test_a_key_row_moved_to_another_person_does_not_open_either(
    database: Database, database_url: str
) -> None:
    first, second = await sealed_pair(database)
    connection = await superuser(database_url)
    await connection.execute(
        "UPDATE vault.subject_key SET wrapped = (SELECT wrapped FROM vault.subject_key WHERE subject = $2)"
        " WHERE subject = $1",
        first.subject,
        second.subject,
    )
    await connection.close()
    with pytest.raises(Unsealable):
        async with database.read() as unit:
            await unseal(unit, [first.id])
