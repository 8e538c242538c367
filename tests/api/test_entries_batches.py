"""Many wishes at once, of a controller's customer service or of a source: each has its own outcome at its own
index, the very same that it would have had alone."""

import json
from dataclasses import dataclass
from secrets import token_hex
from time import perf_counter
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from app.storage.database import Database
from tests.api.statements import statements
from tests.direct import row_counts, superuser
from tests.registry_driver import Driver, Json, Party, email

MANY = 10_000
NDJSON = "application/x-ndjson"


@dataclass(frozen=True)
class Door:
    """Where wishes come in, alone and many at once, and what the answer of a batch calls one."""

    path: str
    name: str
    who: Party
    wish: Json

    def item(self, identifier: Any = None, **fields: Any) -> Json:
        return {**self.wish, "identifier": identifier or email(), **fields}

    async def alone(self, registry: Driver, item: Any) -> httpx2.Response:
        return await registry.post(self.path, item, self.who)

    async def many(self, registry: Driver, items: list[Any], **fields: Any) -> Json:
        answer = await registry.post(f"{self.path}/batch", {"items": items, **fields}, self.who)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


@pytest.fixture(params=["entries", "blocks"])
async def door(request: pytest.FixtureRequest, registry: Driver) -> Door:
    if request.param == "entries":
        return Door("/v1/entries", "entry", await registry.controller("customer_service"), {"kind": "dnc"})
    source = await registry.source()
    return Door(f"/v1/sources/{source.id}/blocks", "block", source, {})


def outcomes(answer: Json) -> list[tuple[int, int, str | None]]:
    """Index, status, and the code of the problem."""
    return [(r["index"], r["status"], r["problem"] and r["problem"]["code"]) for r in answer["results"]]


async def entries(admin: Any) -> Json:
    """How many there are, without what only journals that nothing happened."""
    return {name: rows for name, rows in (await row_counts(admin)).items() if "entry" in name}


def what_is_said(made: Json) -> Json:
    """An entry without what is another each time."""
    return {k: v for k, v in made.items() if k not in {"id", "since", "event_id", "as_of", "duplicate_of"}}


async def test_each_wish_has_its_outcome_at_its_index(registry: Driver, door: Door) -> None:
    known, person = email(), email()
    first = (await door.alone(registry, door.item(known))).json()
    items: list[Any] = [
        door.item(known),
        {"not": "one"},
        "abc",
        door.item({"type": "phone", "value": "112"}),
        door.item(occurred_at="2099-01-01T00:00:00Z"),
        door.item(person),
        door.item({"type": "email", "value": person["value"].upper()}),
        door.item(surprise=True),
    ]
    answer = await door.many(registry, items)
    assert outcomes(answer) == [
        (0, 200, None),
        (1, 422, "VALIDATION"),
        (2, 422, "VALIDATION"),
        (3, 422, "INVALID_IDENTIFIER"),
        (4, 422, "INVALID_TIME"),
        (5, 201, None),
        (6, 200, None),
        (7, 422, "VALIDATION"),
    ]
    assert answer["counts"] == {"items": 8, "done": 3, "refused": 5}
    told = [one[door.name] for one in answer["results"]]
    assert told[0] == {**first, "duplicate_of": first["id"]}
    assert told[6] == {**told[5], "duplicate_of": told[5]["id"]}
    assert person["value"].upper() not in json.dumps(answer)


async def test_a_wish_in_a_batch_is_answered_as_it_is_alone(registry: Driver, door: Door) -> None:
    people: list[Json] = [
        email(),
        {"type": "email", "value": f"{token_hex(6)}+news@example.com"},
        {"type": "email", "sha256": token_hex(32)},
        {"type": "customer_ref", "value": f"K-{token_hex(6)}"},
        {"type": "phone", "value": "08-465 004 77", "region": "SE"},
    ]
    items = [door.item(one, occurred_at="2026-01-02T03:04:05Z") for one in people]
    many = [one[door.name] for one in (await door.many(registry, items))["results"]]
    again = [(await door.alone(registry, item)).json() for item in items]
    assert again == [{**one, "duplicate_of": one["id"]} for one in many]
    assert [one["duplicate_of"] for one in many] == [None] * len(people)
    assert {one["as_of"] for one in many} == {many[0]["as_of"]}


