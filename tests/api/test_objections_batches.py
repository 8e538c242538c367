"""Many objections at once: each has its own outcome at its own index, and one bad item delays nobody."""

import json
from secrets import token_hex
from time import perf_counter
from typing import Any

import httpx2
import pytest

from tests.direct import row_counts
from tests.registry_driver import Driver, Json, Party, objection

MANY = 10_000
NDJSON = "application/x-ndjson"


def address() -> Json:
    return {"type": "email", "value": f"p{token_hex(6)}@example.com"}


def will(mandate: Json, controller: Party, **fields: Any) -> Json:
    return objection(mandate["id"], [controller.id], **{"identifiers": [address()], **fields})


async def post_lines(
    registry: Driver, agent: Party, lines: list[str], query: str = "", **headers: str
) -> httpx2.Response:
    sent = {**agent.headers, "Content-Type": NDJSON, **{k.replace("_", "-"): v for k, v in headers.items()}}
    path = f"/v1/objections/batch{query}"
    return await registry.client.post(path, content="\n".join(lines).encode(), headers=sent)


async def post_batch(registry: Driver, agent: Party, items: list[Any], **fields: Any) -> Json:
    answer = await registry.post("/v1/objections/batch", {"items": items, **fields}, agent)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def outcomes(answer: Json) -> list[tuple[int, int, str | None]]:
    """Index, status, and the code of the problem."""
    return [(r["index"], r["status"], r["problem"] and r["problem"]["code"]) for r in answer["results"]]


async def test_each_item_has_its_outcome_at_its_index(registry: Driver, agent: Party, mandate: Json) -> None:
    sender, known = await registry.controller(), address()
    unknown = objection(mandate["id"], ["org:0000000000"], identifiers=[address()])
    items: list[Any] = [
        will(mandate, sender, identifiers=[known]),
        {"kinds": ["art21_2"]},
        "abc",
        will(mandate, sender, kinds=["erasure"]),
        will(mandate, sender, identifiers=[{"type": "phone", "value": "abc", "region": "SE"}]),
        will({"id": token_hex(16)}, sender),
        unknown,
        will(mandate, sender, surprise=True),
        will(mandate, sender),
    ]
    answer = await post_batch(registry, agent, items)
    assert outcomes(answer) == [
        (0, 201, None),
        (1, 422, "VALIDATION"),
        (2, 422, "VALIDATION"),
        (3, 403, "MANDATE_SCOPE"),
        (4, 422, "INVALID_IDENTIFIER"),
        (5, 404, "MANDATE_NOT_FOUND"),
        (6, 403, "AUTH_CONTROLLER"),
        (7, 422, "VALIDATION"),
        (8, 201, None),
    ]
    assert answer["counts"] == {"items": 9, "done": 2, "refused": 7}
    assert all((r["objection"] is None) == (r["status"] >= 400) for r in answer["results"])
    missing = {error["pointer"] for error in answer["results"][1]["problem"]["errors"]}
    assert missing == {"/controllers", "/identifiers"}
    assert await registry.code(sender, known["value"], channel="email") == ("block", "OBJ_DM")


