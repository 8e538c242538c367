"""The data keys are wrapped anew while the registry runs: everything opens as before, and nothing that was
destroyed comes back."""

from typing import Any

import pytest

from app.crypto.instruments import instruments
from app.crypto.keys import KeyRing
from app.crypto.master_keys import announced, exchanged, settled
from app.crypto.vault import Vault
from app.domain.refusals import OperatorError
from app.main import open_database
from app.storage.rewrapping import rewrap_all, strangers
from tests.cloned_registry import registry_at
from tests.direct import superuser
from tests.registry_driver import ISSUER


def vault(ring: KeyRing) -> Vault:
    return instruments(ring, ISSUER).vault


async def wrapped(url: str) -> dict[Any, bytes]:
    connection = await superuser(url)
    rows = await connection.fetch("SELECT subject, wrapped FROM vault.subject_key")
    await connection.close()
    return {row["subject"]: row["wrapped"] for row in rows}


async def objected(url: str, ring: KeyRing) -> None:
    """Somebody objects, so that there is something in the vault."""
    async with registry_at(url, ring) as registry:
        sender, agent = await registry.controller(), await registry.agent()
        await registry.objection(agent, await registry.mandate(agent), [sender.id])


async def test_every_data_key_is_wrapped_anew_and_opens_to_the_same(scratch_url: str, ring: KeyRing) -> None:
    await objected(scratch_url, ring)
    before = await wrapped(scratch_url)
    changed = exchanged(announced(ring))
    assert len(before) >= 2
    assert await rewrap_all(scratch_url, vault(changed)) == len(before)
    after = await wrapped(scratch_url)
    alone = vault(settled(changed))
    for subject, key in before.items():
        assert alone.unwrap(subject, after[subject]) == vault(ring).unwrap(subject, key)
    assert await rewrap_all(scratch_url, vault(changed)) == 0
    assert await wrapped(scratch_url) == after


async def test_a_key_that_nothing_here_opens_stops_it(scratch_url: str, ring: KeyRing) -> None:
    await objected(scratch_url, ring)
    before = await wrapped(scratch_url)
    with pytest.raises(OperatorError, match="opens under no key"):
        await rewrap_all(scratch_url, vault(exchanged(announced(KeyRing.generate()))))
    assert await wrapped(scratch_url) == before


async def test_a_process_with_another_key_ring_is_seen(scratch_url: str, ring: KeyRing) -> None:
    coming = announced(ring)
    assert await strangers(scratch_url, instruments(coming, ISSUER)) == 0
    database = open_database(scratch_url, ring, ISSUER)
    async with database.read():
        assert await strangers(scratch_url, instruments(coming, ISSUER)) >= 1
        assert await strangers(scratch_url, instruments(ring, ISSUER)) == 0
    await database.dispose()
