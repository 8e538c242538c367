"""The journal's page: what was signed last, and a check that notices what does not fit."""

import pytest

from app.crypto.keys import KeyRing
from app.main import open_database
from app.usecases.sequence_events import Sequencer
from tests.conftest import Clone
from tests.console.browsing import browser
from tests.direct import superuser
from tests.registry_driver import ISSUER, served

ALTERED = {
    "leaves": "UPDATE registry.journal_leaf SET leaf = leaf || '\\x00' WHERE position = 1",
    "tree": "UPDATE registry.journal_leaf SET leaf = leaf || '\\x00', "
    "hash = sha256('\\x00'::bytea || leaf || '\\x00'::bytea) WHERE position = 1",
    "signature": "UPDATE registry.journal_checkpoint SET note = replace(note, 'sparr/', 'spare/')",
}


async def checked(url: str, ring: KeyRing) -> tuple[int, str]:
    async with served(url, ring) as registry:
        one = browser(registry)
        async with one.client:
            await one.sign_in(await registry.staff("auditor"))
            await one.get("/journal")
            answer = await one.post("/journal/check")
            return answer.status_code, answer.text


async def test_a_journal_that_nothing_was_signed_in_says_so(clone: Clone, ring: KeyRing) -> None:
    url = await clone()
    async with served(url, ring) as registry:
        one = browser(registry)
        async with one.client:
            await one.sign_in(await registry.staff("auditor"))
            assert "No checkpoint yet" in (await one.get("/journal")).text


async def test_a_journal_that_fits_is_told_to_fit(clone: Clone, ring: KeyRing) -> None:
    url = await clone()
    await sequenced(url, ring)
    status, text = await checked(url, ring)
    assert (status, "Everything fits" in text) == (200, True)


@pytest.mark.parametrize("what", ALTERED)
async def test_a_journal_that_was_altered_is_told_not_to_fit(what: str, clone: Clone, ring: KeyRing) -> None:
    url = await clone()
    await sequenced(url, ring)
    connection = await superuser(url)
    await connection.execute("SET session_replication_role = replica")
    assert await connection.execute(ALTERED[what]) != "UPDATE 0"
    await connection.close()
    status, text = await checked(url, ring)
    assert (status, "Something does not fit" in text) == (200, True)


async def sequenced(url: str, ring: KeyRing) -> None:
    """Put what there is into the journal."""
    async with served(url, ring) as registry:
        await registry.controller()
    database = open_database(url, ring, ISSUER)
    await Sequencer(database, ring.journal_key).round()
    await database.dispose()
