"""Repeating any POST is harmless, for ever: the same key and request get the same answer, and one act."""

import asyncio
import json
from secrets import token_hex
from typing import Any

import httpx2

from tests.direct import row_counts
from tests.registry_driver import Driver, Json, Party, objection

OBJECTED = ("block", "OBJ_DM")
ELDER = {"type": "personal_number", "value": "196408233234", "country": "SE", "name": "Elder Test"}
"""The grantor of what is erased here: the key that is destroyed is his in every test of the process."""


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def replayed(first: httpx2.Response, again: httpx2.Response) -> bool:
    same = (again.status_code, again.content) == (first.status_code, first.content)
    same &= again.headers["content-type"] == first.headers["content-type"]
    return same and again.headers.get("idempotency-replayed") == "true"


async def test_an_objection_needs_a_key(registry: Driver, agent: Party, mandate: Json, sender: Party) -> None:
    body = objection(mandate["id"], [sender.id])
    answer = await registry.post("/v1/objections", body, agent)
    assert refusal(answer) == (422, "IDEMPOTENCY_KEY_REQUIRED")
    for bad in ("", "two words", "x" * 256):
        answer = await registry.post("/v1/objections", body, agent, Idempotency_Key=bad)
        assert refusal(answer) == (422, "IDEMPOTENCY_KEY_INVALID")


