"""One-click unsubscribe (RFC 8058): a link in a message, and one click that is a wish."""

import json
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from tests.api.providers import journal
from tests.direct import superuser
from tests.registry_driver import ISSUER, Driver, Json, Party, email
from tests.storage.logins import relations, select

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
async def sender(registry: Driver) -> Party:
    return await registry.controller()


async def link(registry: Driver, sender: Party, identifier: Json, **fields: Any) -> Json:
    body = {"identifier": identifier, "channels": ["email"], **fields}
    answer = await registry.post("/v1/unsubscribe-links", body, sender)
    assert answer.status_code == 200, answer.text
    made: Json = answer.json()
    return made


async def click(registry: Driver, url: str) -> httpx2.Response:
    return await registry.client.post(url, data=ONE_CLICK, follow_redirects=False)


async def test_one_click_ends_the_channel_and_can_be_repeated(registry: Driver, sender: Party) -> None:
    who = email()
    made = await link(registry, sender, who)
    assert (await registry.code(sender, who, channel="email"))[0] == "allow"
    for _ in range(2):
        answer = await click(registry, made["url"])
        assert (answer.status_code, answer.history) == (200, [])
    assert await registry.code(sender, who, channel="email") == ("block", "CHANNEL_OPTOUT")
    desk = await registry.desk(sender)
    found = await registry.post("/v1/entries/search", {"identifier": who}, desk)
    assert [one["kind"] for one in found.json()["items"]] == ["channel_optout"]


async def test_a_click_after_a_consent_is_a_new_wish(registry: Driver, sender: Party) -> None:
    who, desk = email(), await registry.desk(sender)
    made = await link(registry, sender, who)
    await click(registry, made["url"])
    await registry.consent(desk, who, channels=["email"])
    assert (await registry.code(sender, who, channel="email"))[0] == "allow"
    for _ in range(2):
        await click(registry, made["url"])
        assert await registry.code(sender, who, channel="email") == ("block", "CHANNEL_OPTOUT")
    found = await registry.post("/v1/entries/search", {"identifier": who}, desk)
    assert len(found.json()["items"]) == 2


