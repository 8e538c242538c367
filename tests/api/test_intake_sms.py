"""Text messages that people sent to a controller's number come in through its provider."""

import hmac
import json
from base64 import b64encode
from hashlib import sha256
from secrets import token_hex
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from tests.api.providers import BASIC, FORM, Line, connect, journal
from tests.direct import superuser
from tests.registry_driver import Driver, Json, Party
from tests.storage.logins import relations, select

TOKEN = {"auth_token": "twilio-token-of-nobody"}


@pytest.fixture
async def sender(registry: Driver) -> Party:
    return await registry.controller()


async def twilio(registry: Driver, controller: Party) -> Line:
    return await connect(registry, controller, "twilio", TOKEN)


async def test_a_stop_by_text_ends_texts_and_nothing_else(registry: Driver, sender: Party) -> None:
    line = await twilio(registry, sender)
    answer = await line.text("+46701740605", "STOPP tack")
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert await registry.code(sender, "+46701740605") == ("block", "CHANNEL_OPTOUT")
    assert (await registry.code(sender, "+46701740605", channel="voice_live"))[0] == "allow"
    assert (await registry.code(await registry.controller(), "+46701740605"))[0] == "allow"


async def test_our_verification_is_the_one_of_twilio(registry: Driver, sender: Party) -> None:
    line = await twilio(registry, sender)
    form = {"MessageSid": "SM1", "From": "+46701740606", "Body": "Stopp & hej å = 1+1", "Empty": ""}
    headers = line.twilio(form)
    assert RequestValidator(TOKEN["auth_token"]).validate(line.url, form, headers["X-Twilio-Signature"])
    assert (await line.send(urlencode(form).encode(), headers)).status_code == 200
    altered = urlencode({**form, "From": "+46701740607"}).encode()
    assert (await line.send(altered, headers)).status_code == 401
    other = RequestValidator("another-token").compute_signature(line.url, form)
    refused = await line.send(urlencode(form).encode(), {**FORM, "X-Twilio-Signature": other})
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHENTICATED")


async def test_a_start_never_lifts_a_stop(registry: Driver, sender: Party) -> None:
    line = await twilio(registry, sender)
    await line.text("+46701740608", "whatever", OptOutType="STOP")
    await line.text("+46701740608", "START", OptOutType="START")
    assert await registry.code(sender, "+46701740608") == ("block", "CHANNEL_OPTOUT")


async def test_a_stop_said_again_after_a_consent_blocks_again(registry: Driver, sender: Party) -> None:
    line, desk = await twilio(registry, sender), await registry.desk(sender)
    number = "+46701740611"
    await line.text(number, "STOPP")
    await registry.consent(desk, {"type": "phone", "value": number})
    assert (await registry.code(sender, number))[0] == "allow"
    await line.text(number, "STOPP")
    assert await registry.code(sender, number) == ("block", "CHANNEL_OPTOUT")
    await registry.consent(desk, {"type": "phone", "value": number})
    assert (await registry.code(sender, number))[0] == "allow"


async def test_free_text_is_taken_in_and_makes_no_entry(
    registry: Driver, sender: Party, database_url: str
) -> None:
    line = await twilio(registry, sender)
    assert (await line.text("+46701740609", "When do you open on Sunday?")).status_code == 200
    assert (await registry.code(sender, "+46701740609"))[0] == "allow"
    told = json.loads((await journal(database_url, line.id))[-1]["detail"])
    assert told == {"source": "twilio", "repeated": 0, "not_understood": 1}


async def test_a_sender_that_is_no_number_is_counted_and_makes_no_entry(
    registry: Driver, sender: Party, database_url: str
) -> None:
    line = await twilio(registry, sender)
    assert (await line.text("KLUBBEN", "STOPP")).status_code == 200
    assert json.loads((await journal(database_url, line.id))[-1]["detail"])["unreadable_identifier"] == 1


async def test_a_repeated_call_back_is_harmless_and_answered_the_same(
    registry: Driver, sender: Party, database_url: str
) -> None:
    line, desk = await twilio(registry, sender), await registry.desk(sender)
    first = await line.text("+46701740610", "STOPP", MessageSid="SM-again")
    entries = {"identifier": {"type": "phone", "value": "+46701740610"}}
    (entry,) = (await registry.post("/v1/entries/search", entries, desk)).json()["items"]
    released = {"reason": "asked to", "evidence": {"method": "call", "reference": "c-1"}}
    await registry.post(f"/v1/entries/{entry['id']}/release", released, desk)
    again = await line.text("+46701740610", "STOPP", MessageSid="SM-again")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (await registry.code(sender, "+46701740610"))[0] == "allow"
    assert json.loads((await journal(database_url, line.id))[-1]["detail"])["repeated"] == 1
    await line.text("+46701740610", "STOPP", MessageSid="SM-new")
    assert (await registry.code(sender, "+46701740610"))[0] == "block"


