"""A file of pinned issuers is read so strictly that nobody is believed by mistake."""

import json
from typing import Any

import pytest

from app.crypto.eid_issuers import NOBODY, read_issuers
from tests.crypto.eid.stating import FREJA, PINNED, issuers, rsa_jwk


def changed(change: Any) -> dict[str, Any]:
    stated: dict[str, Any] = json.loads(json.dumps(PINNED))
    change(stated["issuers"])
    return stated


def test_issuers_are_found_by_scheme_and_name() -> None:
    found = issuers()
    assert found.of_scheme("freja_se")
    assert found.of_scheme("mitid_dk")
    assert not NOBODY.of_scheme("freja_se")
    pinned = found.pinned["freja_se", FREJA]
    assert {kid: key.algorithm for kid, key in pinned.keys.items()} == {
        "freja-1": "RS256",
        "freja-2": "PS256",
    }
    assert found.pinned["mitid_dk", "https://broker.example.com"].hidden == "/hidden_data"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda listed: listed.clear(), "must be a list"),
        (lambda listed: listed.append(listed[0]), "an issuer stands twice"),
        (lambda listed: listed.append("text"), "has the members"),
        (lambda listed: listed[0].update(jwks_uri="https://example.com"), "has the members"),
        (lambda listed: listed[0].update(scheme="bankid_se"), "scheme must be"),
        (lambda listed: listed[0].update(iss=""), "a name and keys"),
        (lambda listed: listed[0].update(keys=[]), "a name and keys"),
        (lambda listed: listed[0].update(signer="ssn"), "begins with a slash"),
        (lambda listed: listed[0]["keys"].append(rsa_jwk("freja-1")), "kid stands twice"),
        (lambda listed: listed[0].update(keys=["text"]), "a JSON object"),
        (lambda listed: listed[0]["keys"][0].update(alg="HS256"), "RS256 or PS256"),
        (lambda listed: listed[0]["keys"][0].pop("alg"), "RS256 or PS256"),
        (lambda listed: listed[0]["keys"][0].update(kty="oct"), "RS256 or PS256"),
        (lambda listed: listed[0]["keys"][0].update(d="AQAB"), "no private part"),
        (lambda listed: listed[0]["keys"][0].pop("kid"), "a kid"),
        (lambda listed: listed[0]["keys"][0].update(e="Aw"), "the exponent 65537"),
        (lambda listed: listed[0]["keys"][0].update(n="AQAB"), "2048 to 8192 bits"),
        (lambda listed: listed[0]["keys"][0].update(n="AQAB="), "canonical base64url"),
        (lambda listed: listed[0]["keys"][0].update(n=1), "base64url"),
        (lambda listed: listed[1]["keys"][0].update(crv="P-521"), "crv must be"),
        (lambda listed: listed[1]["keys"][0].update(x=listed[1]["keys"][0]["y"]), "not on the curve"),
    ],
)
def test_what_cannot_be_an_issuer_is_refused(change: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        issuers(changed(change))


def test_what_is_no_json_object_is_refused() -> None:
    for raw in (b"", b"[]", b"\xff", b'{"issuers": 1}', b'{"issuers": [], "issuers": []}'):
        with pytest.raises(ValueError, match=r"JSON object|a list"):
            read_issuers(raw)


def test_a_small_key_is_refused() -> None:
    with pytest.raises(ValueError, match="2048 to 8192 bits"):
        issuers(changed(lambda listed: listed[0].update(keys=[rsa_jwk("small", bits=1024)])))
