"""A wash that was cut off is gone on with, and comes to the same result."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.storage.database import Database
from app.storage.wash_folder import WashFolder
from app.usecases import run_wash
from app.usecases.receive_wash import Laundry
from tests.api.washes.driving import do_all, ended, file, handed_in
from tests.registry_driver import Driver, Party


class KilledError(Exception):
    """What a kill is to whoever is killed: nothing after it happens."""


@pytest.mark.parametrize("media", ["text/csv", "application/x-ndjson"])
async def test_a_wash_that_was_cut_off_goes_on_to_the_same_result(
    registry: Driver,
    desk: Party,
    database: Database,
    laundry: Laundry,
    monkeypatch: pytest.MonkeyPatch,
    media: str,
) -> None:
    numbers = [f"+46701740{605 + n % 95}" for n in range(45_000)]
    rows = "".join(f'{n},"a\n{n}",{one}\n' for n, one in enumerate(numbers))
    csv = f"\ufeffid,note,phone\n{rows}"
    content = csv if media == "text/csv" else "".join(f'"{one}"\n' for one in numbers)
    monkeypatch.setattr(run_wash, "_PAUSE", 0.0)
    whole = await handed_in(registry, desk, content.encode(), media)
    await do_all(database, laundry)
    cut = await handed_in(registry, desk, content.encode(), media)
    kills = iter([1, 2, 1])
    note = run_wash._Run.note

    for _ in range(3):
        left = next(kills)

        async def killed(run: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                run.results.append(dict.fromkeys(["annotated", "allowed"], b"cut off in the middle of a ro"))
                run.results.settle()
                raise KilledError
            await note(run)

        monkeypatch.setattr(run_wash._Run, "note", killed)
        wash = await run_wash.take_wash(database)
        assert wash is not None
        with pytest.raises(KilledError):
            await run_wash.run_wash(database, laundry, wash)
        async with database.write() as unit:
            await unit.run(text("UPDATE ops.wash SET claimed_until = created_at WHERE state = 'running'"))
    monkeypatch.setattr(run_wash._Run, "note", note)
    await do_all(database, laundry)
    assert (await ended(registry, desk, cut))["counts"] == (await ended(registry, desk, whole))["counts"]
    for name in ("annotated", "allowed", "blocked", "rejected"):
        one, other = [(await file(registry, desk, one, name)).content for one in (whole, cut)]
        assert one == other
        assert b"cut off" not in other
    assert (await ended(registry, desk, cut))["progress"] == {"rows": 45_000, "done": 45_000}


async def test_of_two_who_believe_that_a_wash_is_theirs_one_stops(
    registry: Driver, desk: Party, database: Database, laundry: Laundry
) -> None:
    wash_id = await handed_in(registry, desk)
    wash = await run_wash.take_wash(database)
    assert wash is not None
    with WashFolder(laundry.root, UUID(wash_id)).taken():
        await run_wash.run_wash(database, laundry, wash)
    assert (await registry.get(f"/v1/washes/{wash_id}", desk)).json()["state"] == "running"
    async with database.write() as unit:
        sql = "UPDATE ops.wash SET claim = :other WHERE id = :id"
        await unit.run(text(sql), {"other": UUID(int=1), "id": wash.id})
    await run_wash.run_wash(database, laundry, wash)
    assert (await registry.get(f"/v1/washes/{wash_id}", desk)).json()["state"] == "running"
    async with database.write() as unit:
        await unit.run(text("UPDATE ops.wash SET claimed_until = created_at WHERE state = 'running'"))
    await do_all(database, laundry)
    assert (await registry.get(f"/v1/washes/{wash_id}", desk)).json()["state"] == "done"
