"""What comes back from an issuer, or from somebody who is none, and opens nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from joserfc.jwk import ECKey, RSAKey

from tests.console.browsing import Browser
from tests.console.issuer_place import Open, Place, refused
from tests.console.issuer_server import CLIENT_ID, by_secret_of_public_key, mislabelled, unsigned
from tests.registry_driver import Driver

RSA = RSAKey.generate_key(2048, {"kid": "key-r"})


CLAIMS: list[tuple[str, dict[str, Any]]] = [
    ("another nonce", {"nonce": "x"}),
    ("no nonce", {"nonce": None}),
    ("another audience", {"aud": "another"}),
    ("several audiences", {"aud": [CLIENT_ID, "another"]}),
    ("another authorised party", {"azp": "another"}),
    ("another issuer", {"iss": "https://issuer.example.com"}),
    ("expired", {"exp": 1_700_000_000}),
    ("no end", {"exp": None}),
    ("no beginning", {"iat": None}),
    ("from the past", {"iat": 1_700_000_000}),
    ("from the future", {"iat": 4_000_000_000, "exp": 4_000_000_300}),
    ("not yet", {"nbf": 4_000_000_000}),
    ("a time that is none", {"exp": True}),
]


@pytest.mark.parametrize("claim", [claim for _, claim in CLAIMS], ids=[name for name, _ in CLAIMS])
async def test_an_id_token_that_does_not_fit_opens_nothing(place: Place, claim: dict[str, Any]) -> None:
    place.issuer.claim = claim
    await refused(place, await place.walk(), 403, "ISSUER_BAD_TOKEN")


async def test_a_token_does_not_choose_how_it_is_verified(place: Place) -> None:
    place.issuer.key, place.issuer.algorithm = RSA, "RS256"
    foreign = RSAKey.generate_key(2048, {"kid": "key-r"})
    unknown = ECKey.generate_key("P-256", {"kid": "nobodys"})
    place.issuer.published = [RSA.as_dict(private=False)]
    spoilt: list[tuple[Any, str, Any]] = [
        (RSA, "RS256", unsigned),
        (RSA, "RS256", by_secret_of_public_key(RSA)),
        (RSA, "PS256", None),
        (RSA, "RS256", mislabelled(RSA)),
        (foreign, "RS256", None),
        (unknown, "ES256", None),
        (RSA, "RS256", lambda _claims: "no.token"),
    ]
    for key, algorithm, mint in spoilt:
        place.issuer.key, place.issuer.algorithm, place.issuer.mint = key, algorithm, mint
        await refused(place, await place.walk(), 403, "ISSUER_BAD_TOKEN")
    place.issuer.key, place.issuer.algorithm, place.issuer.mint = RSA, "RS256", None
    assert (await place.walk()).status_code == 200


async def test_an_answer_that_this_browser_did_not_ask_for_opens_nothing(place: Place) -> None:
    brought = place.issuer.consent(await place.leave())
    place.browser.client.cookies.clear()
    await refused(place, await place.come(brought), 400, "ISSUER_NOT_BEGUN")
    for spoilt in ({"state": "x"}, {"state": ""}, {"code": ""}):
        brought = place.issuer.consent(await place.leave()) | spoilt
        answer = await place.come(brought)
        assert answer.status_code in {400, 403}
        await refused(place, answer, answer.status_code, "ISSUER_NOT_BEGUN")
    brought = place.issuer.consent(await place.leave())
    twice = await place.come([*brought.items(), ("state", brought["state"])])
    await refused(place, twice, 400, "ISSUER_NOT_BEGUN")


async def test_a_sign_in_that_takes_too_long_is_begun_again(place: Place) -> None:
    brought = place.issuer.consent(await place.leave())
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11), tick=True):
        await refused(place, await place.come(brought), 400, "ISSUER_NOT_BEGUN")


@pytest.mark.parametrize(("seconds", "told"), [(590, ""), (605, "ISSUER_NOT_BEGUN")])
async def test_ten_minutes_are_the_registrys_and_not_the_browsers(
    place: Place, seconds: int, told: str
) -> None:
    """A browser that forgets nothing, or somebody who kept its cookie, brings a trip back that is too old."""
    left = await place.browser.get("/sign-in/issuer")
    kept = left.headers["set-cookie"].partition(";")[0]
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True):
        brought = place.issuer.consent(left.headers["location"])
        place.browser.client.cookies.clear()
        place.browser.client.headers["Cookie"] = kept
        answer = await place.come(brought)
        del place.browser.client.headers["Cookie"]
        if told:
            await refused(place, answer, 400, told)
            assert "/token" not in place.issuer.asked
        else:
            assert (answer.status_code, await place.is_in()) == (200, True)


async def test_an_answer_of_another_issuer_is_told_by_its_name(place: Place) -> None:
    place.issuer.answer = {"iss": "https://issuer.example.com"}
    await refused(place, await place.walk(), 400, "ISSUER_NOT_BEGUN")
    unnamed = place.issuer.consent(await place.leave())
    del unnamed["iss"]
    await refused(place, await place.come(unnamed), 400, "ISSUER_NOT_BEGUN")
    assert "/token" not in place.issuer.asked


async def test_a_code_opens_one_session_whoever_keeps_it(place: Place) -> None:
    location = await place.leave()
    copy = dict(place.browser.client.cookies)
    brought = place.issuer.consent(location)
    given = place.issuer.codes[brought["code"]]
    assert (await place.come(brought)).status_code == 200
    for code in (None, given):  # The issuer refuses it; and then one forgets that it had been used.
        place.browser.client.cookies.clear()
        place.browser.client.cookies.update(copy)
        if code:
            place.issuer.codes[brought["code"]] = code
        answer = await place.come(brought)
        told = (403, "ISSUER_CREDENTIAL_ENDED") if code else (400, "ISSUER_CODE_REFUSED")
        await refused(place, answer, *told)


async def test_a_code_of_another_client_or_another_sign_in_opens_nothing(place: Place) -> None:
    theirs = place.issuer.consent(await place.leave(), client_id="another")
    await refused(place, await place.come(theirs), 400, "ISSUER_CODE_REFUSED")
    stolen = place.issuer.consent(await place.leave())
    own = place.issuer.consent(await place.leave())
    answer = await place.come(own | {"code": stolen["code"]})
    await refused(place, answer, 400, "ISSUER_CODE_REFUSED")


async def test_whoever_is_denied_at_the_issuer_is_told_so_and_nothing_of_it_is_repeated(place: Place) -> None:
    brought = place.issuer.consent(await place.leave())
    del brought["code"]
    answer = await place.come(brought | {"error": "access_denied", "error_description": "<b>pay here</b>"})
    await refused(place, answer, 403, "ISSUER_DENIED")
    assert "pay here" not in answer.text


async def test_nobody_is_let_in_whom_the_registry_does_not_name(place: Place) -> None:
    for subject in ("somebody else", "", place.issuer.subject.upper()):
        place.issuer.subject = subject
        await refused(place, await place.walk(), 403, "ISSUER_NOBODY")


async def test_a_credential_that_looks_after_nothing_does_not_open_the_console(
    place: Place, registry: Driver, opened: Open
) -> None:
    sender = await registry.controller()
    place.browser = Browser(opened(place.issuer.url, {place.issuer.subject: sender.credential["client_id"]}))
    await refused(place, await place.walk(), 403, "ISSUER_ROLE")


ABOUT: list[tuple[str, dict[str, Any], int]] = [
    ("another's", {"issuer": "https://issuer.example.com"}, 0),
    ("with a slash more", {"issuer": "/"}, 0),
    ("too long", {}, 300_000),
    ("in clear", {"token_endpoint": "http://issuer.example.com/token"}, 0),
    ("no address", {"authorization_endpoint": "javascript:alert(1)"}, 0),
    ("without PKCE", {"code_challenge_methods_supported": ["plain"]}, 0),
    ("without keys", {"jwks_uri": None}, 0),
]


@pytest.mark.parametrize(("about", "padding"), [one[1:] for one in ABOUT], ids=[one[0] for one in ABOUT])
async def test_nobody_is_led_to_an_issuer_that_says_something_else_of_itself(
    place: Place, about: dict[str, Any], padding: int
) -> None:
    place.issuer.discovery, place.issuer.padding = about, padding
    await refused(place, await place.browser.get("/sign-in/issuer"), 503, "ISSUER_DOWN")
