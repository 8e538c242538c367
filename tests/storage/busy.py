"""A registry in which everything has happened at least once, with words that must not be found in it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import httpx2

from app.crypto.bankid.chain import trust_in
from app.crypto.keys import KeyRing
from app.main import create_app, deployment, open_database
from app.storage.database import Database
from app.storage.dropping import drop_snapshots
from app.usecases.issue_credential import issue_first_admin
from app.usecases.receive_wash import Laundry
from app.usecases.run_wash import run_wash, take_wash
from app.usecases.sequence_events import Sequencer
from tests.crypto.bankid.issuing import RELYING_PARTY, Bank, Said, genuine
from tests.registry_driver import ISSUER, Driver, Json, Party, claims, first_admin, iso, org_no

EVIDENCE: Json = {"method": "call", "reference": "Rut-Marked call 4711"}
PHONE = {"type": "phone", "value": "08-465 004 42", "region": "SE"}
EMAIL = {"type": "email", "value": "rut.marked+news@example.com"}
ADDRESS = {
    "type": "postal_address",
    "value": {
        "name": "Rut Marked",
        "street": "Markedgatan 7",
        "postal_code": "111 22",
        "city": "Stockholm",
        "country": "SE",
    },
}
REFERENCE_NO = {"type": "customer_ref", "value": "K-MARKED-1"}
RUT = "200002292399"
BANK = Bank()
GRANTOR = {"type": "personal_number", "value": "20000229-2399", "country": "SE", "name": "Rut Marked"}
HASHED = {"type": "email", "sha256": hashlib.sha256(b"rut.marked.other@example.com").hexdigest()}

MARKS = ("marked", "46500442", "0002292399", "|11122|", "call 4711", "call4711")
"""What no column may hold, in any case: pieces of names, addresses, numbers, references and reasons. They are
long enough not to turn up by chance in an id or a time."""


@dataclass
class Busy:
    """The registry, and whom it knows."""

    url: str
    database: Database
    driver: Driver
    sender: Party
    other: Party
    agent: Party

    async def close(self) -> None:
        await self.driver.client.aclose()
        await self.database.dispose()


async def make_busy(url: str, ring: KeyRing) -> Busy:
    trust = trust_in([BANK.root_certificate()], test=True)
    database = open_database(url, ring, ISSUER, bankid=trust)
    laundry = Laundry(Path(mkdtemp()) / "washes", timedelta(hours=1))
    transport = httpx2.ASGITransport(create_app(deployment(database, ring, ISSUER, laundry=laundry)))
    client = httpx2.AsyncClient(transport=transport, base_url=ISSUER)
    driver = Driver(client, await first_admin(database, ring))
    sender = await driver.controller("customer_service")
    other = await driver.controller("customer_service")
    busy = Busy(url, database, driver, sender, other, await driver.agent())
    await _objections(busy)
    await _signed(busy)
    await _entries(busy, sender)
    await _entries(busy, other)
    await _voided(busy, ring)
    await _parties(busy)
    await _ways_in(busy, sender)
    await _ways_in(busy, other)
    await _refusals(busy)
    await _registers(busy)
    for party in (sender, other):
        await _lists(busy, party, laundry)
    await _erased(busy)
    rmtree(laundry.root.parent)
    while await Sequencer(database, ring.journal_key).round():
        pass
    return busy


async def done(driver: Driver, path: str, body: Any, who: Party) -> Json:
    """A POST with a key, answered, and repeated: the answer is kept as well."""
    key = token_hex(8)
    answers = [await driver.post(path, body, who, Idempotency_Key=key) for _ in range(2)]
    assert answers[0].status_code in {200, 201, 202}, answers[0].text
    assert answers[0].content == answers[1].content
    made: Json = answers[0].json()
    return made


async def _objections(busy: Busy) -> None:
    driver, agent = busy.driver, busy.agent
    rights = ["object_dm", "withdraw_objection"]
    fields: Json = {"grantor": GRANTOR, "identifiers": [PHONE], "rights": rights, "reference": "Rut-Marked-1"}
    mandate = await driver.mandate(agent, **fields)
    both = [busy.sender.id, busy.other.id]
    said: Json = {"mandate_id": mandate["id"], "kinds": ["art21_2"], "channels": "all", "controllers": both}
    identifiers = [PHONE, EMAIL, ADDRESS, REFERENCE_NO, HASHED]
    said |= {"identifiers": identifiers, "reference": "Rut-Marked-objection"}
    made = await done(driver, "/v1/objections", said, agent)
    more = {"identifiers": [{"type": "email", "value": "rut.marked.second@example.com"}]}
    await done(driver, f"/v1/objections/{made['id']}/identifiers", more, agent)
    await done(driver, f"/v1/objections/{made['id']}/withdraw", {"evidence": EVIDENCE}, agent)
    again = {**said, "controllers": "all", "identifiers": [PHONE]}
    await done(driver, "/v1/objections/batch", {"items": [said, again, {"not": "one"}]}, agent)
    revoked = await driver.mandate(agent, grantor=GRANTOR, identifiers=[EMAIL])
    reason = {"reason": "Rut-Marked changed her mind", "by": "grantor"}
    await done(driver, f"/v1/mandates/{revoked['id']}/revoke", reason, agent)
    await done(driver, f"/v1/mandates/{revoked['id']}/recheck", {}, await driver.admin())


async def _signed(busy: Busy) -> None:
    """A mandate that a person signed with BankID."""
    driver, agent = busy.driver, busy.agent
    named = {"scheme": "bankid_se", "subject": RELYING_PARTY}
    path = f"/v1/agents/{agent.id}/relying-parties"
    await done(driver, path, named, await driver.admin())
    # The authority answers when it is asked, which may be long after these tests have begun.
    request = claims(signed_at=iso(datetime.now(UTC).replace(microsecond=0)), grantor=GRANTOR)
    preview = (await driver.post("/v1/mandates/preview", request, agent)).json()
    said = Said(preview["visible_text"], preview["hidden_data"])
    evidence = {
        "kind": "bankid_se",
        "collect": {"completionData": genuine(BANK, said, person=BANK.person(RUT), number=RUT)},
    }
    made = await done(driver, "/v1/mandates", {**request, "evidence": evidence}, agent)
    assert made["level"] == "L3", made["checks"]


async def _entries(busy: Busy, party: Party) -> None:
    driver = busy.driver
    for kind, identifier in (("dnc", PHONE), ("channel_optout", EMAIL), ("service_unsub", REFERENCE_NO)):
        body: Json = {"kind": kind, "identifier": identifier, "reference": "told Rut-Marked"}
        body |= {"channels": ["sms"]} if kind == "channel_optout" else {}
        body |= {"service_id": "weekly"} if kind == "service_unsub" else {}
        made = await done(driver, "/v1/entries", body, party)
    many = {"items": [{"kind": "dnc", "identifier": one} for one in (HASHED, PHONE, {"type": "phone"})]}
    await done(driver, "/v1/entries/batch", many, party)
    await _facts(busy, party)
    release = {"reason": "Rut-Marked came back", "evidence": EVIDENCE}
    await done(driver, f"/v1/entries/{made['id']}/release", release, party)
    assert (await driver.post("/v1/entries/search", {"identifier": PHONE}, party)).status_code == 200
    asked = ["08-465 004 42", EMAIL, {"all": [PHONE, REFERENCE_NO]}, HASHED, "nobody"]
    for view in ("full", "compact"):
        await driver.look_up(party, *asked, view=view)


async def _facts(busy: Busy, party: Party) -> None:
    """A consent and a relationship that are over, and a general objection that was weighed."""
    driver = busy.driver
    consent: Json = {
        "identifier": EMAIL,
        "channels": ["email"],
        "purposes": ["marketing"],
        "evidence": EVIDENCE,
    }
    consent |= {"given_by": "person", "names_controller": True, "reference": "told Rut-Marked"}
    made = await done(driver, "/v1/consents", consent, party)
    await done(driver, "/v1/consents/batch", {"items": [{**consent, "identifier": HASHED}]}, party)
    await done(driver, f"/v1/consents/{made['id']}/withdraw", {"reference": "Rut-Marked"}, party)
    member = {"identifier": REFERENCE_NO, "kind": "member", "since": "2026-01-01T00:00:00Z"}
    made = await done(driver, "/v1/relationships", {**member, "reference": "Rut-Marked"}, party)
    await done(driver, f"/v1/relationships/{made['id']}/end", {"reference": "Rut-Marked"}, party)
    general: Json = {"kinds": ["art21_1"], "channels": "all", "controllers": [party.id], "origin": "self"}
    general |= {"identifiers": [EMAIL], "evidence": EVIDENCE}
    made = await done(driver, "/v1/objections", general, party)
    weighed = {"outcome": "rejected", "reasons": "Rut-Marked owes money"}
    await done(driver, f"/v1/objections/{made['id']}/assess", weighed, party)


async def _voided(busy: Busy, ring: KeyRing) -> None:
    driver = busy.driver
    source = await driver.source()
    await done(driver, f"/v1/sources/{source.id}/blocks", {"identifier": PHONE}, source)
    many = {"items": [{"identifier": one} for one in (PHONE, EMAIL)]}
    await done(driver, f"/v1/sources/{source.id}/blocks/batch", many, source)
    mandate = await driver.mandate(busy.agent, grantor=GRANTOR)
    lists = [busy.sender.id, busy.other.id]
    made = await driver.objection(busy.agent, mandate, lists, identifiers=[EMAIL])
    client_id, secret = await issue_first_admin(busy.database, ring.credential_key, datetime.now(UTC))
    credential = {"client_id": str(client_id), "client_secret": secret}
    second = Party("", "admin", credential, await driver.token(credential))
    for admin in (await driver.admin(), second):
        await done(driver, f"/v1/objections/{made['id']}/void", {"reason": "forged Rut-Marked"}, admin)


async def _ways_in(busy: Busy, party: Party) -> None:
    """A stop by text message and a click on a link, each of them twice, and a file that is taken back."""
    driver, secrets = busy.driver, {"username": "provider", "password": "a-password"}
    body = {"controller_id": party.id, "source": "46elks", "secrets": secrets, "defaults": {"region": "SE"}}
    made = await done(driver, "/v1/intake/connections", body, await driver.admin())
    text = {"id": "rut-marked-1", "from": PHONE["value"], "message": "STOPP rut-marked"}
    linked = {"identifier": EMAIL, "channels": ["email"], "service_id": "weekly"}
    link = (await driver.post("/v1/unsubscribe-links", linked, party)).json()["url"]
    csv = {**party.headers, "Content-Type": "text/csv"}
    file = b"identifier,type,channel\nrut.marked.third@example.com,email,email\nrut-marked,email,email\n"
    imported = await driver.client.post("/v1/imports", content=file, headers=csv)
    await done(driver, f"/v1/imports/{imported.json()['id']}/revert", None, party)
    for _ in range(2):
        assert (await driver.client.post(made["url"], data=text)).status_code == 401
        answer = await driver.client.post(made["url"], data=text, auth=("provider", "a-password"))
        assert answer.status_code == 200, answer.text
        answer = await driver.client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200, answer.text
    await done(driver, f"/v1/intake/connections/{made['id']}/revoke", None, await driver.admin())


async def _lists(busy: Busy, party: Party, laundry: Laundry) -> None:
    """A list that is streamed, and one that is washed as a file."""
    content = "name,phone\nRut Marked,08-465 004 42\nrut.marked@example.com,Rut Marked\n"
    question = {"channel": "sms", "purpose": "marketing", "region": "SE", "legal_basis_ref": "Rut-Marked 7"}
    headers = {**party.headers, "Content-Type": "text/csv"}
    for path, query in (("/v1/lookups/stream", {}), ("/v1/washes", {"client_reference": "rut-marked"})):
        answer = await busy.driver.client.post(
            path, content=content, headers=headers, params=question | query
        )
        assert answer.status_code in {200, 202}, answer.text
    while wash := await take_wash(busy.database):
        await run_wash(busy.database, laundry, wash)


async def _parties(busy: Busy) -> None:
    driver, admin = busy.driver, await busy.driver.admin()
    await driver.processor(busy.sender, busy.other)
    suspended = await driver.agent()
    await driver.post(f"/v1/agents/{suspended.id}/suspend", {"reason": "complaints"}, admin)
    client_id = suspended.credential["client_id"]
    answer = await driver.post(f"/v1/credentials/{client_id}/revoke", {}, admin)
    assert answer.status_code in {200, 201, 204}, answer.text


async def _registers(busy: Busy) -> None:
    lists = {
        "nix_phone": "phone\n08-465 004 42\n",
        "nix_post": "name,street,postal_code,city\nRut Marked,Markedgatan 7,111 22,Stockholm\n",
        "spelpaus_se": "personal_number\n20000229-2399\n",
    }
    headers = {**(await busy.driver.admin()).headers, "Content-Type": "text/csv"}
    for code, content in lists.items():
        for rest, status in (("", 201), ("Rut Marked,", 422)):
            path = f"/v1/registers/{code}/imports?version_date=2026-11-01"
            answer = await busy.driver.client.post(path, content=(content + rest).encode(), headers=headers)
            assert answer.status_code == status, answer.text


async def _erased(busy: Busy) -> None:
    """Somebody of whom both controllers have an entry, by two admins; and an old list of a register."""
    body = {"identifiers": [{"type": "email", "value": "rut.marked.third@example.com"}], "reason": "4711"}
    for _ in range(2):
        await done(busy.driver, "/v1/subjects/erase", body, await busy.driver.staff())
    headers = {**(await busy.driver.admin()).headers, "Content-Type": "text/plain"}
    path = "/v1/registers/nix_phone/imports?version_date=2026-11-02"
    answer = await busy.driver.client.post(path, content=b"08-465 004 42\n", headers=headers)
    assert answer.status_code == 201, answer.text
    (dropped,) = await drop_snapshots(busy.url, "nix_phone", date(2026, 11, 1), datetime.now(UTC))
    assert dropped.rows == 1


async def _refusals(busy: Busy) -> None:
    driver, agent = busy.driver, busy.agent
    mandate = await driver.mandate(agent, grantor=GRANTOR)
    unreadable = [{"type": "phone", "value": "rut-marked", "region": "SE"}]
    stranger = [{"type": "personal_number", "value": "196408233234", "region": "SE"}]
    for identifiers in (unreadable, stranger):
        answer = await driver.object_to(agent, mandate, "all", identifiers=identifiers)
        assert answer.status_code in {403, 422}, answer.text
    answer = await driver.object_to(agent, mandate, ["org:" + org_no()])
    assert answer.status_code == 403
    wrong = {"kind": "dnc", "identifier": PHONE, "rut_marked": 1}
    assert (await driver.post("/v1/entries", wrong, busy.sender)).status_code == 422
    assert (await driver.post("/v1/entries", wrong, agent)).status_code == 403
