"""No role that the service uses can change or remove anything of the register, or clear anybody."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from app.crypto.keys import KeyRing
from app.main import open_database
from app.storage.readiness import standing
from tests.conftest import Clone
from tests.direct import superuser
from tests.registry_driver import ISSUER, PHONE
from tests.storage.attempts import (
    ALLOWED,
    ALONE,
    ANYWHERE,
    NO_RIGHT,
    OTHER_CODES,
    code_of,
    on_relation,
    prepared_statement,
)
from tests.storage.busy import Busy, make_busy
from tests.storage.logins import ROLES, login, relations, row_counts

DEFINITIONS = """
SELECT n.nspname || '.' || c.relname AS what,
       row(c.relacl, c.relowner, c.relrowsecurity, c.relforcerowsecurity)::text
       || coalesce((SELECT string_agg(p.polname || pg_get_expr(p.polqual, c.oid) || p.polroles::text, ',')
                    FROM pg_policy p WHERE p.polrelid = c.oid), '') AS state
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('registry', 'vault', 'ops')
UNION ALL SELECT nspname, nspacl::text FROM pg_namespace
UNION ALL SELECT rolname, row(r.*)::text FROM pg_roles r
UNION ALL SELECT 'functions', count(*)::text FROM pg_proc
UNION ALL SELECT datname, datacl::text FROM pg_database WHERE datname = current_database()
UNION ALL SELECT evtname, evtenabled::text FROM pg_event_trigger
"""


class Attacked(NamedTuple):
    busy: Busy
    admin: Any
    database: str


@pytest.fixture(scope="module")
async def attacked(breakable: Clone, ring: KeyRing) -> AsyncIterator[Attacked]:
    busy = await make_busy(await breakable(), ring)
    admin = await superuser(busy.url)
    yield Attacked(busy, admin, await admin.fetchval("SELECT current_database()"))
    await admin.close()
    await busy.close()


async def state(admin: Any) -> tuple[dict[str, int], dict[str, str]]:
    """What is in the tables, and what they are."""
    rows = await admin.fetch(DEFINITIONS)
    return await row_counts(admin), {row["what"]: row["state"] for row in rows}


async def wrongly_answered(attacked: Attacked, role: str, ring: KeyRing) -> tuple[int, list[str]]:
    """How many statements a role tried, and those that were not refused for want of a right; or that were,
    and stand in the list of what a role may do."""
    session = await login(attacked.busy.url, role, ring)
    wrong: list[str] = []
    count = 0
    for relation in await relations(attacked.admin):
        for verb, statement in on_relation(relation, role):
            kind = "table" if relation.is_table else "view"
            expected: set[str | None] = {NO_RIGHT, OTHER_CODES.get((kind, verb), NO_RIGHT)}
            if (role, relation.name, verb) in ALLOWED:
                expected = {None}
            count += 1
            if (code := await code_of(session, statement)) not in expected:
                wrong.append(f"{code}: {statement}")
    for statements, alone in ((ANYWHERE, False), (ALONE, True)):
        for template in statements:
            statement = prepared_statement(template, role, attacked.database)
            count += 1
            if (code := await code_of(session, statement, alone=alone)) != NO_RIGHT:
                wrong.append(f"{code}: {statement}")
    await session.close()
    return count, wrong


@pytest.mark.parametrize("role", ROLES)
async def test_whatever_a_role_of_the_service_tries_is_refused_and_changes_nothing(
    attacked: Attacked, ring: KeyRing, role: str
) -> None:
    before = await state(attacked.admin)
    count, wrong = await wrongly_answered(attacked, role, ring)
    assert wrong == []
    assert count >= 400
    assert await state(attacked.admin) == before
    assert all(ok for _, ok in await standing(attacked.busy.database))


HARMLESS = ("DROP OWNED BY {role}", "ALTER DEFAULT PRIVILEGES ", "GRANT ")
"""What PostgreSQL lets anybody say. A grant of what one may not grant is a warning, and grants nothing."""


@pytest.mark.parametrize("role", ROLES)
async def test_without_the_event_trigger_the_missing_rights_alone_still_hold(
    attacked: Attacked, ring: KeyRing, role: str
) -> None:
    harmless = tuple(one.format(role=role) for one in HARMLESS)
    await attacked.admin.execute("ALTER EVENT TRIGGER sparr_refuse_definitions DISABLE")
    try:
        before = await state(attacked.admin)
        _, wrong = await wrongly_answered(attacked, role, ring)
        ran = [one.removeprefix("None: ") for one in wrong if one.startswith("None: ")]
        session = await login(attacked.busy.url, role, ring)
        for statement in ran:
            await session.execute(statement)
        await session.close()
        after = await state(attacked.admin)
    finally:
        await attacked.admin.execute("ALTER EVENT TRIGGER sparr_refuse_definitions ENABLE")
    assert [statement for statement in ran if not statement.startswith(harmless)] == []
    assert f"DROP OWNED BY {role}" in ran
    assert before == after


@pytest.mark.parametrize("role", ["sparr_api", "sparr_lookup"])
async def test_a_role_that_drops_all_it_owns_takes_no_policy_and_clears_nobody(
    breakable: Clone, ring: KeyRing, role: str
) -> None:
    """Policies are for everybody, and grants were not made by the role: DROP OWNED finds neither."""
    busy = await make_busy(await breakable(), ring)
    mandate = await busy.driver.mandate(busy.agent)
    await busy.driver.objection(busy.agent, mandate, [busy.sender.id])
    admin = await superuser(busy.url)
    await admin.execute("ALTER EVENT TRIGGER sparr_refuse_definitions DISABLE")
    session = await login(busy.url, role, ring)
    await session.execute(f"DROP OWNED BY {role} CASCADE")
    await session.close()
    assert await busy.driver.code(busy.sender, PHONE) == ("block", "OBJ_DM")
    await admin.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA registry FROM {role}")
    await _assert_no_clear_answer(busy, ring)
    await admin.close()
    await busy.close()


async def _assert_no_clear_answer(busy: Busy, ring: KeyRing) -> None:
    """With its grants gone too, which takes an owner's help, nothing is answered clear."""
    body = {"controller_id": busy.sender.id, "channel": "sms", "purpose": "marketing", "region": "SE"}
    for identifier in (PHONE, "+46701740699"):
        answer = await busy.driver.post("/v1/lookups", {**body, "identifiers": [identifier]}, busy.sender)
        assert answer.status_code == 503, answer.text
    fresh = open_database(busy.url, ring, ISSUER)
    assert not all(ok for _, ok in await standing(fresh))
    await fresh.dispose()
