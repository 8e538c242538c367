"""A receipt proves what was asked and what was answered, to anybody who has the public keys."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, KeySet

from tests.registry_driver import Driver, Json, Party, email, iso, question


async def asked(registry: Driver, sender: Party, *items: Any, **fields: Any) -> httpx2.Response:
    answer = await registry.ask(sender, *(items or (email(),)), **fields)
    assert answer.status_code == 200
    return answer


async def verdict(registry: Driver, receipt: str, **fields: Any) -> Json:
    answer = await registry.post("/v1/receipts/verify", {"receipt": receipt, **fields})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def without_receipt(answer: bytes) -> bytes:
    """The answer as it is digested: without its last member."""
    return re.sub(rb',"receipt":"[^"]*"\}$', b"}", answer)


async def test_a_receipt_states_the_question_and_the_answer(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    await registry.enter(desk, person)
    answer = await asked(registry, desk, person, email(), "abc", promo=True)
    found, checked = answer.json(), await verdict(registry, answer.json()["receipt"])
    assert (checked["valid"], checked["code"]) == (True, "VALID")
    claims = checked["claims"]
    assert claims["iat"] == int(datetime.fromisoformat(found["decided_at"]).timestamp())
    del claims["iat"], claims["request_sha256"], claims["answer_sha256"]
    assert claims == {
        "iss": "http://registry.test",
        "jti": found["lookup_id"],
        "controller_id": desk.id,
        "channel": "sms",
        "purpose": "marketing",
        "promo": True,
        "asked": 3,
        "blocked": 2,
        "as_of": found["as_of"],
        "decided_at": found["decided_at"],
        "valid_until": found["valid_until"],
        "registers": [],
    }


@pytest.mark.parametrize("view", ["full", "compact"])
async def test_the_digests_are_those_of_the_bytes_sent_and_received(registry: Driver, view: str) -> None:
    sender = await registry.controller()
    body = json.dumps(question(sender.id, email(), "å", view=view), ensure_ascii=False, indent=3).encode()
    headers = {**sender.headers, "Content-Type": "application/json"}
    answer = await registry.client.post("/v1/lookups", content=body, headers=headers)
    claims = (await verdict(registry, answer.json()["receipt"]))["claims"]
    assert claims["request_sha256"] == hashlib.sha256(body).hexdigest()
    assert answer.content.endswith(b'"}')
    assert without_receipt(answer.content) != answer.content
    assert claims["answer_sha256"] == hashlib.sha256(without_receipt(answer.content)).hexdigest()


async def test_a_receipt_can_be_verified_by_other_software_with_the_published_keys(registry: Driver) -> None:
    sender = await registry.controller()
    receipt = (await asked(registry, sender)).json()["receipt"]
    keys = KeySet.import_key_set((await registry.get("/.well-known/jwks.json")).json())
    checked = jws.deserialize_compact(receipt, keys, algorithms=["ES256"])
    assert checked.headers()["alg"] == "ES256"
    assert json.loads(checked.payload)["controller_id"] == sender.id


async def test_a_receipt_holds_no_identifier(registry: Driver) -> None:
    sender, person = await registry.controller(), email()
    receipt = (await asked(registry, sender, person, "+46701740665")).json()["receipt"]
    payload = base64.urlsafe_b64decode(receipt.split(".")[1] + "==").decode()
    digest = hashlib.sha256(person["value"].encode()).hexdigest()
    for secret in (person["value"], digest, "701740665"):
        assert secret not in payload


def tampered(receipt: str) -> list[str]:
    header, payload, signature = receipt.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["blocked"] += 1
    other = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return [
        f"{header}.{other}.{signature}",
        f"{header}.{payload}.{flipped}",
        f"{header}.{payload}.",
        f"{unsigned}.{payload}.",
        f"{header}.{payload}",
        "a receipt",
        "..",
    ]


async def test_a_changed_receipt_is_worth_nothing(registry: Driver) -> None:
    sender = await registry.controller()
    receipt = (await asked(registry, sender)).json()["receipt"]
    for forged in tampered(receipt):
        found = await verdict(registry, forged)
        assert (found["valid"], found["claims"]) == (False, None)
        assert found["code"] in {"BAD_SIGNATURE", "UNKNOWN_KEY"}
    assert [(await verdict(registry, one))["code"] for one in tampered(receipt)[:2]] == ["BAD_SIGNATURE"] * 2


async def test_a_receipt_of_another_key_is_not_ours(registry: Driver) -> None:
    sender = await registry.controller()
    receipt = (await asked(registry, sender)).json()["receipt"]
    header = json.loads(base64.urlsafe_b64decode(receipt.split(".")[0] + "=="))
    stranger = ECKey.generate_key("P-256")
    payload = base64.urlsafe_b64decode(receipt.split(".")[1] + "==")
    foreign = jws.serialize_compact({**header, "kid": "somebody-else"}, payload, stranger)
    assert await verdict(registry, foreign) == {"valid": False, "code": "UNKNOWN_KEY", "claims": None}
    pretending = jws.serialize_compact(header, payload, stranger)
    assert await verdict(registry, pretending) == {"valid": False, "code": "BAD_SIGNATURE", "claims": None}


async def test_a_token_is_no_receipt(registry: Driver) -> None:
    sender = await registry.controller()
    assert (await verdict(registry, sender.token))["valid"] is False


async def test_an_answer_that_has_expired_is_stale(registry: Driver) -> None:
    sender = await registry.controller()
    found = (await asked(registry, sender)).json()
    until = datetime.fromisoformat(found["valid_until"])
    codes = {
        until - timedelta(microseconds=1): "VALID",
        until: "STALE",
        until + timedelta(days=400): "STALE",
        datetime.now(UTC): "VALID",
    }
    for at, code in codes.items():
        checked = await verdict(registry, found["receipt"], at=iso(at))
        assert (checked["code"], checked["valid"]) == (code, code == "VALID")
        assert checked["claims"]["jti"] == found["lookup_id"]


async def test_a_receipt_of_an_objection_never_goes_stale(registry: Driver) -> None:
    sender, agent = await registry.controller(), await registry.agent()
    made = await registry.objection(agent, await registry.mandate(agent), [sender.id])
    checked = await verdict(registry, made["receipt"], at="2099-01-01T00:00:00Z")
    assert (checked["valid"], checked["code"]) == (True, "VALID")


async def test_who_asked_gets_the_receipt_again(registry: Driver) -> None:
    sender = await registry.controller()
    processor, desk = await registry.processor(sender), await registry.desk(sender)
    found = (await asked(registry, sender)).json()
    path = f"/v1/receipts/{found['lookup_id']}"
    for caller in (sender, processor, desk):
        answer = await registry.get(path, caller)
        assert answer.json() == {"lookup_id": found["lookup_id"], "receipt": found["receipt"]}


async def test_nobody_else_learns_that_there_is_a_receipt(registry: Driver) -> None:
    sender, other = await registry.controller(), await registry.controller()
    lookup_id = (await asked(registry, sender)).json()["lookup_id"]
    stranger = await registry.processor(other)
    for caller in (other, stranger):
        for path in (lookup_id, str(uuid4())):
            answer = await registry.get(f"/v1/receipts/{path}", caller)
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    for caller in (await registry.agent(), await registry.source(), await registry.admin()):
        assert (await registry.get(f"/v1/receipts/{lookup_id}", caller)).json()["code"] == "ROLE_DENIED"
    assert (await registry.get(f"/v1/receipts/{lookup_id}")).status_code == 401
    assert (await registry.get("/v1/receipts/abc", sender)).status_code in {404, 422}


@pytest.mark.parametrize("view", ["full", "compact"])
async def test_a_receipt_can_be_declined(registry: Driver, view: str) -> None:
    sender = await registry.controller()
    answer = await asked(registry, sender, receipt="none", view=view)
    assert answer.json()["receipt"] is None
    assert answer.content.endswith(b',"receipt":null}')
    assert (await registry.get(f"/v1/receipts/{answer.json()['lookup_id']}", sender)).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"receipt": ""}, {"receipt": 1}, {"receipt": "x" * 16_385}, {"receipt": "x", "at": "now"}]
)
async def test_what_is_no_text_cannot_be_verified(registry: Driver, body: Json) -> None:
    answer = await registry.post("/v1/receipts/verify", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
