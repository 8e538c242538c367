"""What people did about mails at a controller's provider comes in as their wish."""

import json
from base64 import b64encode
from secrets import token_hex
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sendgrid.helpers.eventwebhook import EventWebhook

from tests.api.providers import BASIC, Line, connect, journal
from tests.registry_driver import Driver, Json, Party, email

KEY = ec.generate_private_key(ec.SECP256R1())
DER = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PUBLIC = {"public_key": b64encode(DER).decode()}
STAMP = "1790000000"
TYPED = {"Content-Type": "application/json"}


@pytest.fixture
async def sender(registry: Driver) -> Party:
    return await registry.controller()


def signed(body: bytes) -> Json:
    signature = b64encode(KEY.sign(STAMP.encode() + body, ec.ECDSA(SHA256()))).decode()
    return {
        **TYPED,
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": STAMP,
    }


def event(kind: str, address: str, **fields: Any) -> Json:
    base = {"email": address, "timestamp": 1790000000, "event": kind, "sg_event_id": token_hex(8)}
    return {**base, **fields}


async def report(line: Line, *events: Json) -> None:
    body = json.dumps(events).encode()
    answer = await line.send(body, signed(body))
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("kind", ["unsubscribe", "group_unsubscribe", "spamreport"])
async def test_an_unsubscribe_at_sendgrid_ends_mails_and_nothing_else(
    registry: Driver, sender: Party, kind: str
) -> None:
    who, line = email(), await connect(registry, sender, "sendgrid", PUBLIC)
    await report(line, event("delivered", who["value"]))
    assert (await registry.code(sender, who, channel="email"))[0] == "allow"
    await report(line, event(kind, who["value"]))
    assert await registry.code(sender, who, channel="email") == ("block", "CHANNEL_OPTOUT")
    assert (await registry.code(sender, who, channel="audience_upload"))[0] == "allow"


async def test_a_resubscribe_never_lifts(registry: Driver, sender: Party) -> None:
    who, line = email(), await connect(registry, sender, "sendgrid", PUBLIC)
    await report(line, event("group_unsubscribe", who["value"]), event("group_resubscribe", who["value"]))
    await report(line, event("group_resubscribe", who["value"]))
    assert (await registry.code(sender, who, channel="email"))[0] == "block"


async def test_a_message_that_was_dropped_for_an_earlier_unsubscribe_tells_of_it(
    registry: Driver, sender: Party
) -> None:
    left, gone = email(), email()
    line = await connect(registry, sender, "sendgrid", PUBLIC)
    await report(
        line,
        event("dropped", left["value"], reason="Unsubscribed Address"),
        event("dropped", gone["value"], reason="Bounced Address"),
    )
    assert (await registry.code(sender, left, channel="email"))[0] == "block"
    assert (await registry.code(sender, gone, channel="email"))[0] == "allow"


async def test_our_verification_is_the_one_of_sendgrid(registry: Driver, sender: Party) -> None:
    line = await connect(registry, sender, "sendgrid", PUBLIC)
    body = json.dumps([event("unsubscribe", "å@example.com")], ensure_ascii=False).encode() + b"\r\n"
    headers = signed(body)
    signature = headers["X-Twilio-Email-Event-Webhook-Signature"]
    theirs = EventWebhook(PUBLIC["public_key"])
    other = json.dumps([event("unsubscribe", "b@example.com")]).encode()
    for sent, at, good in ((body, STAMP, True), (other, STAMP, False), (body, "1790000001", False)):
        assert theirs.verify_signature(sent.decode(), signature, at) is good
        answer = await line.send(sent, {**headers, "X-Twilio-Email-Event-Webhook-Timestamp": at})
        assert answer.status_code == (200 if good else 401)
    for broken in ("", "AAAA", "not base64", signature[:-8]):
        answer = await line.send(body, {**headers, "X-Twilio-Email-Event-Webhook-Signature": broken})
        assert answer.status_code == 401


async def test_many_events_come_in_at_once_and_each_only_once(
    registry: Driver, sender: Party, database_url: str
) -> None:
    line = await connect(registry, sender, "sendgrid", PUBLIC)
    events = [event("unsubscribe", f"{token_hex(6)}@example.com") for _ in range(500)]
    await report(line, *events, *events[:5])
    await report(line, *events)
    told = [json.loads(one["detail"]) for one in await journal(database_url, line.id)]
    assert told[1:] == [
        {"source": "sendgrid", "repeated": 5, "opt_out": 500, "new_entries": 500},
        {"source": "sendgrid", "repeated": 500},
    ]


async def test_a_key_that_is_none_is_not_taken(registry: Driver, sender: Party) -> None:
    curve = ec.generate_private_key(ec.SECP384R1()).public_key()
    other = curve.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for key in ("not a key at all", b64encode(b"12345678").decode(), b64encode(other).decode()):
        body = {"controller_id": sender.id, "source": "sendgrid", "secrets": {"public_key": key}}
        answer = await registry.post("/v1/intake/connections", body, await registry.admin())
        assert answer.json()["code"] == "VALIDATION"


def change(address: str, **fields: Any) -> bytes:
    said = {
        "RecordType": "SubscriptionChange",
        "MessageID": token_hex(16),
        "ChangedAt": "2026-01-02T03:04:05.678Z",
        "Recipient": address,
        "Origin": "Recipient",
        "SuppressSending": True,
        "SuppressionReason": "ManualSuppression",
    }
    return json.dumps({**said, **fields}).encode()


async def test_a_suppression_at_postmark_is_a_wish_unless_the_mailbox_is_gone(
    registry: Driver, sender: Party
) -> None:
    line = await connect(registry, sender, "postmark", BASIC)
    left, spam, gone, back = email(), email(), email(), email()
    bodies = [
        change(left["value"]),
        change(left["value"], SuppressSending=False, SuppressionReason=None, MessageID=None),
        change(spam["value"], SuppressionReason="SpamComplaint"),
        change(gone["value"], SuppressionReason="HardBounce"),
        change(back["value"], SuppressSending=False, SuppressionReason=None),
    ]
    for body in bodies:
        assert (await line.send(body, TYPED)).status_code == 401
        assert (await line.send(body, {**TYPED, **line.basic()})).status_code == 200
    codes = [(await registry.code(sender, who, channel="email"))[0] for who in (left, spam, gone, back)]
    assert codes == ["block", "block", "allow", "allow"]
