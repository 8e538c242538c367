"""Files are handed in and washed meanwhile: their results are whole, private, and gone after a time."""

import asyncio
import base64
import gzip
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from stat import S_IMODE
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from app.crypto.keys import KeyRing
from app.jobs.washes import work
from app.main import create_app, deployment
from app.storage.database import Database
from app.storage.wash_folder import WashFolder
from app.usecases import receive_wash, run_wash
from app.usecases.expire_washes import expire
from app.usecases.receive_wash import Laundry
from tests.registry_driver import ISSUER, PHONE, Driver, Json, Party, first_admin

OTHER = "+46701740606"
LIST = f"id,phone\n1,{PHONE}\n2,{OTHER}\n3,nobody\n1,{PHONE}\n"


@pytest.fixture(scope="module")
def laundry(tmp_path_factory: pytest.TempPathFactory) -> Laundry:
    return Laundry(tmp_path_factory.mktemp("data") / "washes", timedelta(hours=24))


@pytest.fixture(scope="module")
async def registry(database: Database, ring: KeyRing, laundry: Laundry) -> AsyncIterator[Driver]:
    parts = deployment(database, ring, ISSUER, laundry=laundry)
    transport = httpx2.ASGITransport(create_app(parts), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield Driver(client, await first_admin(database, ring))


@pytest.fixture
async def working(database: Database, laundry: Laundry) -> AsyncIterator[None]:
    """Somebody who does the washes."""
    task = asyncio.create_task(work(database, laundry))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def desk(registry: Driver) -> Party:
    made = await registry.controller("customer_service")
    assert (await registry.enter(made, {"type": "phone", "value": PHONE})).status_code == 201
    return made


async def hand_in(
    registry: Driver, sender: Party, content: Any = LIST, media: str = "text/csv", **fields: Any
) -> httpx2.Response:
    encoding = fields.pop("encoding", None)
    headers = {**sender.headers, "Content-Type": media} | ({"Content-Encoding": encoding} if encoding else {})
    params = {"channel": "sms", "purpose": "marketing", "region": "SE", **fields}
    return await registry.client.post("/v1/washes", content=content, headers=headers, params=params)


async def handed_in(registry: Driver, sender: Party, *args: Any, **fields: Any) -> str:
    answer = await hand_in(registry, sender, *args, **fields)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/washes/{answer.json()['id']}"
    return str(answer.json()["id"])


async def ended(registry: Driver, sender: Party, wash_id: str) -> Json:
    async with asyncio.timeout(30):
        while True:
            found: Json = (await registry.get(f"/v1/washes/{wash_id}", sender)).json()
            if found["state"] in {"done", "failed"}:
                return found
            await asyncio.sleep(0.05)


async def file(registry: Driver, sender: Party, wash_id: str, name: str) -> httpx2.Response:
    return await registry.get(f"/v1/washes/{wash_id}/files/{name}", sender)


@pytest.mark.usefixtures("working")
async def test_a_file_is_washed_and_its_rows_are_parted(registry: Driver, desk: Party) -> None:
    wash_id = await handed_in(registry, desk)
    found = await ended(registry, desk, wash_id)
    assert found["counts"] == {"asked": 4, "allow": 1, "block": 3, "invalid": 1}
    assert (found["state"], found["progress"]) == ("done", {"rows": 4, "done": 4})
    assert found["as_of"]
    assert found["files"] == ["annotated", "allowed", "blocked", "rejected"]
    rows = {
        "annotated": f"1,{PHONE},block,DNC_INTERNAL\n2,{OTHER},allow,NO_OBJECTION_FOUND\n"
        f"3,nobody,block,INPUT_INVALID\n1,{PHONE},block,DNC_INTERNAL\n",
        "allowed": f"2,{OTHER},allow,NO_OBJECTION_FOUND\n",
        "blocked": f"1,{PHONE},block,DNC_INTERNAL\n" * 2,
        "rejected": "3,nobody,block,INPUT_INVALID\n",
    }
    for name, said in rows.items():
        answer = await file(registry, desk, wash_id, name)
        assert answer.text == "id,phone,decision,code\n" + said
        assert answer.headers["content-type"].startswith("text/csv")


@pytest.mark.usefixtures("working")
async def test_the_receipt_is_about_the_list_and_the_annotated_file(registry: Driver, desk: Party) -> None:
    wash_id = await handed_in(registry, desk)
    found = await ended(registry, desk, wash_id)
    kept = (await registry.get(f"/v1/receipts/{found['lookup_id']}", desk)).json()["receipt"]
    payload = kept.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    annotated = (await file(registry, desk, wash_id, "annotated")).content
    assert claims["request_sha256"] == hashlib.sha256(LIST.encode()).hexdigest()
    assert claims["answer_sha256"] == hashlib.sha256(annotated).hexdigest()
    assert (claims["asked"], claims["blocked"]) == (4, 3)


@pytest.mark.usefixtures("working")
async def test_lines_of_json_and_packed_lists_are_washed_too(registry: Driver, desk: Party) -> None:
    lines = f'"{PHONE}"\n{{"type":"phone","value":"{OTHER}","mine":1}}\n'
    wash_id = await handed_in(
        registry, desk, gzip.compress(lines.encode()), "application/x-ndjson", encoding="gzip"
    )
    assert (await ended(registry, desk, wash_id))["state"] == "done"
    allowed = (await file(registry, desk, wash_id, "allowed")).text
    assert [json.loads(line)["mine"] for line in allowed.splitlines()] == [1]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (gzip.compress(b"phone\n" + bytes(200_000_000)), 413, "BODY_TOO_LARGE"),
        (gzip.compress(LIST.encode())[:-9], 400, "BAD_REQUEST"),
        (LIST.encode(), 400, "BAD_REQUEST"),
    ],
    ids=["a bomb", "not whole", "not packed"],
)
async def test_what_bursts_or_breaks_off_is_refused_and_leaves_no_file(
    registry: Driver, desk: Party, laundry: Laundry, content: bytes, status: int, code: str
) -> None:
    before = set(laundry.root.iterdir()) if laundry.root.exists() else set()
    answer = await hand_in(registry, desk, content, encoding="gzip")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(laundry.root.iterdir()) == before