@pytest.mark.parametrize("kind", ["dnc", "channel_optout", "service_unsub"])
async def test_every_kind_of_wish_comes_in_a_batch_too(registry: Driver, kind: str) -> None:
    desk, person, other = await registry.controller("customer_service"), email(), email()
    said: Json = {"kind": kind, "channels": ["sms"], "service_id": "news", "reference": "case 1"}
    alone = (await registry.made("/v1/entries", {**said, "identifier": other}, desk)) | {"identifier": None}
    batch = {"items": [{**said, "identifier": person}]}
    many = (await registry.post("/v1/entries/batch", batch, desk)).json()["results"][0]["entry"]
    assert what_is_said({**many, "identifier": None}) == what_is_said(alone)
    asked = {"service_id": "news"}
    assert await registry.code(desk, person, **asked) == await registry.code(desk, other, **asked)


async def test_a_wish_without_what_its_kind_needs_is_told_so_at_its_index(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    items = [{"kind": "channel_optout", "identifier": email()}, {"kind": "dnc", "identifier": email()}]
    answer = (await registry.post("/v1/entries/batch", {"items": items}, desk)).json()
    assert outcomes(answer) == [(0, 422, "VALIDATION"), (1, 201, None)]
    assert answer["results"][0]["problem"]["errors"][0]["pointer"] == "/channels"


async def test_after_a_consent_the_wish_is_a_new_one_in_a_batch_as_alone(registry: Driver) -> None:
    desk = await registry.controller("customer_service", policy={"basis": "recorded"})
    renewed, unmoved = email(), email()
    wishes = [{"kind": "dnc", "identifier": one} for one in (renewed, unmoved)]
    first = (await registry.post("/v1/entries/batch", {"items": wishes}, desk)).json()["results"]
    await registry.consent(desk, renewed, channels=["email"])
    assert (await registry.code(desk, renewed, channel="email"))[0] == "allow"
    second = (await registry.post("/v1/entries/batch", {"items": wishes}, desk)).json()["results"]
    assert [one["status"] for one in second] == [201, 200]
    assert second[0]["entry"]["id"] != first[0]["entry"]["id"]
    assert second[1]["entry"]["id"] == first[1]["entry"]["id"]
    assert await registry.code(desk, renewed, channel="email") == ("block", "DNC_INTERNAL")


async def test_a_released_wish_said_again_in_a_batch_is_a_new_one(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    made = (await registry.enter(desk, person)).json()
    shown = {"reason": "asked to", "evidence": {"method": "call", "reference": "c-1"}}
    await registry.post(f"/v1/entries/{made['id']}/release", shown, desk)
    batch = {"items": [{"kind": "dnc", "identifier": person}]}
    (again,) = (await registry.post("/v1/entries/batch", batch, desk)).json()["results"]
    assert (again["status"], again["entry"]["state"]) == (201, "active")
    assert await registry.code(desk, person) == ("block", "DNC_INTERNAL")


async def test_all_or_nothing_is_for_who_asks_for_it(registry: Driver, door: Door, database_url: str) -> None:
    unreadable = door.item({"type": "phone", "value": "112"})
    admin = await superuser(database_url)
    for wrong in (unreadable, {"not": "one"}):
        before = await entries(admin)
        body = {"items": [door.item(), wrong], "on_error": "abort"}
        answer = await registry.post(f"{door.path}/batch", body, door.who)
        assert (answer.status_code, answer.json()["code"]) == (409, "BATCH_ABORTED")
        assert await entries(admin) == before
    await admin.close()
    good = await door.many(registry, [door.item(), door.item()], on_error="abort")
    assert good["counts"]["done"] == 2


async def test_lines_of_json_are_a_batch_too(registry: Driver, door: Door) -> None:
    lines = "\n".join([json.dumps(door.item()), "{", "", json.dumps(door.item())]).encode()
    headers = {**door.who.headers, "Content-Type": NDJSON}
    answer = await registry.client.post(f"{door.path}/batch", content=lines, headers=headers)
    assert outcomes(answer.json()) == [(0, 201, None), (1, 422, "MALFORMED_JSON"), (2, 201, None)]
    path = f"{door.path}/batch?on_error=abort"
    aborted = await registry.client.post(path, content=lines, headers=headers)
    assert aborted.json()["code"] == "BATCH_ABORTED"


async def test_a_batch_with_its_key_happens_once(registry: Driver, door: Door, database_url: str) -> None:
    body = {"items": [door.item(), door.item(), {"not": "one"}]}
    path, admin = f"{door.path}/batch", await superuser(database_url)
    first = await registry.post(path, body, door.who, Idempotency_Key="batch-1")
    before = await row_counts(admin)
    again = await registry.post(path, body, door.who, Idempotency_Key="batch-1")
    assert await row_counts(admin) == before
    await admin.close()
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = await registry.post(path, {"items": body["items"][:1]}, door.who, Idempotency_Key="batch-1")
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")


async def test_a_batch_has_one_to_ten_thousand_items(registry: Driver, door: Door) -> None:
    for items, status in (([], 422), ([0] * (MANY + 1), 413)):
        answer = await registry.post(f"{door.path}/batch", {"items": items}, door.who)
        assert answer.status_code == status


async def test_every_item_of_a_batch_is_journalled(registry: Driver, door: Door, database_url: str) -> None:
    known = email()
    await door.alone(registry, door.item(known))
    told = await door.many(registry, [door.item(known), door.item(), {"not": "one"}])
    ids = [one[door.name]["id"] for one in told["results"][:2]]
    admin = await superuser(database_url)
    sql = "SELECT kind FROM registry.event WHERE object_id = ANY($1::uuid[]) ORDER BY id"
    kinds = [row["kind"] for row in await admin.fetch(sql, ids)]
    sql = (
        "SELECT detail::text FROM registry.event WHERE actor_id = $1::uuid AND kind = 'entry.batch'"
        " ORDER BY id DESC LIMIT 1"
    )
    counts = json.loads(await admin.fetchval(sql, door.who.id))
    await admin.close()
    assert sorted(kinds) == ["entry.recorded", "entry.recorded", "entry.repeated"]
    assert counts == {"received": 2, "refused": 0}


async def test_nobody_but_customer_service_and_the_source_sends_a_batch(registry: Driver, door: Door) -> None:
    body = {"items": [door.item()]}
    for caller in (await registry.controller(), await registry.agent(), await registry.staff("auditor")):
        answer = await registry.post(f"{door.path}/batch", body, caller)
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")


async def test_a_source_sends_a_batch_for_itself_alone(registry: Driver) -> None:
    source, other, person = await registry.source(), await registry.source(), email()
    for target in (other.id, str(uuid4())):
        answer = await registry.post(
            f"/v1/sources/{target}/blocks/batch", {"items": [{"identifier": person}]}, source
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    sender = await registry.controller()
    assert (await registry.code(sender, person, source={"id": other.id}))[0] == "allow"


async def test_the_default_of_a_source_holds_in_a_batch_too(registry: Driver) -> None:
    source = await registry.source(["direct_marketing"])
    items = [{"identifier": email()}, {"identifier": email(), "purposes": "all"}]
    answer = await registry.post(f"/v1/sources/{source.id}/blocks/batch", {"items": items}, source)
    told = [one["block"] for one in answer.json()["results"]]
    assert [one["purposes"] for one in told] == [["direct_marketing"], "all"]
    assert [one["kind"] for one in told] == ["source_block"] * 2


async def test_many_wishes_take_as_many_statements_as_two(
    registry: Driver, database: Database, door: Door
) -> None:
    with statements(database) as few:
        await door.many(registry, [door.item(), door.item()])
    items = [door.item() for _ in range(300)]
    for status, read in ((201, 0), (200, 2)):
        with statements(database) as many:
            answer = await door.many(registry, items)
        assert {one["status"] for one in answer["results"]} == {status}
        assert len(many) <= len(few) + read, "two read what stood already"


async def test_ten_thousand_wishes_come_in_one_batch(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    items = [{"kind": "dnc", "identifier": email()} for _ in range(MANY)]
    began = perf_counter()
    answer = await registry.post("/v1/entries/batch", {"items": items}, desk)
    print(f"10,000 wishes, seconds: {perf_counter() - began:.2f}")
    assert answer.json()["counts"] == {"items": MANY, "done": MANY, "refused": 0}
    assert await registry.code(desk, items[-1]["identifier"]) == ("block", "DNC_INTERNAL")
