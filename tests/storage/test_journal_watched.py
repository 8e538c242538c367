"""A database that went back to an earlier state is noticed by the checkpoint that lies outside it."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from app.api.unproven import OPEN
from app.crypto.keys import KeyRing
from app.crypto.notes import Checkpoint, sign_checkpoint
from app.domain.merkle import EMPTY_ROOT
from app.jobs import journal_watch
from app.main import create_app, deployment
from app.storage.database import Database
from app.storage.journal import BrokenJournalError
from app.usecases.sequence_events import Sequencer
from app.usecases.watch_journal import JournalWatch, write_note
from tests.direct import superuser
from tests.registry_driver import ISSUER, Driver, first_admin

SHORTENED = """
DELETE FROM registry.journal_checkpoint WHERE size > {size};
DELETE FROM registry.journal_leaf WHERE position >= {size};
DELETE FROM vault.journal_opening o
WHERE NOT EXISTS (SELECT FROM registry.journal_leaf l WHERE l.event_id = o.event_id)
"""


@pytest.fixture
async def kept(scratch: Database, ring: KeyRing, tmp_path: Path) -> JournalWatch:
    """A journal of several rounds that was watched from its beginning."""
    sequencer = Sequencer(scratch, ring.journal_key)
    watch = JournalWatch(scratch, ring.journal_key, tmp_path / "checkpoint")
    assert await watch.look() is None
    assert not watch.place.exists()
    for _ in range(3):
        await first_admin(scratch, ring)
        assert await sequencer.round()
        assert await watch.look() is None
    return watch


async def altered(url: str, statement: str) -> None:
    connection = await superuser(url)
    await connection.execute(statement)
    await connection.close()


def size_of(watch: JournalWatch) -> int:
    return int(watch.place.read_text().split("\n")[1])


async def until(seen: Callable[[], bool]) -> None:
    for _ in range(400):
        if seen():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it has not come")


async def anew(watch: JournalWatch) -> str | None:
    """What the next start finds."""
    return await JournalWatch(watch.database, watch.key, watch.place).look()


async def test_the_checkpoint_outside_is_the_newest(
    kept: JournalWatch, scratch: Database, ring: KeyRing
) -> None:
    before = size_of(kept)
    await first_admin(scratch, ring)
    await Sequencer(scratch, ring.journal_key).round()
    assert await kept.look() is None
    assert size_of(kept) > before
    assert await anew(kept) is None
    assert [one.name for one in kept.place.parent.iterdir()] == ["checkpoint"]


async def test_a_journal_that_was_rolled_back_is_named_and_not_added_to(
    kept: JournalWatch, scratch: Database, scratch_url: str, ring: KeyRing
) -> None:
    sequencer = Sequencer(scratch, ring.journal_key)
    await sequencer.round()
    size = size_of(kept)
    await altered(scratch_url, SHORTENED.format(size=size - 1))
    for found in (await kept.look(), await anew(kept)):
        assert found is not None
        assert "rolled back" in found
        assert "1 events are missing" in found
    assert size_of(kept) == size
    with pytest.raises(BrokenJournalError):
        await sequencer.round()
    await kept.accept()
    assert (kept.wrong, await anew(kept), size_of(kept)) == (None, None, size - 1)


async def test_a_checkpoint_that_is_lost_meanwhile_hides_no_rollback_from_who_has_seen_it(
    kept: JournalWatch, scratch_url: str
) -> None:
    size, whole = size_of(kept), kept.place.read_text()
    kept.place.unlink()
    assert await kept.look() is None
    assert kept.place.read_text() == whole
    kept.place.unlink()
    await altered(scratch_url, SHORTENED.format(size=size - 1))
    assert "rolled back" in str(await kept.look())
    assert not kept.place.exists()


async def test_a_journal_without_a_single_leaf_is_no_continuation(
    kept: JournalWatch, scratch_url: str
) -> None:
    await altered(scratch_url, SHORTENED.format(size=0))
    assert "rolled back" in str(await anew(kept))
    await kept.accept()
    assert not kept.proven


async def test_a_journal_that_went_another_way_is_named(
    kept: JournalWatch, scratch: Database, scratch_url: str, ring: KeyRing
) -> None:
    """Rolled back, and then as long as it was before, with other acts."""
    size = size_of(kept)
    await altered(scratch_url, SHORTENED.format(size=size - 1))
    for _ in range(2):
        await first_admin(scratch, ring)
    await Sequencer(scratch, ring.journal_key).round()
    assert "another way" in str(await anew(kept))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE registry.journal_leaf SET hash = decode(repeat('00', 32), 'hex') WHERE position = 0",
            "signed",
        ),
        ("DELETE FROM registry.journal_leaf WHERE position = 0", "does not fit together"),
        ("UPDATE registry.journal_checkpoint SET note = replace(note, 'sparr/', 'other/')", "not signed"),
    ],
)
async def test_a_tree_that_is_not_the_signed_one_is_named(
    kept: JournalWatch, scratch_url: str, statement: str, told: str
) -> None:
    await altered(scratch_url, statement)
    assert told in str(await anew(kept))


async def test_a_checkpoint_that_is_not_this_journals_is_no_reason_to_answer(
    kept: JournalWatch, ring: KeyRing
) -> None:
    whole = kept.place.read_text()
    other = KeyRing.generate().journal_key
    origin = whole.partition("\n")[0]
    for note in (
        "",
        whole[:-20],
        sign_checkpoint(other, Checkpoint(origin, 1, EMPTY_ROOT)),
        sign_checkpoint(ring.journal_key, Checkpoint("sparr/another", 1, EMPTY_ROOT)),
    ):
        kept.place.write_text(note)
        assert "not of this journal" in str(await anew(kept))
        assert kept.place.read_text() == note
    kept.place.write_text(whole)
    assert await anew(kept) is None


async def test_a_place_that_cannot_be_written_hides_nothing_and_stops_nothing(
    scratch: Database, ring: KeyRing, tmp_path: Path
) -> None:
    await Sequencer(scratch, ring.journal_key).round()
    watch = JournalWatch(scratch, ring.journal_key, tmp_path / "checkpoint")
    (tmp_path / f"checkpoint.{os.getpid()}").mkdir()
    with pytest.raises(OSError, match="checkpoint"):
        await watch.look()
    assert watch.proven


async def test_nothing_is_answered_while_the_journal_is_not_proven(
    kept: JournalWatch, scratch: Database, scratch_url: str, ring: KeyRing
) -> None:
    parts = deployment(scratch, ring, ISSUER, witness=kept.place)
    app = create_app(parts)
    transport = httpx2.ASGITransport(app)
    assert parts.watch is not None
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        await parts.watch.look()
        admin = await first_admin(scratch, ring)
        assert await Driver(client, admin).controller()
        await altered(scratch_url, SHORTENED.format(size=1))
        await parts.watch.look()
        told = (await client.get("/readyz")).json()
        assert [check["name"] for check in told["checks"] if not check["ok"]] == ["JOURNAL"]
        asked = 0
        for route in iter_route_contexts(app.routes):
            path = route.path_format or ""
            if path in OPEN:
                continue
            for method in route.methods or ():
                answer = await client.request(method, path)
                assert answer.status_code == 503, path
                asked += method != "HEAD"
                assert method == "HEAD" or answer.json()["code"] == "FACTS_UNREADABLE"
        assert asked > 60
        assert (await client.get("/livez")).status_code == 200


async def test_a_look_that_fails_in_an_unknown_way_shows_nothing_and_is_repeated(
    kept: JournalWatch,
) -> None:
    begun: list[asyncio.Task[None]] = []

    def begin() -> list[asyncio.Task[None]]:
        begun.append(asyncio.create_task(asyncio.sleep(60)))
        return [begun[-1]]

    key, kept.key, kept._known = kept.key, b"no key", (None, None)
    watching = asyncio.create_task(journal_watch.work(kept, begin))
    await until(lambda: not kept.proven)
    assert (kept.wrong, begun) == ("the journal could not be looked at: ValueError", [])
    kept.key = key
    await until(lambda: len(begun) == 1)
    assert kept.proven
    await journal_watch.end([watching])
    assert begun[0].cancelled()


async def test_a_note_is_whole_or_the_one_before(tmp_path: Path) -> None:
    place = tmp_path / "new" / "checkpoint"
    write_note(place, "first")
    write_note(place, "second")
    assert place.read_text() == "second"
    assert [one.name for one in place.parent.iterdir()] == ["checkpoint"]
