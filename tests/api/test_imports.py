"""What a controller knew before it came here: files of opt-outs, taken in whole and taken back whole."""

import json
from secrets import token_hex
from typing import Any

import httpx2
import pytest

from tests.api.providers import BASIC, connect
from tests.registry_driver import Driver, Json, Party


@pytest.fixture
async def desk(registry: Driver) -> Party:
    return await registry.controller("customer_service")


async def bring(
    registry: Driver, desk: Party, content: str | bytes, media: str = "text/csv", **query: str
) -> httpx2.Response:
    headers = {**desk.headers, "Content-Type": media}
    sent = content.encode() if isinstance(content, str) else content
    return await registry.client.post("/v1/imports", content=sent, headers=headers, params=query)


async def brought(registry: Driver, desk: Party, content: str, **query: str) -> Json:
    answer = await bring(registry, desk, content, **query)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def revert(registry: Driver, desk: Party, import_id: str) -> httpx2.Response:
    return await registry.post(f"/v1/imports/{import_id}/revert", None, desk)


async def decision(registry: Driver, desk: Party, address: str) -> str:
    return (await registry.code(desk, {"type": "email", "value": address}, channel="email"))[0]


def somebody() -> str:
    return f"{token_hex(6)}@example.com"


# Each with the columns of a real export, a row that is a wish, and rows that are none.
EXPORTS = {
    "sendgrid": "email,created\n{0},1700000000\n",
    "mailgun": "address,tags,created_at\n{0},*,Thu 01 Jan 2026 10:00:00 UTC\n",
    "amazon_ses": "EmailAddress,Reason,LastUpdateTime\n{0},COMPLAINT,2026-01-01\n{1},BOUNCE,2026-01-01\n",
    "postmark": "EmailAddress,SuppressionReason,Origin,CreatedAt\n"
    "{0},ManualSuppression,Recipient,2026-01-01\n{1},HardBounce,Recipient,2026-01-01\n",
    "listmonk": "uuid,email,name,attributes,status,created_at\n"
    'u1,{0},A,"{{""a"": ""b, c""}}",blocklisted,2026-01-01\nu2,{1},B,{{}},enabled,2026-01-01\n',
    "mailchimp": '"Email Address","First Name",UNSUB_TIME\n"{0}","Anna, B","2026-01-01 10:00:00"\n',
    "own": "identifier,type,channel\n{0},email,email\n",
}


@pytest.mark.parametrize("layout", EXPORTS)
async def test_an_export_is_known_by_its_columns(registry: Driver, desk: Party, layout: str) -> None:
    left, stayed = somebody(), somebody()
    made = await brought(registry, desk, EXPORTS[layout].format(left, stayed))
    assert made["layout"] == layout
    assert made["counts"]["new_entries"] == 1
    assert made["counts"]["rows"] == 1 + made["counts"]["passed_over"]
    assert await decision(registry, desk, left) == "block"
    assert await decision(registry, desk, stayed) == "allow"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "email\na@example.com\n",
        "status,reason,email,created\n5.1.1,gone,a@example.com,1\n",
        "address,tags,created_at,code,error\na@example.com,*,x,550,gone\n",
        "email,email,created\na@example.com,b@example.com,1\n",
        b"email,created\n\xff\xfe,1\n",
        'email,created\n"a@example.com,1\n',
    ],
)
async def test_a_file_that_is_not_known_changes_nothing(
    registry: Driver, desk: Party, content: str | bytes
) -> None:
    answer = await bring(registry, desk, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "UNREADABLE_FILE")


async def test_a_row_that_cannot_be_read_is_told_by_line_and_never_by_content(
    registry: Driver, desk: Party
) -> None:
    good = somebody()
    rows = [f"{good},email,email", "secret-name,email,email", "+46701740605,phone,pigeon", "short"]
    rows += ["070-174 06 06,phone,sms", "a@b,fax-machine,sms"]
    answer = await bring(registry, desk, "identifier,type,channel\n" + "\n".join(rows))
    made = answer.json()
    assert made["rejected"] == [
        {"line": 3, "reason": "NOT_AN_ADDRESS"},
        {"line": 4, "reason": "UNKNOWN_CHANNEL"},
        {"line": 5, "reason": "BAD_ROW"},
        {"line": 6, "reason": "AMBIGUOUS_REGION"},
        {"line": 7, "reason": "UNKNOWN_TYPE"},
    ]
    assert "secret-name" not in answer.text
    assert await decision(registry, desk, good) == "block"


async def test_twenty_rejected_rows_are_shown_and_all_are_counted(registry: Driver, desk: Party) -> None:
    made = await brought(registry, desk, "email,created\n" + "nobody,1\n" * 50)
    assert (len(made["rejected"]), made["counts"]["rejected"]) == (20, 50)


async def test_a_spreadsheet_and_national_numbers_are_read(registry: Driver, desk: Party) -> None:
    content = "\ufeffIdentifier;Type;Channel\r\n070-174 06 07;phone;sms\r\n;;\r\n070-174 06 08;phone;all\r\n"
    made = await brought(registry, desk, content, region="SE")
    assert made["counts"]["new_entries"] == 2
    assert (await registry.code(desk, "+46701740607"))[0] == "block"
    assert (await registry.code(desk, "+46701740607", channel="voice_live"))[0] == "allow"
    assert (await registry.code(desk, "+46701740608", channel="voice_live"))[0] == "block"