async def test_a_file_has_a_largest_size(
    registry: Driver, desk: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive_wash, "LARGEST_FILE", 20)
    answer = await hand_in(registry, desk)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_the_same_list_under_the_same_reference_is_the_same_wash(
    registry: Driver, desk: Party, laundry: Laundry
) -> None:
    first = await handed_in(registry, desk, client_reference="march")
    folders = set(laundry.root.iterdir())
    assert await handed_in(registry, desk, client_reference="march") == first
    assert set(laundry.root.iterdir()) == folders
    for content, fields in ((LIST + "4,1\n", {}), (LIST, {"channel": "voice_live"})):
        other = await hand_in(registry, desk, content, client_reference="march", **fields)
        assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")
    stranger = await registry.controller()
    assert await handed_in(registry, stranger, client_reference="march") != first


async def test_a_wash_of_another_controller_is_not_there(registry: Driver, desk: Party) -> None:
    wash_id = await handed_in(registry, desk)
    stranger = await registry.controller()
    for path in (f"/v1/washes/{wash_id}", f"/v1/washes/{wash_id}/files/allowed"):
        assert (await registry.get(path, stranger)).status_code == 404
    assert (await registry.post(f"/v1/washes/{wash_id}/recheck", None, stranger)).status_code == 404
    processor = await registry.processor(desk)
    assert (await registry.get(f"/v1/washes/{wash_id}", processor)).status_code == 200


async def test_who_may_not_look_up_may_not_wash(registry: Driver, desk: Party) -> None:
    wash_id = await handed_in(registry, desk)
    for one in (await registry.agent(), await registry.staff("auditor"), await registry.admin()):
        answer = await hand_in(registry, Party(desk.id, one.role, one.credential, one.token))
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_DENIED")
        assert (await registry.get(f"/v1/washes/{wash_id}", one)).status_code == 403


