"""A person is erased: a stolen database with all its keys opens nothing of them; their objections hold."""

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

from app.crypto.keys import KeyRing
from app.crypto.vault import Unsealable, Vault
from app.storage.database import Database
from tests.conftest import Clone
from tests.direct import row_counts, superuser
from tests.registry_driver import GIVEN, Driver, Json, Party, email, served

PERSON = {"type": "personal_number", "value": "19640823-3234", "region": "SE"}
GRANTOR = {"type": "personal_number", "value": "196408233234", "country": "SE", "name": "Rut Marked"}
PHONE = {"type": "phone", "value": "+46701740671"}
EMAIL = {"type": "email", "value": "rut.marked@example.com"}
MARKS = (b"marked", b"46701740671", b"6408233234", b"Marked")


async def opened(url: str, ring: KeyRing) -> Iterator[bytes]:
    """Everything that whoever has the database and the master key can read of the vault."""
    vault, connection = Vault(ring.master_key), await superuser(url)
    keys = [
        vault.unwrap(row["subject"], row["wrapped"])
        for row in await connection.fetch("SELECT subject, wrapped FROM vault.subject_key")
    ]
    sealed = [
        *(
            (row["ciphertext"], row["id"].bytes)
            for row in await connection.fetch("SELECT * FROM vault.sealed")
        ),
        *(
            (row["ciphertext"], row["event_id"].bytes + row["position"].to_bytes(4, "big"))
            for row in await connection.fetch("SELECT * FROM vault.answer")
        ),
    ]
    await connection.close()
    return _each(keys, sealed)


