"""Customer service puts a person's wish in force, bound to the identifier. Salespeople cannot enter."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.direct import superuser
from tests.registry_driver import Driver, Json, email

MEMBERS = [
    "id",
    "objection_id",
    "kind",
    "state",
    "scope",
    "identifier",
    "channels",
    "purposes",
    "service_id",
    "since",
    "occurred_at",
    "released_at",
    "event_id",
    "as_of",
    "duplicate_of",
]


async def events(database_url: str, object_id: str) -> list[tuple[str, str, str]]:
    connection = await superuser(database_url)
    sql = "SELECT kind, actor_role, outcome FROM registry.event WHERE object_id = $1 ORDER BY id"
    rows = [tuple(row) for row in await connection.fetch(sql, UUID(object_id))]
    await connection.close()
    return rows


async def test_an_entry_is_answered_whole(registry: Driver, database_url: str) -> None:
    desk = await registry.controller("customer_service")
    phone = {"type": "phone", "value": "070-174 06 66", "region": "SE"}
    answer = await registry.enter(desk, phone, occurred_at="2026-01-02T03:04:05Z", reference="case 1")
    assert answer.status_code == 201
    made = answer.json()
    assert list(made) == MEMBERS
    assert UUID(made["id"]).version == UUID(made["event_id"]).version == 7
    said = {name: made[name] for name in MEMBERS if name not in {"id", "since", "event_id", "as_of"}}
    assert said == {
        "objection_id": None,
        "kind": "dnc",
        "state": "active",
        "scope": "controller",
        "identifier": {"type": "phone", "canonical": "+46701740666", "erased": False, "warnings": []},
        "channels": "all",
        "purposes": "all",
        "service_id": None,
        "occurred_at": "2026-01-02T03:04:05Z",
        "released_at": None,
        "duplicate_of": None,
    }
    assert await events(database_url, made["id"]) == [("entry.recorded", "customer_service", "done")]


@pytest.mark.parametrize(
    ("kind", "fields", "blocked", "free"),
    [
        (
            "dnc",
            {},
            [{}, {"channel": "voice_live"}, {"channel": "profiling"}, {"purpose": "fundraising"}],
            [{"purpose": "service"}, {"purpose": "research"}],
        ),
        ("dnc", {"channels": ["voice_live"]}, [{"channel": "voice_live"}], [{}, {"channel": "email"}]),
        (
            "channel_optout",
            {"channels": ["sms", "mms"]},
            [{}, {"channel": "mms"}, {"purpose": "winback"}],
            [{"channel": "email"}, {"channel": "voice_live"}, {"purpose": "service"}],
        ),
        (
            "channel_optout",
            {"channels": "all"},
            [{}, {"channel": "post_addressed"}],
            [{"purpose": "service"}],
        ),
        (
            "service_unsub",
            {"service_id": "news"},
            [{"service_id": "news"}, {"purpose": "service", "service_id": "news"}],
            [
                {},
                {"purpose": "service"},
                {"service_id": "bills"},
                {"purpose": "service", "service_id": "New"},
            ],
        ),
    ],
)
async def test_each_kind_blocks_what_it_says_and_nothing_else(
    registry: Driver, kind: str, fields: Json, blocked: list[Json], free: list[Json]
) -> None:
    desk, person = await registry.controller("customer_service"), email()
    made = await registry.enter(desk, person, kind, **fields)
    assert made.status_code == 201, made.text
    code = {"dnc": "DNC_INTERNAL", "channel_optout": "CHANNEL_OPTOUT", "service_unsub": "SERVICE_UNSUB"}[kind]
    for asked in blocked:
        assert await registry.code(desk, person, **asked) == ("block", code), asked
    for asked in free:
        assert (await registry.code(desk, person, **asked))[0] == "allow", asked
    law = {"purpose": "legal_notice", "legal_basis_ref": "1 kap. 2 §", "service_id": "news"}
    assert await registry.code(desk, person, **law) == ("allow", "LEGAL_NOTICE")


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"kind": "channel_optout"}, "/channels", "MISSING"),
        ({"kind": "service_unsub"}, "/service_id", "MISSING"),
        ({"kind": "channel_optout", "channels": []}, "/channels", "TOO_SHORT"),
        ({"kind": "channel_optout", "channels": ["pigeon"]}, "/channels/0", "LITERAL_ERROR"),
        ({"kind": "objection"}, "/kind", "LITERAL_ERROR"),
        ({"kind": "service_unsub", "service_id": "a b"}, "/service_id", "STRING_PATTERN_MISMATCH"),
        ({"kind": "dnc", "reference": "x" * 501}, "/reference", "STRING_TOO_LONG"),
        ({"kind": "dnc", "occurred_at": "yesterday"}, "/occurred_at", "TIME_FORMAT"),
        ({"kind": "dnc", "controller_id": str(uuid4())}, "", "EXTRA_FORBIDDEN"),
    ],
)
async def test_what_a_kind_needs_is_told_by_its_place(
    registry: Driver, fields: Json, pointer: str, code: str
) -> None:
    desk = await registry.controller("customer_service")
    answer = await registry.post("/v1/entries", {"identifier": email(), **fields}, desk)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in answer.json()["errors"]}


@pytest.mark.parametrize(
    "identifier",
    [
        {"type": "phone", "value": "112"},
        {"type": "phone", "value": "070-174 06 66"},
        {"type": "email", "value": "anna@"},
        {"type": "personal_number", "value": "199001012386"},
        {"type": "phone"},
        {"type": "customer_ref", "sha256": "0" * 64},
    ],
)
async def test_an_identifier_that_cannot_be_read_is_refused_and_nothing_is_entered(
    registry: Driver, identifier: Json
) -> None:
    desk = await registry.controller("customer_service")
    before = (await registry.look_up(desk))["as_of"]
    answer = await registry.enter(desk, identifier)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_IDENTIFIER")
    assert str(identifier.get("value")) not in answer.text
    assert (await registry.look_up(desk))["as_of"].split(".")[0] == before.split(".")[0]


async def test_a_wish_cannot_come_from_the_future(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    answer = await registry.enter(desk, email(), occurred_at="2099-01-01T00:00:00Z")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_TIME")


async def test_a_salesperson_cannot_enter_and_the_attempt_is_journalled(
    registry: Driver, database_url: str
) -> None:
    sender, person = await registry.controller(), email()
    answer = await registry.enter(sender, person)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")
    connection = await superuser(database_url)
    sql = "SELECT kind, actor_role, outcome FROM registry.event WHERE actor_id = $1"
    rows = [tuple(row) for row in await connection.fetch(sql, UUID(sender.id))]
    await connection.close()
    assert rows == [("role.denied", "sender", "ROLE_DENIED")]
    assert (await registry.code(sender, person))[0] == "allow"


async def test_nobody_but_customer_service_enters_searches_or_reads(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    entry = (await registry.enter(desk, person)).json()["id"]
    callers = [
        await registry.credential(desk.id, "sender"),
        await registry.processor(desk),
        await registry.agent(),
        await registry.source(),
        await registry.staff("auditor"),
        await registry.admin(),
    ]
    for caller in callers:
        answers = [
            await registry.enter(caller, person),
            await registry.post("/v1/entries/search", {"identifier": person}, caller),
            await registry.get(f"/v1/entries/{entry}", caller),
        ]
        assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "ROLE_DENIED")] * 3


async def test_the_same_wish_again_gets_the_entry_that_stands(registry: Driver, database_url: str) -> None:
    desk, person = await registry.controller("customer_service"), email()
    first = (await registry.enter(desk, person)).json()
    position = (await registry.look_up(desk))["as_of"]
    again = await registry.enter(desk, {"type": "email", "value": person["value"].upper()}, reference="again")
    assert again.status_code == 200
    assert again.json() == {**first, "duplicate_of": first["id"]}
    assert (await registry.look_up(desk))["as_of"].split(".")[0] == position.split(".")[0]
    kinds = [kind for kind, _, _ in await events(database_url, first["id"])]
    assert kinds == ["entry.recorded", "entry.repeated"]


async def test_another_scope_is_another_wish(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("dnc", {}),
        ("dnc", {"channels": ["voice_live"]}),
        ("channel_optout", {"channels": "all"}),
        ("service_unsub", {"service_id": "news"}),
        ("service_unsub", {"service_id": "bills"}),
    ]
    made = [await registry.enter(desk, person, kind, **fields) for kind, fields in wishes]
    assert [one.status_code for one in made] == [201] * 5
    assert len({one.json()["id"] for one in made}) == 5


async def test_the_same_wish_at_another_controller_is_its_own_entry(registry: Driver) -> None:
    one, two = [await registry.controller("customer_service") for _ in range(2)]
    person = email()
    assert (await registry.enter(one, person)).status_code == 201
    assert (await registry.code(two, person))[0] == "allow"
    assert (await registry.enter(two, person)).status_code == 201


async def test_a_repeated_request_with_its_key_enters_once(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    body = {"kind": "dnc", "identifier": email()}
    first = await registry.post("/v1/entries", body, desk, Idempotency_Key="k-1")
    second = await registry.post("/v1/entries", body, desk, Idempotency_Key="k-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    other = await registry.post("/v1/entries", {**body, "reference": "x"}, desk, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")
