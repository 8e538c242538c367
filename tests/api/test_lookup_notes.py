"""Receipts of lookups that are answered at the same time are written together, and each before its answer."""

import asyncio
from datetime import UTC, datetime

import pytest

from app.crypto.keys import KeyRing
from app.domain.refusals import UnavailableError
from app.main import open_database
from app.storage.database import Database
from app.usecases.note_lookup import LookupNotes
from tests.api.fiction import numbers
from tests.api.statements import statements
from tests.registry_driver import ISSUER, Driver

TOGETHER = 40


async def test_each_of_many_lookups_at_once_is_answered_with_a_receipt_that_is_kept(
    registry: Driver, database: Database
) -> None:
    senders = [await registry.controller() for _ in range(4)]
    await registry.look_up(senders[0], numbers(1)[0])
    asked = [(senders[n % 4], number) for n, number in enumerate(numbers(TOGETHER))]
    with statements(database) as seen:
        answers = await asyncio.gather(*(registry.look_up(sender, number) for sender, number in asked))
    for (sender, _), answer in zip(asked, answers, strict=True):
        kept = await registry.get(f"/v1/receipts/{answer['lookup_id']}", sender)
        assert kept.json()["receipt"] == answer["receipt"]
        others = [other for other in senders if other is not sender]
        assert (await registry.get(f"/v1/receipts/{answer['lookup_id']}", others[0])).status_code == 404
    assert 0 < sum("INTO registry.lookup_note" in one for one in seen) < TOGETHER


async def test_a_note_that_cannot_be_written_fails_for_all_who_wait(ring: KeyRing) -> None:
    nowhere = open_database("postgresql://nobody@127.0.0.1:1/nothing", ring, ISSUER)
    notes, note = LookupNotes(), {"controller_no": 1, "at": datetime.now(UTC)}
    kept = await asyncio.gather(*(notes.keep(nowhere, note) for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in kept] == [UnavailableError] * 5
    with pytest.raises(UnavailableError):
        await notes.keep(nowhere, note)
    await nowhere.dispose()


async def test_whoever_leaves_while_waiting_takes_nobody_along(registry: Driver) -> None:
    sender = await registry.controller()
    waiting = [asyncio.create_task(registry.look_up(sender, number)) for number in numbers(12)]
    await asyncio.sleep(0.004)
    waiting[0].cancel()
    answers = await asyncio.gather(*waiting[1:])
    assert all(answer["receipt"] for answer in answers)
