"""What memory says is never older than the question, and whatever looks odd is left to the database (R03)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.crypto.keys import KeyRing
from app.main import found_registry, open_database, passwords
from app.storage.embedded import EmbeddedPostgres
from app.storage.migrating import migrate
from app.storage.presence.prefixes import EMPTY
from tests.conftest import Clone
from tests.registry_driver import ISSUER, Party, email
from tests.storage.presence.indexed import Indexed, indexed

CLEAR = ("allow", "NO_OBJECTION_FOUND")
MAIL: dict[str, Any] = {"channel": "email"}
CALL = {"reason": "Another address.", "evidence": {"method": "call", "reference": "call 7"}}
FAULTS: dict[str, tuple[str, str]] = {
    "the canary's key gone": (
        (
            "CREATE TABLE public.kept AS SELECT * FROM registry.entry_key WHERE controller_no = {n};"
            "DELETE FROM registry.entry_key WHERE controller_no = {n}"
        ),
        "INSERT INTO registry.entry_key SELECT * FROM public.kept; DROP TABLE public.kept",
    ),
    "the canary released": (
        (
            "INSERT INTO registry.entry_release SELECT controller_no, id, 'x', now(), version, event_id "
            "FROM registry.entry WHERE controller_no = {n} AND kind = 0"
        ),
        "DELETE FROM registry.entry_release WHERE controller_no = {n}",
    ),
    "a policy that hides the keys": (
        "ALTER POLICY declared ON registry.entry_key USING (false)",
        (
            "ALTER POLICY declared ON registry.entry_key USING "
            "(controller_no = ANY ((SELECT current_setting('sparr.controllers')::int4[])::int4[]))"
        ),
    ),
    "a table in the place of another": (
        (
            "ALTER TABLE registry.entry_key RENAME TO elsewhere;"
            "CREATE TABLE registry.entry_key (LIKE registry.elsewhere);"
            "GRANT SELECT ON registry.entry_key TO PUBLIC"
        ),
        "DROP TABLE registry.entry_key; ALTER TABLE registry.elsewhere RENAME TO entry_key",
    ),
    "the positions gone": (
        (
            "CREATE TABLE public.kept AS SELECT * FROM registry.controller_version WHERE controller_no = {n};"
            "DELETE FROM registry.controller_version WHERE controller_no = {n}"
        ),
        "INSERT INTO registry.controller_version SELECT * FROM public.kept; DROP TABLE public.kept",
    ),
    "a grant gone": (
        "REVOKE SELECT ON registry.entry FROM sparr_lookup",
        "GRANT SELECT ON registry.entry TO sparr_lookup",
    ),
}


@pytest.fixture(scope="module")
async def own(clone: Clone, ring: KeyRing) -> AsyncIterator[Indexed]:
    async with indexed(await clone(), ring) as made:
        yield made


@pytest.fixture
async def desk(own: Indexed) -> Party:
    made = await own.registry.controller("customer_service")
    await own.hold(made)
    return made


async def test_nobody_known_is_answered_from_memory(own: Indexed, desk: Party) -> None:
    by, found = await own.said_by(desk, email(), **MAIL)
    assert (by, found["results"][0]["code"]) == ("memory", "NO_OBJECTION_FOUND")


async def test_what_was_just_written_elsewhere_is_found(own: Indexed, desk: Party) -> None:
    """The other service is another process, as far as the index knows."""
    for _ in range(30):
        person = email()
        assert await own.registry.code(desk, person, **MAIL) == CLEAR
        assert (await own.plain.enter(desk, person)).status_code == 201
        assert await own.registry.code(desk, person, **MAIL) == ("block", "DNC_INTERNAL")
    by, _ = await own.said_by(desk, person, email(), **MAIL)
    assert by == "memory"


async def test_an_objection_to_everybody_is_found_in_every_list(own: Indexed, desk: Party) -> None:
    agent, person = await own.plain.agent(), email()
    mandate = await own.plain.mandate(agent)
    assert await own.registry.code(desk, person, **MAIL) == CLEAR
    await own.plain.objection(agent, mandate, "all", identifiers=[person])
    assert await own.registry.code(desk, person, **MAIL) == ("block", "OBJ_DM")


async def test_the_first_consent_of_a_list_is_found(own: Indexed, desk: Party) -> None:
    person = email()
    await own.plain.enter(desk, person, "channel_optout", channels=["email"])
    await own.plain.consent(desk, person, channels=["email"])
    found = (await own.registry.look_up(desk, person, **MAIL))["results"][0]
    assert "CONSENT_OVERRIDES" in found["reasons"] or found["decision"] == "allow"
    assert found["code"] == (await own.plain.code(desk, person, **MAIL))[1]


async def test_a_changed_policy_decides_the_very_next_lookup(own: Indexed, desk: Party) -> None:
    admin = await own.plain.admin()
    for basis, code in (("recorded", "NO_CONSENT"), ("asserted", "NO_OBJECTION_FOUND")) * 3:
        path = f"/v1/controllers/{desk.id}/policy"
        answer = await own.plain.client.patch(path, json={"basis": basis}, headers=admin.headers)
        assert answer.status_code == 200, answer.text
        by, found = await own.said_by(desk, email(), **MAIL)
        assert (by, found["results"][0]["code"]) == ("memory", code)
        assert found["as_of"].split(".")[0] == answer.json()["as_of"].split(".")[0]


async def test_a_position_that_is_not_reached_is_refused(own: Indexed, desk: Party) -> None:
    position, _, everybody = (await own.registry.look_up(desk, email(), **MAIL))["as_of"].partition(".")
    answer = await own.registry.ask(desk, email(), **MAIL, min_as_of=f"{int(position) + 1}.{everybody}")
    assert (answer.status_code, answer.json()["code"]) == (503, "NOT_FRESH")
    reached = (await own.plain.enter(desk, email())).json()["as_of"]
    found = await own.registry.look_up(desk, email(), **MAIL, min_as_of=reached)
    assert int(found["as_of"].split(".")[0]) >= int(reached.split(".")[0])


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_list_in_memory_says_nothing_while_its_database_is_broken(
    own: Indexed, desk: Party, fault: str
) -> None:
    number = await own.number(desk)
    breaking, mending = (sql.format(n=number) for sql in FAULTS[fault])
    await own.behind.execute(breaking)
    answers = [await own.registry.ask(desk, email(), **MAIL) for _ in range(3)]
    await own.behind.execute(mending)
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(503, "FACTS_UNREADABLE")}
    assert await own.registry.code(desk, email(), **MAIL) == CLEAR


async def test_what_was_hidden_while_it_came_in_is_found_when_it_can_be_seen(
    own: Indexed, desk: Party
) -> None:
    """Nothing is skipped: the position that memory has moves on only with what belongs to it."""
    breaking, mending = FAULTS["a policy that hides the keys"]
    person = email()
    assert (await own.plain.enter(desk, person)).status_code == 201
    await own.behind.execute(breaking)
    assert (await own.registry.ask(desk, person, **MAIL)).status_code == 503
    await own.behind.execute(mending)
    assert await own.registry.code(desk, person, **MAIL) == ("block", "DNC_INTERNAL")


async def test_a_database_with_another_history_is_not_what_was_loaded(own: Indexed, desk: Party) -> None:
    """As after a restore: what was written last is lost, and something else takes its version."""
    number, lost, written = await own.number(desk), email(), email()
    await own.plain.enter(desk, lost)
    await own.hold(desk)
    newest = await own.behind.fetchval(
        "SELECT max(version) FROM registry.controller_version WHERE controller_no = $1", number
    )
    for table in ("entry_key", "entry", "controller_version"):
        sql = f"DELETE FROM registry.{table} WHERE controller_no = $1 AND version = $2"  # noqa: S608 -- names of ours
        await own.behind.execute(sql, number, newest)
    await own.plain.enter(desk, written)
    assert await own.registry.code(desk, written, **MAIL) == ("block", "DNC_INTERNAL")
    await own.hold(desk)
    assert await own.registry.code(desk, written, **MAIL) == ("block", "DNC_INTERNAL")
    by, found = await own.said_by(desk, lost, **MAIL)
    assert (by, found["results"][0]["code"]) == ("memory", "NO_OBJECTION_FOUND")


async def test_memory_that_lost_its_canary_is_given_up(own: Indexed, desk: Party) -> None:
    person, number = email(), await own.number(desk)
    await own.plain.enter(desk, person)
    await own.hold(desk)
    held = own.index._held["list", number]
    held._sets = (EMPTY,) * 4
    by, found = await own.said_by(desk, person, email(), **MAIL)
    codes = [one["code"] for one in found["results"]]
    assert (by, codes) == ("database", ["DNC_INTERNAL", "NO_OBJECTION_FOUND"])
    await own.hold(desk)
    assert own.index._held["list", number] is not held
    assert (await own.said_by(desk, person, email(), **MAIL))[0] == "memory"


async def test_another_key_finds_no_canary_in_what_it_holds(own: Indexed, desk: Party, ring: KeyRing) -> None:
    wrong = open_database(own.url, replace(ring, fingerprint_key=bytes(32)), ISSUER)
    assert await wrong.presence.standing(await own.number(desk), None) is None
    await wrong.presence.settle()
    assert wrong.presence.lists == 0
    await wrong.dispose()


async def test_without_a_database_memory_says_nothing(own_server: EmbeddedPostgres, ring: KeyRing) -> None:
    url = own_server.start().url()
    await migrate(url, passwords(ring))
    database = open_database(url, ring, ISSUER)
    await found_registry(database)
    await database.dispose()
    async with indexed(url, ring) as own:
        desk = await own.registry.controller("customer_service")
        await own.hold(desk)
        assert (await own.said_by(desk, email(), **MAIL))[0] == "memory"
        own_server.stop("immediate")
        answer = await own.registry.ask(desk, email(), **MAIL)
        assert (answer.status_code, answer.json()["code"]) == (503, "FACTS_UNREADABLE")
        assert answer.elapsed < timedelta(seconds=4)
        assert own_server.start().url() == url
        codes = {(await own.registry.ask(desk, email(), **MAIL)).status_code for _ in range(4)}
        assert codes <= {200, 503}
        assert await own.registry.code(desk, email(), **MAIL) == CLEAR


async def test_what_is_read_of_the_known_belongs_to_what_memory_said_of_the_others(
    own: Indexed, desk: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person's block moves from one identifier to another while a lookup that asks for both is under way:
    it was blocked before and is blocked after, so it is never clear."""
    old, new = email(), email()
    entry = (await own.plain.enter(desk, old)).json()
    stand = own.index.standing

    async def overtaken(controller_no: int, source_no: int | None) -> Any:
        standing = await stand(controller_no, source_no)
        assert (await own.plain.enter(desk, new)).status_code == 201
        ended = await own.plain.post(f"/v1/entries/{entry['id']}/release", CALL, desk)
        assert ended.status_code == 200, ended.text
        return standing

    monkeypatch.setattr(own.index, "standing", overtaken)
    found = await own.registry.look_up(desk, {"all": [old, new]}, **MAIL)
    assert found["results"][0]["decision"] == "block"