async def test_the_same_key_and_body_get_the_same_bytes_and_do_nothing_more(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    body, key = objection(mandate["id"], [sender.id]), {"Idempotency_Key": token_hex(8)}
    first = await registry.post("/v1/objections", body, agent, **key)
    before = await row_counts(behind)
    again = await registry.post("/v1/objections", body, agent, **key)
    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    assert replayed(first, again)
    assert await row_counts(behind) == before


async def test_an_answer_stays_what_it_was_when_the_objection_has_ended(
    registry: Driver, agent: Party, sender: Party
) -> None:
    mandate = await registry.mandate(agent, rights=["object_dm", "withdraw_objection"])
    body, key = objection(mandate["id"], [sender.id]), {"Idempotency_Key": token_hex(8)}
    first = await registry.post("/v1/objections", body, agent, **key)
    evidence = {"evidence": {"method": "person", "reference": "call 18"}}
    await registry.post(f"/v1/objections/{first.json()['id']}/withdraw", evidence, agent)
    assert replayed(first, await registry.post("/v1/objections", body, agent, **key))
    assert (await registry.code(sender))[0] == "allow"


async def test_the_same_key_with_another_request_is_a_mistake(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    key = {"Idempotency_Key": token_hex(8)}
    body = objection(mandate["id"], [sender.id])
    first = await registry.post("/v1/objections", body, agent, **key)
    other = await registry.post("/v1/objections", {**body, "reference": "2"}, agent, **key)
    assert refusal(other) == (422, "IDEMPOTENCY_MISMATCH")
    elsewhere = await registry.post("/v1/objections/batch", {"items": [body]}, agent, **key)
    assert refusal(elsewhere) == (422, "IDEMPOTENCY_MISMATCH")
    withdrawal = f"/v1/objections/{first.json()['id']}/withdraw"
    assert refusal(await registry.post(withdrawal, {}, agent, **key)) == (422, "IDEMPOTENCY_MISMATCH")
    assert replayed(first, await registry.post("/v1/objections", body, agent, **key))


async def test_the_query_is_part_of_the_request(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    line = json.dumps(objection(mandate["id"], [sender.id])).encode()
    headers = {**agent.headers, "Content-Type": "application/x-ndjson", "Idempotency-Key": token_hex(8)}
    path = "/v1/objections/batch"
    await registry.client.post(path, content=line, headers=headers)
    other = await registry.client.post(f"{path}?on_error=abort", content=line, headers=headers)
    assert refusal(other) == (422, "IDEMPOTENCY_MISMATCH")


async def test_another_partys_key_is_invisible(registry: Driver, agent: Party, mandate: Json) -> None:
    other, sender = await registry.agent(), await registry.controller()
    theirs, key = await registry.mandate(other), {"Idempotency_Key": token_hex(8)}
    first = await registry.post("/v1/objections", objection(mandate["id"], [sender.id]), agent, **key)
    second = await registry.post("/v1/objections", objection(theirs["id"], [sender.id]), other, **key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_a_refusal_is_repeated_too(registry: Driver, sender: Party, behind: Any) -> None:
    """Also when the act would be accepted by now: whoever means it again takes a new key."""
    suspended = await registry.agent()
    mandate, admin = await registry.mandate(suspended), await registry.admin()
    await registry.post(f"/v1/agents/{suspended.id}/suspend", {"reason": "under review"}, admin)
    body, key = objection(mandate["id"], [sender.id]), {"Idempotency_Key": token_hex(8)}
    first = await registry.post("/v1/objections", body, suspended, **key)
    await registry.post(f"/v1/agents/{suspended.id}/resume", {"reason": "reviewed"}, admin)
    before = await row_counts(behind)
    again = await registry.post("/v1/objections", body, suspended, **key)
    assert refusal(first) == (403, "AGENT_SUSPENDED")
    assert replayed(first, again)
    assert await row_counts(behind) == before
    assert (await registry.object_to(suspended, mandate, [sender.id])).status_code == 201


async def test_an_aborted_batch_is_repeated_too(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    items = [objection(mandate["id"], [sender.id]), {"surprise": 1}]
    body, key = {"items": items, "on_error": "abort"}, {"Idempotency_Key": token_hex(8)}
    first = await registry.post("/v1/objections/batch", body, agent, **key)
    assert refusal(first) == (409, "BATCH_ABORTED")
    assert replayed(first, await registry.post("/v1/objections/batch", body, agent, **key))


async def test_twenty_posts_with_one_key_at_the_same_time_are_one_act(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    body, key = objection(mandate["id"], [sender.id]), {"Idempotency_Key": token_hex(8)}
    before = await row_counts(behind)
    answers = await asyncio.gather(*(registry.post("/v1/objections", body, agent, **key) for _ in range(20)))
    done = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code != 201]
    assert len({answer.content for answer in done}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in done) == 1
    assert {refusal(answer) for answer in waiting} <= {(409, "IDEMPOTENCY_IN_PROGRESS")}
    assert all(answer.headers["retry-after"] == "1" for answer in waiting)
    after = await row_counts(behind)
    assert after["registry.objection"] == before["registry.objection"] + 1
    assert after["registry.event"] == before["registry.event"] + 1
    assert replayed(done[0], await registry.post("/v1/objections", body, agent, **key))


async def test_a_batch_is_repeated_as_it_was_answered(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    items = [objection(mandate["id"], [sender.id]), "abc", objection(mandate["id"], ["org:0000000000"])]
    body, key = {"items": items}, {"Idempotency_Key": token_hex(8)}
    first = await registry.post("/v1/objections/batch", body, agent, **key)
    before = await row_counts(behind)
    again = await registry.post("/v1/objections/batch", body, agent, **key)
    assert [result["status"] for result in first.json()["results"]] == [201, 422, 403]
    assert replayed(first, again)
    assert await row_counts(behind) == before


async def erase(behind: Any, objection_id: str) -> None:
    """What the erasure of a person is: the data key is destroyed."""
    subject = await behind.fetchval("SELECT subject FROM registry.objection WHERE id = $1", objection_id)
    done = await behind.execute("DELETE FROM vault.subject_key WHERE subject = $1", subject)
    assert done == "DELETE 1"


async def test_after_an_erasure_nothing_names_the_person_and_the_objection_still_blocks(
    registry: Driver, agent: Party, sender: Party, behind: Any
) -> None:
    mandate = await registry.mandate(agent, grantor=ELDER)
    body = objection(mandate["id"], [sender.id], kinds=["art21_2", "erasure"], reference="A1-obj-1")
    key = {"Idempotency_Key": token_hex(8)}
    first = await registry.post("/v1/objections", body, agent, **key)
    made = first.json()
    await erase(behind, made["id"])
    again = await registry.post("/v1/objections", body, agent, **key)
    assert (again.status_code, again.json()) == (201, {"id": made["id"], "erased": True})
    shown = (await registry.get(f"/v1/objections/{made['id']}", agent)).json()
    assert (shown["state"], shown["identifiers"][0]["canonical"]) == ("active", None)
    assert (shown["refused"], shown["receipt"]) == ([], None)
    assert shown["controllers"] == made["controllers"]
    assert await registry.code(sender) == OBJECTED
    same = await registry.object_to(agent, mandate, [sender.id])
    assert (same.status_code, same.json()["duplicate_of"]) == (200, made["id"])
    later = await registry.post("/v1/objections", body, agent, **key)
    assert later.json() == {"id": made["id"], "erased": True}, (
        "a new data key does not bring back what was sealed under the old"
    )


async def test_an_erasure_takes_one_person_out_of_the_answer_of_a_batch(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    elders = await registry.mandate(agent, grantor=ELDER)
    items = [objection(mandate["id"], [sender.id]), objection(elders["id"], [sender.id]), "abc"]
    body, key = {"items": items}, {"Idempotency_Key": token_hex(8)}
    first = (await registry.post("/v1/objections/batch", body, agent, **key)).json()
    await erase(behind, first["results"][1]["objection"]["id"])
    again = (await registry.post("/v1/objections/batch", body, agent, **key)).json()
    assert again["results"] == [first["results"][0], {"index": 1, "erased": True}, first["results"][2]]
    assert again["counts"] == first["counts"]


async def test_no_answer_is_readable_in_the_database(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    key = token_hex(8)
    body = objection(mandate["id"], [sender.id])
    made = await registry.post("/v1/objections", body, agent, Idempotency_Key=key)
    assert not await behind.fetchval("SELECT count(*) FROM registry.idempotency WHERE key = $1", key)
    event_id = made.json()["event_id"]
    kept = await behind.fetch("SELECT ciphertext FROM vault.answer WHERE event_id = $1", event_id)
    assert len(kept) == 2
    assert not any(text in row["ciphertext"] for row in kept for text in (b"46701740605", b"canonical"))