async def test_the_headers_are_those_of_rfc_8058(registry: Driver, sender: Party) -> None:
    made = await link(registry, sender, email())
    assert made["headers"] == {
        "List-Unsubscribe": f"<{made['url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert made["url"].startswith(f"{ISSUER}/u/")
    assert len(made["url"]) < 300


async def test_a_link_of_a_service_ends_that_service_alone(registry: Driver, sender: Party) -> None:
    who = email()
    await click(registry, (await link(registry, sender, who, service_id="newsletter"))["url"])
    asked = {"channel": "email", "purpose": "service"}
    assert await registry.code(sender, who, **asked, service_id="newsletter") == ("block", "SERVICE_UNSUB")
    assert (await registry.code(sender, who, **asked, service_id="invoices"))[0] == "allow"


async def test_a_form_in_several_parts_is_one_click_too(registry: Driver, sender: Party) -> None:
    who = email()
    made = await link(registry, sender, who)
    parts = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await registry.client.post(made["url"], content=parts, headers=headers)).status_code == 200
    assert (await registry.code(sender, who, channel="email"))[0] == "block"


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"", "application/x-www-form-urlencoded", 400),
        (b"List-Unsubscribe=Maybe", "application/x-www-form-urlencoded", 400),
        (b"list=1&%ff=%fe", "application/x-www-form-urlencoded", 400),
        (b"--x", "multipart/form-data", 400),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 400),
        (b"{}", "application/json", 415),
        (b"x" * 9000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_what_is_not_one_click_changes_nothing(
    registry: Driver, sender: Party, content: bytes, media: str, status: int
) -> None:
    who = email()
    made = await link(registry, sender, who)
    answer = await registry.client.post(made["url"], content=content, headers={"Content-Type": media})
    assert answer.status_code == status
    assert (await registry.code(sender, who, channel="email"))[0] == "allow"


@pytest.mark.parametrize(
    ("accepted", "language", "word"),
    [
        ("sv-SE,sv;q=0.9,en;q=0.8", "sv", "Avsluta"),
        ("de, da;q=0.5, en;q=0.4", "da", "Afmeld"),
        ("nn-NO", "nb", "Meld deg av"),
        ("en;q=x, no", "nb", "Meld deg av"),
        ("", "en", "Unsubscribe"),
        ("fr;q=1.0, sv;q=0", "en", "Unsubscribe"),
    ],
)
async def test_opening_a_link_shows_a_page_in_the_persons_language_and_changes_nothing(
    registry: Driver, sender: Party, accepted: str, language: str, word: str
) -> None:
    who = email()
    made = await link(registry, sender, who)
    answer = await registry.client.get(made["url"], headers={"Accept-Language": accepted})
    assert (answer.status_code, answer.headers["content-language"]) == (200, language)
    assert word in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert who["value"] not in answer.text
    assert (await registry.code(sender, who, channel="email"))[0] == "allow"


async def test_the_button_of_the_page_is_one_click(registry: Driver, sender: Party) -> None:
    made = await link(registry, sender, email())
    shown = (await registry.client.get(made["url"])).text
    assert '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">' in shown


@pytest.mark.parametrize("change", ["x", "cut", "flip", "empty", "long", "other alphabet"])
async def test_a_token_that_this_registry_did_not_make_leads_nowhere(
    registry: Driver, sender: Party, change: str
) -> None:
    token = (await link(registry, sender, email()))["url"].rpartition("/")[2]
    changed = {
        "x": "x",
        "cut": token[:-4],
        "flip": ("B" if token[40] == "A" else "A").join((token[:40], token[41:])),
        "empty": "A" * 16,
        "long": "A" * 4000,
        "other alphabet": token + "=",
    }[change]
    for answer in (
        await registry.client.get(f"/u/{changed}"),
        await registry.client.post(f"/u/{changed}", data=ONE_CLICK),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_token_says_nothing_and_two_of_the_same_person_differ(
    registry: Driver, sender: Party, database_url: str
) -> None:
    who = {"type": "email", "value": "a@example.com"}
    first, second = [(await link(registry, sender, who))["url"] for _ in range(2)]
    longer = (await link(registry, sender, {"type": "email", "value": "anna.test@example.com"}))["url"]
    assert first != second
    assert len(first) == len(longer)
    admin = await superuser(database_url)
    for table in [one.name for one in await relations(admin) if one.is_table]:
        assert first[-40:] not in str(await admin.fetch(select("*", table))), table
    await admin.close()


async def test_a_token_is_never_logged_or_counted(registry: Driver, sender: Party, database_url: str) -> None:
    who = email()
    token = (await link(registry, sender, who))["url"].rpartition("/")[2]
    with capture_logs() as lines:
        await registry.client.get(f"/u/{token}")
        await click(registry, f"/u/{token}")
        await registry.client.post(f"/u/{token}", data={})
    metrics = await registry.get("/metrics", None, Authorization="Bearer metrics-token")
    assert metrics.status_code == 200
    assert token not in json.dumps(lines, default=str) + metrics.text
    assert {line["route"] for line in lines} == {"/u/{token}"}
    desk = await registry.desk(sender)
    (entry,) = (await registry.post("/v1/entries/search", {"identifier": who}, desk)).json()["items"]
    assert [one["kind"] for one in await journal(database_url, entry["id"])] == ["unsubscribe.one_click"]


async def test_a_batch_answers_each_in_its_order(registry: Driver, sender: Party) -> None:
    who = email()
    items = [
        {"identifier": who, "channels": ["email"]},
        {"identifier": {"type": "email", "value": "nobody"}, "channels": "all"},
        {"identifier": {"type": "personal_number", "value": "199001012385"}, "channels": "all"},
        {"identifier": {"type": "email", "sha256": "0" * 64}, "channels": "all"},
    ]
    answer = await registry.post("/v1/unsubscribe-links/batch", {"items": items}, sender)
    results = answer.json()["results"]
    assert [one["index"] for one in results] == [0, 1, 2, 3]
    assert [one["problem"] and one["problem"]["code"] for one in results] == [
        None,
        *["INVALID_IDENTIFIER"] * 3,
    ]
    await click(registry, results[0]["link"]["url"])
    assert (await registry.code(sender, who, channel="email"))[0] == "block"


async def test_a_processor_says_for_which_controller(registry: Driver, sender: Party) -> None:
    who, other = email(), await registry.controller()
    processor = await registry.processor(sender, other)
    body: Json = {"identifier": who, "channels": "all"}
    refused = await registry.post("/v1/unsubscribe-links", body, processor)
    assert refused.json()["code"] == "AUTH_CONTROLLER"
    made = await link(registry, processor, who, controller_id=other.id)
    await click(registry, made["url"])
    assert (await registry.code(sender, who, channel="email"))[0] == "allow"
    assert (await registry.code(other, who, channel="email"))[0] == "block"
    foreign = await registry.controller()
    body["controller_id"] = foreign.id
    assert (await registry.post("/v1/unsubscribe-links", body, processor)).json()["code"] == "AUTH_CONTROLLER"