async def test_before_it_is_done_there_is_no_file(registry: Driver, desk: Party) -> None:
    wash_id = await handed_in(registry, desk)
    answer = await file(registry, desk, wash_id, "allowed")
    assert (answer.status_code, answer.json()["code"]) == (409, "STATE_CONFLICT")
    answer = await registry.post(f"/v1/washes/{wash_id}/recheck", None, desk)
    assert (answer.status_code, answer.json()["code"]) == (409, "STATE_CONFLICT")
    assert (await file(registry, desk, wash_id, "plan")).status_code == 422


@pytest.mark.usefixtures("working")
async def test_a_wash_that_cannot_be_whole_fails_and_leaves_nothing(
    registry: Driver, desk: Party, laundry: Laundry
) -> None:
    rows = "".join(f"{n},{OTHER}\n" for n in range(100_000))
    wash_id = await handed_in(registry, desk, f'id,phone\n{rows}"{"x" * 200_000}",1\n')
    found = await ended(registry, desk, wash_id)
    assert (found["state"], found["code"], found["files"]) == ("failed", "UNREADABLE_FILE", [])
    assert (await file(registry, desk, wash_id, "allowed")).status_code == 409
    assert not laundry.folder(UUID(wash_id)).path("list").exists()


async def test_a_credential_that_was_revoked_washes_nothing_more(
    registry: Driver, desk: Party, database: Database, laundry: Laundry
) -> None:
    sender = await registry.credential(desk.id, "sender")
    wash_id = await handed_in(registry, sender)
    path = f"/v1/credentials/{sender.credential['client_id']}/revoke"
    await registry.post(path, {}, await registry.admin())
    await do_all(database, laundry)
    found = (await registry.get(f"/v1/washes/{wash_id}", desk)).json()
    assert (found["state"], found["code"]) == ("failed", "UNAUTHENTICATED")


async def do_all(database: Database, laundry: Laundry) -> None:
    while wash := await run_wash.take_wash(database):
        await run_wash.run_wash(database, laundry, wash)


