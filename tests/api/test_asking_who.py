"""Requests that wait share one question about who they are, asked after they came in."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.api.asking_who import AskingWho
from app.crypto.keys import KeyRing
from app.domain.refusals import UnavailableError
from app.main import open_database
from app.storage.database import Database
from tests.registry_driver import ISSUER, Driver


async def test_everybody_is_told_apart_and_a_stranger_is_nobody(registry: Driver, database: Database) -> None:
    first, second = await registry.controller(), await registry.controller("customer_service")
    processor = await registry.processor(first, second)
    parties = [first, second, processor, await registry.agent()]
    asking, ids = AskingWho(database), [UUID(one.credential["client_id"]) for one in parties]
    found = await asyncio.gather(*(asking.who(one) for one in [*ids, *ids, uuid4()]))
    assert found[-1] is None
    assert [str(one.party_id) for one in found[:4] if one] == [one.id for one in parties]
    assert [one.role for one in found[:4] if one] == [one.role for one in parties]
    assert found[:4] == found[4:8]
    assert [len(one.acts_for) for one in found[:4] if one] == [1, 1, 2, 0]


async def test_a_credential_is_nobodys_from_its_revocation_on(registry: Driver, database: Database) -> None:
    revoked, asking = await registry.controller(), AskingWho(database)
    client_id = UUID(revoked.credential["client_id"])
    before = [asyncio.ensure_future(asking.who(client_id)) for _ in range(20)]
    await registry.post(f"/v1/credentials/{client_id}/revoke", {}, await registry.admin())
    after = await asyncio.gather(*(asking.who(client_id) for _ in range(20)))
    await asyncio.gather(*before)
    assert set(after) == {None}


async def test_when_nobody_can_be_asked_each_is_told_so(ring: KeyRing) -> None:
    nowhere = open_database("postgresql://127.0.0.1:1/sparr", ring, ISSUER)
    asking = AskingWho(nowhere)
    answers = await asyncio.gather(*(asking.who(uuid4()) for _ in range(10)), return_exceptions=True)
    assert all(isinstance(answer, UnavailableError) for answer in answers)
    with pytest.raises(UnavailableError):
        await asking.who(uuid4())
    await nowhere.dispose()