async def test_one_object_in_each_line_is_read_too(registry: Driver, desk: Party) -> None:
    left = somebody()
    lines = [{"EmailAddress": left, "Reason": "COMPLAINT", "LastUpdateTime": "2026-01-01"}, [], {"x": 1}]
    content = "\n".join(json.dumps(line) for line in lines) + "\n{\n"
    answer = await bring(registry, desk, content, "application/x-ndjson")
    assert answer.status_code == 201, answer.text
    assert answer.json()["counts"] == {
        "rows": 4,
        "new_entries": 1,
        "standing": 0,
        "passed_over": 1,
        "rejected": 2,
    }
    assert await decision(registry, desk, left) == "block"


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(registry: Driver, desk: Party) -> None:
    known, new = somebody(), somebody()
    await brought(registry, desk, f"email,created\n{known},1\n")
    content = f"email,created\n{known},1\n{new},1\n{new},2\nnobody,1\n"
    answer = await bring(registry, desk, content, dry_run="true")
    tried = answer.json()
    assert (answer.status_code, tried["id"], tried["dry_run"]) == (200, None, True)
    assert await decision(registry, desk, new) == "allow"
    done = await brought(registry, desk, content)
    assert tried["counts"] == done["counts"]
    assert tried["rejected"] == done["rejected"]


async def test_taking_an_import_back_releases_what_it_alone_put_in_force(
    registry: Driver, desk: Party
) -> None:
    before, alone = somebody(), somebody()
    await registry.enter(desk, {"type": "email", "value": before}, "channel_optout", channels=["email"])
    made = await brought(registry, desk, f"email,created\n{before},1\n{alone},1\n")
    assert made["counts"]["standing"] == 1
    answer = await revert(registry, desk, made["id"])
    assert (answer.status_code, answer.json()["released"]) == (200, 1)
    assert await decision(registry, desk, alone) == "allow"
    assert await decision(registry, desk, before) == "block"
    assert (await revert(registry, desk, made["id"])).json()["code"] == "STATE_CONFLICT"


async def test_whoever_said_it_again_since_then_stays_blocked(registry: Driver, desk: Party) -> None:
    clicked, told, wrote = somebody(), somebody(), "+46701740610"
    content = "identifier,type,channel\n"
    content += f"{clicked},email,email\n{told},email,email\n{wrote},phone,sms\n"
    made = await brought(registry, desk, content)
    wanted = {"identifier": {"type": "email", "value": clicked}, "channels": ["email"]}
    link = (await registry.post("/v1/unsubscribe-links", wanted, desk)).json()["url"]
    await registry.client.post(link, data={"List-Unsubscribe": "One-Click"})
    await registry.enter(desk, {"type": "email", "value": told}, "channel_optout", channels=["email"])
    line = await connect(registry, desk, "46elks", BASIC)
    text = {"id": token_hex(8), "from": wrote, "message": "stopp"}
    await registry.client.post(line.url, data=text, headers=line.basic())
    assert (await revert(registry, desk, made["id"])).json()["released"] == 0
    assert await decision(registry, desk, clicked) == "block"
    assert await decision(registry, desk, told) == "block"
    assert (await registry.code(desk, wrote))[0] == "block"


@pytest.mark.parametrize("first", [0, 1])
async def test_what_stands_in_two_imports_ends_with_the_second_that_is_taken_back(
    registry: Driver, desk: Party, first: int
) -> None:
    who = somebody()
    made = [await brought(registry, desk, f"email,created\n{who},1\n") for _ in range(2)]
    await revert(registry, desk, made[first]["id"])
    assert await decision(registry, desk, who) == "block"
    await revert(registry, desk, made[1 - first]["id"])
    assert await decision(registry, desk, who) == "allow"
    await brought(registry, desk, f"email,created\n{who},1\n")
    assert await decision(registry, desk, who) == "block"


async def test_an_import_of_another_controller_is_not_there(registry: Driver, desk: Party) -> None:
    made = await brought(registry, desk, f"email,created\n{somebody()},1\n")
    stranger = await registry.controller("customer_service")
    assert (await revert(registry, stranger, made["id"])).json()["code"] == "NOT_FOUND"
    sender = await registry.credential(desk.id, "sender")
    assert (await bring(registry, sender, "email,created\n")).json()["code"] == "ROLE_DENIED"


async def test_the_same_request_again_is_the_same_import(registry: Driver, desk: Party) -> None:
    content, key = f"email,created\n{somebody()},1\n", {"Idempotency-Key": token_hex(8)}
    headers: Any = {**desk.headers, "Content-Type": "text/csv", **key}
    first, again = [
        await registry.client.post("/v1/imports", content=content.encode(), headers=headers) for _ in range(2)
    ]
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


async def test_twenty_thousand_rows_come_in_at_once_and_not_one_more(registry: Driver, desk: Party) -> None:
    rows = "".join(f"n{n}-{desk.id}@example.com,1\n" for n in range(20_000))
    made = await brought(registry, desk, "email,created\n" + rows)
    assert made["counts"]["new_entries"] == 20_000
    more = await bring(registry, desk, f"email,created\n{rows}a@example.com,1\n")
    assert (more.status_code, more.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert "20000" in more.json()["detail"]
    assert (await revert(registry, desk, made["id"])).json()["released"] == 20_000


async def test_a_file_that_is_imported_again_says_nothing_new_after_a_consent(
    registry: Driver, desk: Party
) -> None:
    left = somebody()
    file = EXPORTS["own"].format(left)
    await brought(registry, desk, file)
    await registry.consent(desk, {"type": "email", "value": left}, channels=["email"])
    assert (await brought(registry, desk, file))["counts"]["new_entries"] == 0
    assert await decision(registry, desk, left) == "allow"
