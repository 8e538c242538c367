"""Files are handed in and washed meanwhile: their results are whole, private, and gone after a time."""

import base64
import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from stat import S_IMODE
from uuid import UUID

import pytest

from app.storage.database import Database
from app.usecases import receive_wash
from app.usecases.expire_washes import expire
from app.usecases.receive_wash import Laundry
from tests.api.washes.driving import LIST, OTHER, do_all, ended, file, hand_in, handed_in
from tests.registry_driver import PHONE, Driver, Party


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


FORM = "multipart/form-data; boundary=b"


def form(
    content: bytes, name: str = "file", filename: str = "list.csv", end: bytes = b"\r\n--b--\r\n"
) -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    return head.encode() + content + end


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize("packed", [False, True])
async def test_a_form_with_a_file_is_the_same_as_the_file(
    registry: Driver, desk: Party, *, packed: bool
) -> None:
    content = gzip.compress(LIST.encode()) if packed else LIST.encode()
    body = form(content, filename="list.csv.gz" if packed else "List.CSV")
    wash_id = await handed_in(registry, desk, body, FORM)
    assert (await ended(registry, desk, wash_id))["counts"]["asked"] == 4
    assert await handed_in(registry, desk, body, FORM, client_reference="form") == await handed_in(
        registry, desk, client_reference="form"
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (form(LIST.encode(), name="other"), 400),
        (form(LIST.encode(), filename="list.xlsx"), 415),
        (form(LIST.encode(), end=b""), 400),
        (form(LIST.encode(), end=b"\r\n") + form(LIST.encode()), 400),
        (b"--b--\r\n", 400),
        (LIST.encode(), 400),
    ],
    ids=["another part", "no list", "not whole", "two parts", "no part", "no form"],
)
async def test_a_form_that_is_anything_else_is_refused_and_leaves_no_file(
    registry: Driver, desk: Party, laundry: Laundry, body: bytes, status: int
) -> None:
    before = set(laundry.root.iterdir()) if laundry.root.exists() else set()
    answer = await hand_in(registry, desk, body, FORM)
    assert answer.status_code == status, answer.text
    assert OTHER not in answer.text
    assert (set(laundry.root.iterdir()) if laundry.root.exists() else set()) == before


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
