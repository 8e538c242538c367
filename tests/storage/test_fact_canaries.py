"""Consents and relationships that cannot be seen for certain are not taken for none."""

from dataclasses import replace

import pytest

from app.crypto.keys import KeyRing
from app.domain.refusals import UnavailableError
from app.storage.database import Database
from app.storage.facts import find_consents, find_relationships
from app.storage.lookups import open_lists
from tests.conftest import Clone
from tests.direct import superuser
from tests.registry_driver import Driver, email, served


async def number_of(url: str, party_id: str) -> int:
    connection = await superuser(url)
    sql = "SELECT controller_no FROM registry.holder WHERE party_id = $1::uuid"
    number: int = await connection.fetchval(sql, party_id)
    await connection.close()
    return number


@pytest.mark.parametrize("kind", ["consent", "relationship"])
@pytest.mark.parametrize("lost", ["DELETE FROM registry.fact_key", "DELETE FROM registry.{kind}"])
async def test_a_list_whose_facts_are_hidden_answers_nothing(
    clone: Clone, ring: KeyRing, kind: str, lost: str
) -> None:
    url = await clone()
    async with served(url, ring) as registry:
        desk, who = await registry.controller("customer_service"), email()
        await getattr(registry, kind)(desk, who)
        assert (await registry.ask(desk, who, channel="email")).status_code == 200
        connection = await superuser(url)
        await connection.execute(lost.format(kind=kind))
        await connection.close()
        answer = await registry.ask(desk, who, channel="email")
        assert (answer.status_code, answer.json()["code"]) == (503, "FACTS_UNREADABLE")


async def test_a_list_that_never_had_any_is_not_asked_for_them(
    registry: Driver, database: Database, database_url: str
) -> None:
    desk, who = await registry.controller("customer_service"), email()
    number = await number_of(database_url, desk.id)
    async with database.lookup() as unit:
        lists = await open_lists(unit, number, None)
        assert await find_consents(unit, lists, b"") == {}
    await registry.consent(desk, who)
    async with database.lookup() as unit:
        lists = await open_lists(unit, number, None)
        assert lists.traits >= {"consents"}
        assert await find_consents(unit, lists, b"") == {}
        assert await find_relationships(unit, lists, b"") == {}
        wrong = replace(lists, controller_no=0)
        with pytest.raises(UnavailableError):
            await find_consents(unit, wrong, b"")
