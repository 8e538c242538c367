"""What an objection is answered, from when on it counts, and what of it anybody can read."""

import hashlib
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from tests.direct import row_counts
from tests.registry_driver import EMAIL, PHONE, Driver, Json, Party, iso, objection

OBJECTED = ("block", "OBJ_DM")
CLEAR = ("allow", "NO_OBJECTION_FOUND")
REFUSED_CONTROLLER = (403, "AUTH_CONTROLLER")


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def shape(value: Any) -> Any:
    """The names and types of an answer, and how long its texts are."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return (type(value).__name__, len(value) if isinstance(value, str) else None)


@pytest.mark.parametrize("name", ["declared_at", "instructed_at"])
async def test_nobody_declares_anything_in_the_future(
    registry: Driver, agent: Party, mandate: Json, sender: Party, name: str
) -> None:
    times = {name: iso(datetime.now(UTC) + timedelta(minutes=5))}
    answer = await registry.object_to(agent, mandate, [sender.id], **times)
    assert refusal(answer) == (422, "INVALID_TIME")
    assert await registry.code(sender) == CLEAR


async def test_it_counts_from_its_receipt_whenever_it_was_declared(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    declared = iso(datetime(2026, 1, 1, tzinfo=UTC))
    made = await registry.objection(agent, mandate, [sender.id], declared_at=declared)
    assert (made["declared_at"], made["effective_at"]) == (declared, made["received_at"])
    assert (await registry.look_up(sender, PHONE))["results"][0]["since"] == made["received_at"]


async def test_the_answer_does_not_tell_whether_the_controller_knows_the_person(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    known, unknown = await registry.controller(), await registry.controller()
    service = await registry.credential(known.id, "customer_service")
    entry = {"kind": "dnc", "identifier": {"type": "phone", "value": PHONE}}
    await registry.made("/v1/entries", entry, service)
    other = await registry.agent()
    await registry.objection(other, await registry.mandate(other), [known.id])
    answers = [await registry.object_to(agent, mandate, [each.id]) for each in (known, unknown)]
    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = ({**answer.json(), "receipt": "", "as_of": ""} for answer in answers)
    assert shape(first) == shape(second)
    assert list(first) == list(second)
    for each in (first, second):
        each["controllers"][0]["as_of"] = each["controllers"][0]["controller_id"] = ""
    varying = {"id", "event_id", "received_at", "effective_at"}
    assert {n for n in first if n != "controllers" and first[n] != second[n]} <= varying


async def test_a_lookup_may_demand_the_position_of_the_objection(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    made = await registry.objection(agent, mandate, [sender.id])
    assert await registry.code(sender, min_as_of=made["as_of"]) == OBJECTED


async def test_the_receipt_is_signed_by_the_registry_and_names_nobody(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    made = await registry.objection(agent, mandate, [sender.id], reference="A1-obj-1")
    keys = KeySet.import_key_set((await registry.get("/.well-known/jwks.json")).json())
    signed = jws.deserialize_compact(made["receipt"].encode(), keys, algorithms=["ES256"])
    claims = signed.payload.decode()
    assert signed.headers()["typ"] == "objection-receipt+jws"
    assert f'"objection_id":"{made["id"]}"' in claims
    assert not any(text in claims for text in (PHONE, PHONE[1:], EMAIL, "070", "A1-obj-1"))
    verified = await registry.post("/v1/receipts/verify", {"receipt": made["receipt"]})
    assert (verified.json()["valid"], verified.json()["code"]) == (True, "VALID")
    assert verified.json()["claims"]["controllers"] == [sender.id]


async def test_the_receipt_proves_the_bytes_that_were_sent(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    body = objection(mandate["id"], [sender.id])
    answer = await registry.post("/v1/objections", body, agent, Idempotency_Key=token_hex(8))
    verified = await registry.post("/v1/receipts/verify", {"receipt": answer.json()["receipt"]})
    sent = answer.request.content
    assert verified.json()["claims"]["request_sha256"] == hashlib.sha256(sent).hexdigest()


async def test_what_the_sender_wrote_and_digests_of_it_are_not_readable_in_the_database(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    """Whoever steals the database could search through the numbers until a bare digest fits."""
    digits = "46701740698"
    body = objection(mandate["id"], [sender.id, f"org:{digits}"], kinds=["art21_2", f"x{digits}"])
    answer = await registry.post("/v1/objections", body, agent, Idempotency_Key=token_hex(8))
    assert len(answer.json()["refused"]) == 2
    tables = [name for name in await row_counts(behind) if not name.startswith("vault.")]
    digest = hashlib.sha256(answer.request.content).hexdigest()
    for table in tables:
        rows = await behind.fetch(f"SELECT t::text AS line FROM {table} t")  # noqa: S608 -- a name of the catalogue
        assert not any(
            text in row["line"] for row in rows for text in (digits, digest, answer.json()["receipt"])
        )
