"""What need not be known is not kept (GDPR Art. 5(1)(c)): nothing of somebody who was only asked about, and
nothing of what was refused, in any form, anywhere. Each test searches all of a registry of its own."""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlencode

import pytest

from app.crypto.fingerprints import Fingerprinter
from app.crypto.keys import KeyRing
from app.usecases.receive_wash import Laundry
from tests.api.doors import DOORS
from tests.api.providers import BASIC, FORM, connect
from tests.api.traces import NUMBERS, address, everything, forms, found_again, misses
from tests.conftest import Clone
from tests.registry_driver import Driver, Json, Party, question, served


@dataclass
class Searched:
    """A registry, and how all of it is searched afterwards."""

    clone: Clone
    ring: KeyRing
    capfd: pytest.CaptureFixture[str]
    caplog: pytest.LogCaptureFixture
    laundry: Laundry

    async def after(self, acts: Callable[[Driver], Awaitable[tuple[list[Json], list[Json]]]]) -> list[Json]:
        """Do the acts; they return what may be found again and what may not. What must not and is."""
        self.caplog.set_level(logging.DEBUG)
        url, fingerprints = await self.clone(), Fingerprinter(self.ring.fingerprint_key)
        async with served(url, self.ring, laundry=self.laundry) as registry:
            kept, unkept = await acts(registry)
            metrics = await registry.get("/metrics", Authorization="Bearer metrics-token")
        assert metrics.status_code == 200
        stored, printed = await everything(url), self.capfd.readouterr()
        told = json.dumps([metrics.text, printed.out, printed.err, self.caplog.text]).lower()
        assert "request_id" in told, "there are logs to be searched"
        for one in kept:
            assert found_again([one], stored, fingerprints), "what is kept is found, so the search works"
            assert not found_again([one], told, fingerprints), "and is not told"
        return found_again(unkept, stored + told, fingerprints)