async def test_an_item_of_a_batch_is_answered_as_if_it_had_come_alone(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    sender = await registry.controller()
    alone = await registry.objection(agent, mandate, [sender.id], identifiers=[address()])
    item = (await post_batch(registry, agent, [will(mandate, sender)]))["results"][0]["objection"]
    assert list(item) == list(alone)
    shown = (await registry.get(f"/v1/objections/{item['id']}", agent)).json()
    assert shown == item


async def test_lines_of_ndjson_are_items_and_a_broken_line_keeps_its_index(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    sender, last = await registry.controller(), address()
    good = json.dumps(will(mandate, sender))
    twice = '{"mandate_id": null, "mandate_id": null}'
    lines = [good, '{"kinds":', twice, "", json.dumps(will(mandate, sender, identifiers=[last]))]
    answer = await post_lines(registry, agent, lines)
    assert answer.status_code == 200, answer.text
    found = outcomes(answer.json())
    assert found == [(0, 201, None), (1, 422, "MALFORMED_JSON"), (2, 422, "MALFORMED_JSON"), (3, 201, None)]
    assert await registry.code(sender, last["value"], channel="email") == ("block", "OBJ_DM")


async def test_the_same_will_twice_in_one_batch_is_one_objection(
    registry: Driver, agent: Party, mandate: Json, behind: Any
) -> None:
    sender = await registry.controller()
    item, before = will(mandate, sender), await row_counts(behind)
    first, other, second = (await post_batch(registry, agent, [item, will(mandate, sender), item]))["results"]
    assert [first["status"], other["status"], second["status"]] == [201, 201, 200]
    assert second["objection"] == {**first["objection"], "duplicate_of": first["objection"]["id"]}
    after = await row_counts(behind)
    assert after["registry.objection"] - before["registry.objection"] == 2
    assert after["registry.entry"] - before["registry.entry"] == 2


@pytest.mark.parametrize("bad", [{"kinds": ["erasure"]}, {"surprise": 1}])
async def test_whoever_wants_all_or_nothing_gets_nothing_when_one_item_is_refused(
    registry: Driver, agent: Party, mandate: Json, behind: Any, bad: Json
) -> None:
    sender, known = await registry.controller(), address()
    items = [will(mandate, sender, identifiers=[known]), will(mandate, sender, **bad)]
    before = await row_counts(behind)
    body = {"items": items, "on_error": "abort"}
    answer = await registry.post("/v1/objections/batch", body, agent)
    assert (answer.status_code, answer.json()["code"]) == (409, "BATCH_ABORTED")
    after = await row_counts(behind)
    assert {name for name in after if after[name] != before[name]} == {"registry.event"}
    assert after["registry.event"] == before["registry.event"] + 1
    assert await registry.code(sender, known["value"], channel="email") == ("allow", "NO_OBJECTION_FOUND")
    lines = [json.dumps(item) for item in items]
    aborted = await post_lines(registry, agent, lines, "?on_error=abort")
    assert (aborted.status_code, aborted.json()["code"]) == (409, "BATCH_ABORTED")


async def test_a_batch_of_which_nothing_is_accepted_is_answered_item_by_item(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    sender = await registry.controller()
    answer = await post_batch(registry, agent, [will(mandate, sender, kinds=["erasure"]), 1])
    assert outcomes(answer) == [(0, 403, "MANDATE_SCOPE"), (1, 422, "VALIDATION")]
    assert answer["counts"] == {"items": 2, "done": 0, "refused": 2}


async def test_all_or_nothing_gives_all_when_nothing_is_refused(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    sender = await registry.controller()
    answer = await post_batch(
        registry, agent, [will(mandate, sender), will(mandate, sender)], on_error="abort"
    )
    assert answer["counts"] == {"items": 2, "done": 2, "refused": 0}


async def test_ten_thousand_objections_are_received_in_one_batch_and_repeated_in_another(
    registry: Driver, agent: Party, mandate: Json, record_property: Any
) -> None:
    sender = await registry.controller()
    lines = [json.dumps(will(mandate, sender)) for _ in range(MANY)]
    seconds: dict[str, float] = {}
    for name, status in (("received", 201), ("repeated", 200)):
        started = perf_counter()
        answer = await post_lines(registry, agent, lines, Idempotency_Key=token_hex(8))
        seconds[name] = perf_counter() - started
        assert answer.status_code == 200, answer.text
        assert answer.json()["counts"] == {"items": MANY, "done": MANY, "refused": 0}
        assert outcomes(answer.json()) == [(n, status, None) for n in range(MANY)]
    started = perf_counter()
    addresses = [json.loads(line)["identifiers"][0]["value"] for line in lines]
    found = await registry.look_up(sender, *addresses, channel="email", view="compact")
    assert found["counts"] == {"asked": MANY, "allow": 0, "block": MANY, "invalid": 0}
    record_property("seconds", seconds)
    print("10,000 objections, seconds:", seconds)
    assert max(seconds.values()) < 60


async def test_a_batch_puts_no_more_in_force_than_one_transaction_can(
    registry: Driver, agent: Party, mandate: Json, behind: Any
) -> None:
    """Fifty identifiers at a hundred controllers are five thousand entries, however few bytes say so."""
    names, before = [f"org:{n:010}" for n in range(100)], await row_counts(behind)
    wide = objection(mandate["id"], names, identifiers=[address()] * 50)
    answer = await registry.post("/v1/objections/batch", {"items": [wide] * 21}, agent)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert await row_counts(behind) == before


@pytest.mark.parametrize("body", [{}, {"items": "abc"}, {"items": [], "surprise": 1}, {"on_error": "stop"}])
async def test_what_is_no_batch_is_refused_as_a_whole(registry: Driver, agent: Party, body: Json) -> None:
    answer = await registry.post("/v1/objections/batch", body, agent)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert answer.json()["errors"][0]["pointer"] in ("", "/items", "/on_error")


async def test_more_than_ten_thousand_are_too_large_and_none_is_no_batch(
    registry: Driver, agent: Party, mandate: Json, behind: Any
) -> None:
    line, before = json.dumps(will(mandate, await registry.controller())), await row_counts(behind)
    answer = await post_lines(registry, agent, [line] * (MANY + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    whole = await registry.post("/v1/objections/batch", {"items": [1] * (MANY + 1)}, agent)
    assert (whole.status_code, whole.json()["code"]) == (413, "BODY_TOO_LARGE")
    for empty in (
        await post_lines(registry, agent, ["", ""]),
        await registry.post("/v1/objections/batch", {"items": []}, agent),
    ):
        assert (empty.status_code, empty.json()["code"]) == (422, "VALIDATION")
    after = await row_counts(behind)
    assert after["registry.objection"] == before["registry.objection"]