async def test_an_unknown_connection_looks_like_a_wrong_signature(
    registry: Driver, sender: Party, database_url: str
) -> None:
    line = await twilio(registry, sender)
    form = urlencode({"MessageSid": "SM2", "From": "+46701740611", "Body": "STOPP"}).encode()
    told = []
    for url in (
        line.url,
        line.url.replace(line.id, "01920000-0000-7000-8000-000000000000"),
        line.url.replace(line.id, "x"),
        line.url.replace("twilio", "46elks"),
        line.url.replace("twilio", "nobody"),
    ):
        answer = await registry.client.post(url, content=form, headers=FORM)
        body = {key: value for key, value in answer.json().items() if key != "instance"}
        told.append((answer.status_code, body, answer.headers["www-authenticate"]))
    assert told == [told[0]] * 5
    assert told[0][0] == 401
    refused = [one for one in await journal(database_url, line.id) if one["outcome"] == "UNAUTHENTICATED"]
    assert len(refused) == 3


async def test_46elks_comes_with_user_and_password_and_gets_an_empty_answer(
    registry: Driver, sender: Party
) -> None:
    line = await connect(registry, sender, "46elks", BASIC, defaults={"region": "SE"})
    form = {"direction": "incoming", "id": token_hex(16), "from": "+46701740612", "message": "Avsluta"}
    body = urlencode(form).encode()
    assert (await line.send(body, FORM)).status_code == 401
    answer = await line.send(body, {**FORM, **line.basic()})
    assert (answer.status_code, answer.content) == (200, b"")
    assert await registry.code(sender, "+46701740612") == ("block", "CHANNEL_OPTOUT")


SINCH = {"type": "mo_text", "from": "46701740613", "body": "STANS", "received_at": "2026-01-01T00:00:00Z"}


async def test_sinch_comes_with_user_and_password_or_with_a_signature(
    registry: Driver, sender: Party
) -> None:
    for secrets in (BASIC, {"signing_secret": "sinch-secret"}):
        line = await connect(registry, sender, "sinch", secrets)
        body = json.dumps({**SINCH, "id": token_hex(8)}).encode()
        proof = line.basic() if secrets is BASIC else sinch_signature("sinch-secret", body)
        typed = {"Content-Type": "application/json"}
        unproven = {**typed, **proof, "Authorization": "Basic x"}
        assert (await line.send(body + b" ", unproven)).status_code == 401
        answer = await line.send(body, {**typed, **proof})
        assert (answer.status_code, answer.content) == (200, b"")
    assert await registry.code(sender, "+46701740613") == ("block", "CHANNEL_OPTOUT")


def sinch_signature(secret: str, body: bytes) -> Json:
    signed = hmac.digest(secret.encode(), body + b".a-nonce.1790000000", sha256)
    return {
        "x-sinch-webhook-signature": b64encode(signed).decode(),
        "x-sinch-webhook-signature-nonce": "a-nonce",
        "x-sinch-webhook-signature-timestamp": "1790000000",
        "x-sinch-webhook-signature-algorithm": "HmacSHA256",
    }


async def test_what_a_provider_does_not_document_is_counted_and_not_asked_for_again(
    registry: Driver, sender: Party, database_url: str
) -> None:
    line = await connect(registry, sender, "sinch", BASIC)
    answer = await line.send(b"[]", {"Content-Type": "application/json", **line.basic()})
    assert answer.status_code == 200
    assert json.loads((await journal(database_url, line.id))[-1]["detail"])["unreadable_call"] == 1


@pytest.mark.parametrize(
    ("source", "secrets"),
    [("twilio", BASIC), ("46elks", {"username": "provider"}), ("nobody", TOKEN), ("twilio", {})],
)
async def test_a_connection_needs_the_secrets_of_its_provider(
    registry: Driver, sender: Party, source: str, secrets: Json
) -> None:
    body = {"controller_id": sender.id, "source": source, "secrets": secrets}
    answer = await registry.post("/v1/intake/connections", body, await registry.admin())
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")


async def test_a_connection_is_an_admins_to_make_and_for_a_controller(
    registry: Driver, sender: Party
) -> None:
    body = {"controller_id": sender.id, "source": "twilio", "secrets": TOKEN}
    desk = await registry.desk(sender)
    assert (await registry.post("/v1/intake/connections", body, desk)).json()["code"] == "ROLE_DENIED"
    body["controller_id"] = (await registry.source()).id
    answer = await registry.post("/v1/intake/connections", body, await registry.admin())
    assert answer.json()["code"] == "UNKNOWN_REFERENCE"


async def test_a_secret_is_neither_answered_nor_kept_in_clear(
    registry: Driver, sender: Party, database_url: str
) -> None:
    secret = "a-secret-that-is-looked-for"
    line = await connect(registry, sender, "twilio", {"auth_token": secret})
    assert secret not in str(line.url)
    admin = await superuser(database_url)
    for table in [one.name for one in await relations(admin) if one.is_table]:
        assert secret not in str(await admin.fetch(select("*", table))), table
    await admin.close()