@pytest.fixture
def searched(
    clone: Clone,
    ring: KeyRing,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> Searched:
    return Searched(clone, ring, capfd, caplog, Laundry(tmp_path / "washes", timedelta(hours=1)))


async def test_nothing_of_a_miss_is_kept_whichever_door_it_came_through(searched: Searched) -> None:
    async def ask(registry: Driver) -> tuple[list[Json], list[Json]]:
        policy = {"basis": "recorded", "registers": ["nix_phone"]}
        desk, known, asked = await registry.controller("customer_service", policy=policy), address(), NUMBERS
        await registry.consent(desk, known)
        await registry.relationship(desk, known)
        assert (await registry.enter(desk, known)).status_code == 201
        for name, door in DOORS.items():
            people = misses()
            answer = await door(registry, desk, [*people, *NUMBERS])
            assert answer.status_code == 200, (name, answer.text)
            asked = [*asked, *people]
        assert (await registry.code(desk, known))[0] == "block"
        return [known], asked

    assert await searched.after(ask) == []


async def test_nothing_of_a_lookup_that_is_refused_is_kept(searched: Searched) -> None:
    async def ask(registry: Driver) -> tuple[list[Json], list[Json]]:
        sender, other, agent = (
            await registry.controller(),
            await registry.controller(),
            await registry.agent(),
        )
        refusals: list[tuple[Party, Json, int]] = [
            (sender, {"controller_id": other.id}, 403),
            (agent, {}, 403),
            (sender, {"unknown": 1}, 422),
            (sender, {"min_as_of": "99999.0"}, 503),
        ]
        asked: list[Json] = []
        for caller, wrong, status in refusals:
            people = misses()
            answer = await registry.post("/v1/lookups", question(sender.id, *people) | wrong, caller)
            assert answer.status_code == status, answer.text
            asked += people
        torn = json.dumps(question(sender.id, *asked[:4]))[:-2].encode()
        headers = {**sender.headers, "Content-Type": "application/json"}
        assert (await registry.client.post("/v1/lookups", content=torn, headers=headers)).status_code == 422
        return [], asked

    assert await searched.after(ask) == []


async def test_nothing_of_a_call_back_that_is_refused_is_kept(searched: Searched) -> None:
    """Neither whose it was nor what it said; what is verified and is no wish leaves no identifier either."""
    wished = {"type": "phone", "value": "+46846500473"}
    mark = token_hex(8)
    unkept: list[Json] = [{"type": "phone", "value": f"+468465004{n}"} for n in (74, 75, 76, 77, 78, 79)]
    unkept += [{"type": "email", "value": f"{mark}{n}@example.com"} for n in range(6)]
    unkept += [
        {"type": "phone", "value": f"KLUBBEN{mark}"},
        {"type": "customer_ref", "value": f"word-{mark}"},
    ]
    phones, mails = [one["value"] for one in unkept[:6]], [one["value"] for one in unkept[6:12]]

    async def call(registry: Driver) -> tuple[list[Json], list[Json]]:
        sender = await registry.controller()
        twilio = await connect(registry, sender, "twilio", {"auth_token": "twilio-token-of-nobody"})
        assert (await twilio.text(wished["value"], "STOPP tack")).status_code == 200
        forged = urlencode({"MessageSid": f"SM-{mails[0]}", "From": phones[0], "Body": "STOPP"}).encode()
        assert (await twilio.send(forged, {**FORM, "X-Twilio-Signature": "AAAA"})).status_code == 401
        unknown = twilio.url.replace(twilio.id, "01920000-0000-7000-8000-000000000000")
        assert (await registry.client.post(unknown, content=forged, headers=FORM)).status_code == 401
        for number, said in (
            (phones[1], f"what is word-{mark}"),
            (phones[2], "START"),
            (f"KLUBBEN{mark}", "STOPP"),
        ):
            assert (await twilio.text(number, said)).status_code == 200
        elks = await connect(registry, sender, "46elks", BASIC)
        for body in ({"from": phones[3], "message": "STOPP"}, {"id": f"i-{mails[1]}", "from": phones[4]}):
            answer = await elks.send(urlencode(body).encode(), {**FORM, **elks.basic()})
            assert answer.status_code == 200, "unreadable, and not asked for again"
        assert (await elks.send(urlencode({"from": phones[5]}).encode(), FORM)).status_code == 401
        postmark = await connect(registry, sender, "postmark", BASIC)
        bounce = {"RecordType": "SubscriptionChange", "Recipient": mails[2], "SuppressSending": True}
        for fields in (
            {"SuppressionReason": "HardBounce"},
            {"SuppressSending": False},
            {"RecordType": mails[3]},
        ):
            raw = json.dumps({**bounce, "MessageID": mails[4], **fields}).encode()
            typed = {"Content-Type": "application/json", **postmark.basic()}
            assert (await postmark.send(raw, typed)).status_code == 200
        wrong = {"Content-Type": "application/json", "Authorization": "Basic AAAA"}
        assert (await postmark.send(json.dumps({"Recipient": mails[5]}).encode(), wrong)).status_code == 401
        return [wished], unkept

    assert await searched.after(call) == []


async def test_nothing_of_a_row_that_is_rejected_or_passed_over_is_kept(searched: Searched) -> None:
    mark = token_hex(8)
    wished = {"type": "email", "value": f"wish{mark}@example.com"}
    unkept: list[Json] = [{"type": "email", "value": f"{mark}{n}@example.com"} for n in range(6)]
    bounced, unreadable, ragged, bare, late, torn = [one["value"] for one in unkept]
    unkept.append({"type": "email", "value": f"{mark} at example"})

    async def bring(registry: Driver) -> tuple[list[Json], list[Json]]:
        desk = await registry.controller("customer_service")
        files = {
            f"EmailAddress,Reason,LastUpdateTime\n{wished['value']},COMPLAINT,\n{bounced},BOUNCE,\n": 201,
            f"identifier,type,channel\n{mark} at example,email,email\n{ragged},email\n": 201,
            f"identifier,type,channel\n{unreadable},email,pigeon\n": 201,
            f"no,such,columns\n{bare},email,email\n": 422,
            "email,created\n" + f"{late},1\n" * 20_001: 413,
            f'email,created\n"{torn}': 422,
        }
        for file, status in files.items():
            headers = {**desk.headers, "Content-Type": "text/csv"}
            answer = await registry.client.post("/v1/imports", content=file.encode(), headers=headers)
            assert answer.status_code == status, answer.text
            assert mark not in answer.text
        return [wished], unkept

    assert await searched.after(bring) == []


async def test_nothing_of_an_act_that_is_refused_is_kept(searched: Searched) -> None:
    """Alone, in a batch, and with an Idempotency-Key, which keeps the answer."""

    async def act(registry: Driver) -> tuple[list[Json], list[Json]]:
        desk, source = await registry.controller("customer_service"), await registry.source()
        sender, agent, known = await registry.credential(desk.id, "sender"), await registry.agent(), address()
        mandate, unkept = await registry.mandate(agent), list[Json]()
        late = {"occurred_at": "2099-01-01T00:00:00Z"}

        async def refused(path: str, who: Party, item: Json, *, batch: bool = False) -> None:
            person = address()
            unkept.append(person)
            one = {
                **item,
                "reference": person["value"],
                **{k: [person] for k in ("identifiers",) if k in item},
            }
            one |= {} if "identifiers" in item else {"identifier": person}
            body = {"items": [one, {**one, "kind": "no"}]} if batch else one
            answer = await registry.post(path, body, who, Idempotency_Key=token_hex(8))
            assert answer.status_code == (200 if batch else answer.status_code)
            assert answer.status_code >= 400 or answer.json()["counts"]["done"] == 0, answer.text
            assert person["value"] not in answer.text

        will = {"mandate_id": mandate["id"], "channels": "all", "controllers": [desk.id], "identifiers": []}
        assert (await registry.enter(desk, known)).status_code == 201
        await refused("/v1/entries", sender, {"kind": "dnc"})
        await refused("/v1/entries", desk, {"kind": "dnc", **late})
        await refused("/v1/entries/batch", desk, {"kind": "dnc", **late}, batch=True)
        await refused("/v1/entries/batch", desk, {"kind": "channel_optout"}, batch=True)
        await refused(f"/v1/sources/{desk.id}/blocks", source, {})
        await refused(f"/v1/sources/{source.id}/blocks/batch", source, late, batch=True)
        await refused("/v1/consents", desk, {"channels": ["sms"]})
        await refused("/v1/relationships", sender, {"kind": "member", "since": "2026-01-01T00:00:00Z"})
        await refused("/v1/objections", agent, {**will, "kinds": ["erasure"]})
        await refused("/v1/objections", agent, {**will, "kinds": ["art21_2"], "mandate_id": desk.id})
        await refused("/v1/objections/batch", agent, {**will, "kinds": ["erasure"]}, batch=True)
        return [known], unkept

    assert await searched.after(act) == []


def test_the_search_knows_every_form(ring: KeyRing) -> None:
    """Were one of these kept, it would be found."""
    fingerprints, person = Fingerprinter(ring.fingerprint_key), "anna.test@example.com"
    hashed = hashlib.sha256(person.encode())
    for kept in (
        "Anna.Test@Example.com".lower(),
        hashed.hexdigest(),
        person.encode().hex(),
        str(fingerprints.text("email", person)),
        fingerprints.text("email_sha256", hashed.hexdigest()).hex,
    ):
        assert kept in forms({"type": "email", "value": "Anna.Test@Example.com"}, fingerprints)
