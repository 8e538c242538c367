"""Signing in through an OpenID issuer: the walk, and who is let in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import time_machine
from joserfc.jwk import ECKey, RSAKey

from app.console.words import LANGUAGES, word
from tests.console.browsing import Browser
from tests.console.issuer_place import ANSWER, URL, Open, Place, refused
from tests.registry_driver import Driver

RSA = RSAKey.generate_key(2048, {"kid": "key-r"})


async def test_whom_the_issuer_names_works_as_their_own_credential(place: Place, behind: Any) -> None:
    page = await place.browser.get("/sign-in?back=%2Fconsole%2Fjournal")
    assert "/console/sign-in/issuer?back=/console/journal" in page.text
    location = await place.leave("%2Fconsole%2Fjournal")
    assert location.startswith(f"{place.issuer.url}/authorize?tenant=1&response_type=code&scope=openid&")
    asked = parse_qs(urlsplit(location).query)
    assert asked["redirect_uri"] == [f"{URL}/console{ANSWER}"]
    answer = await place.come(place.issuer.consent(location))
    assert answer.status_code == 200, answer.text
    assert '<meta http-equiv="refresh" content="0;url=/console/journal">' in answer.text
    assert "<form" not in answer.text
    assert await place.is_in()
    rows = await behind.fetch(
        "SELECT kind FROM registry.event WHERE credential_id = $1", UUID(place.who.credential["client_id"])
    )
    assert [row["kind"] for row in rows] == ["console.signed_in"]


async def test_what_a_browser_carries_is_sealed_short_and_taken_back(place: Place) -> None:
    left = await place.browser.get("/sign-in/issuer")
    said = left.headers["set-cookie"]
    for crumb in ("__Host-sparr-issuer=", "HttpOnly", "SameSite=lax", "Secure", "Max-Age=600", "Path=/"):
        assert crumb in said
    asked = parse_qs(urlsplit(left.headers["location"]).query)
    assert asked["state"][0] not in said
    answer = await place.come(place.issuer.consent(left.headers["location"]))
    cookies = answer.headers.get_list("set-cookie")
    assert any("__Host-sparr-issuer=" in one and "Max-Age=0" in one for one in cookies)
    assert any("__Host-sparr-console=" in one and "SameSite=strict" in one for one in cookies)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
async def test_an_issuer_may_sign_with_rsa(place: Place, algorithm: str) -> None:
    place.issuer.key, place.issuer.algorithm = RSA, algorithm
    place.issuer.published = [
        {**RSA.as_dict(private=False), "use": "enc", "kid": "other"},
        {**RSA.as_dict(private=False), **({"alg": algorithm} if algorithm == "PS256" else {})},
    ]
    assert (await place.walk()).status_code == 200


async def test_an_issuer_that_wants_the_secret_in_the_form_gets_it_there(place: Place) -> None:
    place.issuer.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await place.walk()).status_code == 200


async def test_a_new_key_of_the_issuer_is_fetched_when_a_token_names_it(place: Place) -> None:
    location = await place.leave()
    place.issuer.key = ECKey.generate_key("P-256", {"kid": "key-2"})
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=20), tick=True):
        assert (await place.come(place.issuer.consent(location))).status_code == 200
    assert place.issuer.asked.count("/keys") == 2


async def test_a_session_ends_when_the_credential_of_the_person_is_revoked(
    place: Place, registry: Driver
) -> None:
    await place.walk()
    assert await place.is_in()
    client_id = place.who.credential["client_id"]
    await registry.post(f"/v1/credentials/{client_id}/revoke", {}, await registry.admin())
    assert not await place.is_in()
    await refused(place, await place.walk(), 403, "ISSUER_CREDENTIAL_ENDED")


async def test_four_eyes_tell_two_people_of_one_issuer_apart(
    place: Place, registry: Driver, opened: Open
) -> None:
    first, second = await registry.staff("admin"), await registry.staff("admin")
    people = {"first": first.credential["client_id"], "second": second.credential["client_id"]}
    client = opened(place.issuer.url, people)
    agent, controller = await registry.agent(), await registry.controller()
    mandate = await registry.mandate(agent)
    objection = await registry.objection(agent, mandate, [controller.id])
    path = f"/objections/{objection['id']}"
    answers = []
    for name in ("first", "first", "second"):
        client.cookies.clear()
        place.issuer.subject, place.browser = name, Browser(client)
        assert (await place.walk()).status_code == 200
        await place.browser.get(path)
        answers.append(await place.browser.post(f"{path}/void", {"reason": "Wrong person"}))
    assert [answer.status_code for answer in answers] == [303, 403, 303], answers
    assert "SECOND_ADMIN_REQUIRED" in answers[1].text


async def test_what_several_share_opens_an_auditors_credential_alone(
    place: Place, registry: Driver, opened: Open
) -> None:
    admin, auditor = await registry.staff("admin"), await registry.staff("auditor")
    people = {"admins": admin.credential["client_id"], "auditors": auditor.credential["client_id"]}
    client = opened(place.issuer.url, people, "groups")
    for groups, told in [
        (["admins"], "ISSUER_ROLE"),
        (["admins", "auditors"], "ISSUER_NOBODY"),
        ("nobody", "ISSUER_NOBODY"),
        (["staff", "auditors"], ""),
    ]:
        place.issuer.claim, place.browser = {"groups": groups}, Browser(client)
        answer = await place.walk()
        if told:
            await refused(place, answer, 403, told)
    assert await place.is_in()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_issuer_that_is_down_is_told_in_words_and_left_alone_for_a_while(
    opened: Open, place: Place, language: str
) -> None:
    place.issuer.discovery = {"issuer": ""}
    place.browser.language = language
    for _ in range(3):
        answer = await place.browser.get("/sign-in/issuer")
        assert answer.status_code == 503
        assert word(language, "problem.ISSUER_DOWN") in answer.text
    assert place.issuer.asked == ["/.well-known/openid-configuration"]
    nobody = Browser(opened("http://127.0.0.1:1", {"x": place.who.credential["client_id"]}))
    assert (await nobody.get("/sign-in/issuer")).status_code == 503


@pytest.mark.parametrize("back", ["https://example.com", "//example.com", "/v1/x", "/console\\x"])
async def test_nobody_is_led_elsewhere_after_the_issuer(place: Place, back: str) -> None:
    answer = await place.come(place.issuer.consent(await place.leave(back)))
    assert 'content="0;url=/console"' in answer.text


async def test_without_an_issuer_there_is_no_such_door(visitor: Browser) -> None:
    assert "/sign-in/issuer" not in (await visitor.get("/sign-in")).text
    for path in ("/sign-in/issuer", ANSWER):
        assert (await visitor.get(path)).status_code == 404