@pytest.mark.usefixtures("working")
async def test_the_files_are_private(registry: Driver, desk: Party, laundry: Laundry) -> None:
    wash_id = await handed_in(registry, desk)
    await ended(registry, desk, wash_id)
    folder = laundry.root / wash_id
    assert {S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {S_IMODE(path.stat().st_mode) for path in (folder, laundry.root)} == {0o700}


@pytest.mark.usefixtures("working")
async def test_files_are_erased_after_their_time_and_the_receipt_stays(
    registry: Driver, desk: Party, laundry: Laundry, database: Database
) -> None:
    wash_id = await handed_in(registry, desk)
    found = await ended(registry, desk, wash_id)
    left = laundry.folder(UUID(int=7))
    left.make()
    await expire(database, laundry, datetime.now(UTC) + timedelta(hours=23))
    assert (await file(registry, desk, wash_id, "allowed")).status_code == 200
    await expire(database, laundry, datetime.now(UTC) + timedelta(hours=25))
    assert list(laundry.root.iterdir()) == []
    assert (await registry.get(f"/v1/washes/{wash_id}", desk)).json()["state"] == "erased"
    assert (await file(registry, desk, wash_id, "allowed")).status_code == 404
    assert (await registry.get(f"/v1/receipts/{found['lookup_id']}", desk)).status_code == 200


@pytest.mark.usefixtures("working")
async def test_a_recheck_has_the_rows_whose_answer_changed(registry: Driver, desk: Party) -> None:
    wash_id = await handed_in(registry, desk)
    await ended(registry, desk, wash_id)
    nothing = (await registry.post(f"/v1/washes/{wash_id}/recheck", None, desk)).json()
    found = await ended(registry, desk, nothing["id"])
    assert found["counts"] == {"asked": 4, "allow": 1, "block": 3, "invalid": 1}
    assert (await file(registry, desk, found["id"], "annotated")).text == "id,phone,decision,code\n"
    assert (await registry.enter(desk, {"type": "phone", "value": OTHER})).status_code == 201
    again = (await registry.post(f"/v1/washes/{wash_id}/recheck", None, desk)).json()
    found = await ended(registry, desk, again["id"])
    assert found["recheck_of"] == wash_id
    assert found["counts"] == {"asked": 4, "allow": 0, "block": 4, "invalid": 1}
    said = (await file(registry, desk, found["id"], "annotated")).text
    assert said == f"id,phone,decision,code\n2,{OTHER},block,DNC_INTERNAL\n"
    assert (await file(registry, desk, found["id"], "allowed")).text == "id,phone,decision,code\n"


class KilledError(Exception):
    """What a kill is to whoever is killed: nothing after it happens."""


@pytest.mark.parametrize("media", ["text/csv", "application/x-ndjson"])
async def test_a_wash_that_was_cut_off_goes_on_to_the_same_result(
    registry: Driver,
    desk: Party,
    database: Database,
    laundry: Laundry,
    monkeypatch: pytest.MonkeyPatch,
    media: str,
) -> None:
    numbers = [f"+46701740{605 + n % 95}" for n in range(45_000)]
    rows = "".join(f'{n},"a\n{n}",{one}\n' for n, one in enumerate(numbers))
    csv = f"\ufeffid,note,phone\n{rows}"
    content = csv if media == "text/csv" else "".join(f'"{one}"\n' for one in numbers)
    monkeypatch.setattr(run_wash, "_PAUSE", 0.0)
    whole = await handed_in(registry, desk, content.encode(), media)
    await do_all(database, laundry)
    cut = await handed_in(registry, desk, content.encode(), media)
    kills = iter([1, 2, 1])
    note = run_wash._Run.note

    for _ in range(3):
        left = next(kills)

        async def killed(run: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                run.results.append(dict.fromkeys(["annotated", "allowed"], b"cut off in the middle of a ro"))
                run.results.settle()
                raise KilledError
            await note(run)

        monkeypatch.setattr(run_wash._Run, "note", killed)
        wash = await run_wash.take_wash(database)
        assert wash is not None
        with pytest.raises(KilledError):
            await run_wash.run_wash(database, laundry, wash)
        async with database.write() as unit:
            await unit.run(text("UPDATE ops.wash SET claimed_until = created_at WHERE state = 'running'"))
    monkeypatch.setattr(run_wash._Run, "note", note)
    await do_all(database, laundry)
    assert (await ended(registry, desk, cut))["counts"] == (await ended(registry, desk, whole))["counts"]
    for name in ("annotated", "allowed", "blocked", "rejected"):
        one, other = [(await file(registry, desk, one, name)).content for one in (whole, cut)]
        assert one == other
        assert b"cut off" not in other
    assert (await ended(registry, desk, cut))["progress"] == {"rows": 45_000, "done": 45_000}


async def test_of_two_who_believe_that_a_wash_is_theirs_one_stops(
    registry: Driver, desk: Party, database: Database, laundry: Laundry
) -> None:
    wash_id = await handed_in(registry, desk)
    wash = await run_wash.take_wash(database)
    assert wash is not None
    with WashFolder(laundry.root, UUID(wash_id)).taken():
        await run_wash.run_wash(database, laundry, wash)
    assert (await registry.get(f"/v1/washes/{wash_id}", desk)).json()["state"] == "running"
    async with database.write() as unit:
        sql = "UPDATE ops.wash SET claim = :other WHERE id = :id"
        await unit.run(text(sql), {"other": UUID(int=1), "id": wash.id})
    await run_wash.run_wash(database, laundry, wash)
    assert (await registry.get(f"/v1/washes/{wash_id}", desk)).json()["state"] == "running"
    async with database.write() as unit:
        await unit.run(text("UPDATE ops.wash SET claimed_until = created_at WHERE state = 'running'"))
    await do_all(database, laundry)
    assert (await registry.get(f"/v1/washes/{wash_id}", desk)).json()["state"] == "done"