def _each(keys: list[bytes], sealed: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    for ciphertext, place in sealed:
        for key in keys:
            try:
                yield Vault.unseal(key, ciphertext, place)
            except Unsealable:
                continue


async def said(driver: Driver, path: str, body: Json, who: Party, status: int = 201) -> tuple[Json, str]:
    """An act with a key, so that its answer is kept as well."""
    key = token_hex(8)
    answer = await driver.post(path, body, who, Idempotency_Key=key)
    assert answer.status_code == status, answer.text
    made: Json = answer.json()
    return made, key


async def erase(driver: Driver, *identifiers: Json) -> list[Any]:
    body = {"identifiers": list(identifiers), "reason": "Request 2026-118"}
    return [await driver.post("/v1/subjects/erase", body, await driver.staff()) for _ in range(2)]


async def a_life(driver: Driver, desk: Party, agent: Party) -> tuple[Json, Json, str]:
    """All that one person can leave behind. The objection as it was asked for, answered, and its key."""
    mandate = await driver.mandate(agent, grantor=GRANTOR, identifiers=[PHONE], rights=["object_dm"])
    body: Json = {
        "mandate_id": mandate["id"],
        "kinds": ["art21_2"],
        "controllers": [desk.id],
        "channels": "all",
    }
    body |= {"identifiers": [PHONE, EMAIL], "reference": "Rut Marked"}
    made, key = await said(driver, "/v1/objections", body, agent)
    await said(driver, "/v1/objections/batch", {"items": [{**body, "controllers": "all"}]}, agent, 200)
    told = {"reference": "told Rut Marked"}
    for kind in ("dnc", "service_unsub"):
        entry = {"kind": kind, "identifier": EMAIL, "service_id": "weekly", **told}
        entered, _ = await said(driver, "/v1/entries", entry, desk)
    release = {"reason": "Rut Marked came back", "evidence": {"method": "call", "reference": "Rut Marked"}}
    await said(driver, f"/v1/entries/{entered['id']}/release", release, desk, 200)
    consent = {"identifier": EMAIL, "channels": ["email"], "purposes": ["marketing"], **GIVEN, **told}
    given, _ = await said(driver, "/v1/consents", consent, desk)
    await said(driver, f"/v1/consents/{given['id']}/withdraw", told, desk, 200)
    member: Json = {"identifier": EMAIL, "kind": "member", "since": "2026-01-01T00:00:00Z", **told}
    await said(driver, "/v1/relationships", member, desk)
    general: Json = {"kinds": ["art21_1"], "channels": "all", "controllers": [desk.id], "origin": "self"}
    general |= {"identifiers": [EMAIL], "evidence": {"method": "letter", "reference": "Rut Marked"}}
    weighed, _ = await said(driver, "/v1/objections", general, desk)
    assessment = {"outcome": "upheld", "reasons": "Rut Marked has a case"}
    await said(driver, f"/v1/objections/{weighed['id']}/assess", assessment, desk, 200)
    return body, made, key


async def test_a_worked_history_of_an_objection_and_an_erasure(scratch_url: str, ring: KeyRing) -> None:
    async with served(scratch_url, ring) as driver:
        desk, agent = await driver.controller("customer_service"), await driver.agent()
        body, made, key = await a_life(driver, desk, agent)
        assert any(mark in plain for plain in await opened(scratch_url, ring) for mark in MARKS)
        before = await driver.look_up(desk, PHONE, EMAIL)
        events = (await driver.get(f"/v1/objections/{made['id']}/events", agent)).json()
        counts = await counted(scratch_url)

        asked, done = await erase(driver, PERSON, PHONE, EMAIL)
        assert (asked.status_code, done.status_code) == (202, 200), done.text
        assert done.json()["state"] == "erased"

        assert [plain for plain in await opened(scratch_url, ring) for mark in MARKS if mark in plain] == []
        after = await driver.look_up(desk, PHONE, EMAIL)
        assert after["results"] == before["results"]
        assert [one["code"] for one in after["results"]] == ["OBJ_DM", "OBJ_DM"]
        replayed = await driver.post("/v1/objections", body, agent, Idempotency_Key=key)
        assert (replayed.status_code, replayed.json()) == (201, {"id": made["id"], "erased": True})
        shown = (await driver.get(f"/v1/objections/{made['id']}", agent)).json()
        assert (shown["state"], shown["received_at"]) == ("active", made["received_at"])
        assert [(one["canonical"], one["erased"]) for one in shown["identifiers"]] == [(None, True)] * 2
        assert (await driver.get(f"/v1/objections/{made['id']}/events", agent)).json() == events
        verified = await driver.post("/v1/receipts/verify", {"receipt": made["receipt"]})
        assert verified.json()["code"] == "VALID"
        grown = await counted(scratch_url)
        assert {name for name in counts if grown[name] < counts[name]} == {"vault.subject_key"}


async def counted(url: str) -> dict[str, int]:
    connection = await superuser(url)
    found = await row_counts(connection)
    await connection.close()
    return found


async def test_of_a_repeated_batch_the_erased_person_s_item_alone_is_gone(
    scratch_url: str, ring: KeyRing
) -> None:
    async with served(scratch_url, ring) as driver:
        desk = await driver.controller("customer_service")
        kept, gone = email(), email()
        consent = {"channels": ["sms"], "purposes": ["marketing"], **GIVEN}
        body = {"items": [{**consent, "identifier": kept}, {**consent, "identifier": gone}]}
        made, key = await said(driver, "/v1/consents/batch", body, desk, 200)
        await erase(driver, gone)
        again = (await driver.post("/v1/consents/batch", body, desk, Idempotency_Key=key)).json()
        assert again["results"] == [made["results"][0], {"index": 1, "erased": True}]
        assert again["counts"] == made["counts"]


async def test_who_shares_a_number_is_not_erased_with_the_other(scratch_url: str, ring: KeyRing) -> None:
    """A household's landline is in both mandates. Each person is erased by an identifier of their own."""
    async with served(scratch_url, ring) as driver:
        sender, agent = await driver.controller(), await driver.agent()
        made = []
        for number in ("196408233234", "200002292399"):
            grantor = {"type": "personal_number", "value": number, "country": "SE", "name": "Rut Marked"}
            mandate = await driver.mandate(agent, grantor=grantor, identifiers=[PHONE])
            made.append(await driver.objection(agent, mandate, [sender.id], identifiers=[PHONE]))
        assert (await erase(driver, PHONE))[0].json()["state"] == "nothing_held"
        _, done = await erase(driver, PERSON, PHONE)
        assert {"what": "other_people", "count": 1}.items() <= done.json()["kept"][-2].items()
        shown = [(await driver.get(f"/v1/objections/{one['id']}", agent)).json() for one in made]
        assert [one["identifiers"][0]["canonical"] for one in shown] == [None, "+46701740671"]
        assert await driver.code(sender, PHONE) == ("block", "OBJ_DM")


async def test_an_erasure_that_broke_off_is_finished_by_repeating_it(scratch_url: str, ring: KeyRing) -> None:
    """Between the agreement and the destruction the shredder is locked out; repeating goes on from there."""
    async with served(scratch_url, ring) as driver:
        desk = await driver.controller("customer_service")
        entry = (await driver.enter(desk, EMAIL)).json()
        first, second = await driver.staff(), await driver.staff()
        body = {"identifiers": [EMAIL], "reason": "Request 2026-118"}
        await driver.post("/v1/subjects/erase", body, first)
        connection = await superuser(scratch_url)
        await connection.execute("ALTER ROLE sparr_shredder NOLOGIN")
        refused = await driver.post("/v1/subjects/erase", body, second, Idempotency_Key="again")
        await connection.execute("ALTER ROLE sparr_shredder LOGIN")
        await connection.close()
        assert refused.status_code == 503
        shown = (await driver.get(f"/v1/entries/{entry['id']}", desk)).json()
        assert (shown["state"], shown["identifier"]["erased"]) == ("tombstoned", True)
        done = await driver.post("/v1/subjects/erase", body, second, Idempotency_Key="again")
        assert done.json()["state"] == "erased"
        assert not [plain for plain in await opened(scratch_url, ring) if b"marked" in plain]


async def test_an_erasure_whose_keys_are_gone_already_is_noted_by_repeating_it(
    scratch_url: str, ring: KeyRing
) -> None:
    """It broke off between the destruction and the note that it was done."""
    async with served(scratch_url, ring) as driver:
        await driver.enter(await driver.controller("customer_service"), EMAIL)
        body = {"identifiers": [EMAIL], "reason": "Request 2026-118"}
        connection = await superuser(scratch_url)
        await connection.execute("ALTER ROLE sparr_shredder NOLOGIN")
        answers = [await driver.post("/v1/subjects/erase", body, await driver.staff()) for _ in range(2)]
        assert [one.status_code for one in answers] == [202, 503]
        agreed = "SELECT subject FROM registry.erasure_subject"
        await connection.execute(f"DELETE FROM vault.subject_key WHERE subject IN ({agreed})")  # noqa: S608 - both are constants
        await connection.execute("ALTER ROLE sparr_shredder LOGIN")
        done = await driver.post("/v1/subjects/erase", body, await driver.staff())
        assert (done.status_code, done.json()["state"]) == (200, "erased")
        states = await connection.fetch("SELECT state FROM registry.erasure_state ORDER BY ordinal")
        assert [row["state"] for row in states] == ["requested", "approved", "erased"]
        await connection.close()


async def test_a_key_made_after_the_agreement_is_not_destroyed_by_a_late_repeat(
    scratch: Database, scratch_url: str
) -> None:
    connection = await superuser(scratch_url)
    subject = await connection.fetchval(
        "INSERT INTO vault.subject_key (subject, wrapped, created_at)"
        " VALUES (gen_random_uuid(), 'x', now()) RETURNING subject"
    )
    made = await connection.fetchval("SELECT created_at FROM vault.subject_key WHERE subject = $1", subject)
    earlier = await connection.fetchval("SELECT now() - interval '1 minute'")
    async with scratch.shred() as shredder:
        assert await shredder.destroy([subject], earlier) == 0
    async with scratch.shred() as shredder:
        assert await shredder.destroy([subject], made) == 1
    await connection.close()


async def test_the_registry_s_own_key_is_never_destroyed(scratch: Database, scratch_url: str) -> None:
    connection = await superuser(scratch_url)
    nobody = "00000000-0000-0000-0000-000000000000"
    await connection.execute(
        "INSERT INTO vault.subject_key (subject, wrapped, created_at) VALUES ($1, 'x', now())"
        " ON CONFLICT DO NOTHING",
        nobody,
    )
    rows = await connection.fetch("SELECT subject FROM vault.subject_key")
    async with scratch.shred() as shredder:
        until = await connection.fetchval("SELECT now() + interval '1 day'")
        await shredder.destroy([row["subject"] for row in rows], until)
    left = await connection.fetch("SELECT subject FROM vault.subject_key")
    assert [str(row["subject"]) for row in left] == [nobody]
    await connection.close()


async def test_an_admin_of_a_controller_does_not_erase_what_stands_against_it(
    clone: Clone, ring: KeyRing
) -> None:
    async with served(await clone(), ring) as driver:
        desk = await driver.controller("customer_service")
        await driver.enter(desk, EMAIL)
        own = await driver.credential(desk.id, "admin")
        body = {"identifiers": [EMAIL], "reason": "Request 2026-118"}
        refused = await driver.post("/v1/subjects/erase", body, own)
        assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_DENIED")
