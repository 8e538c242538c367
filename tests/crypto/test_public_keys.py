"""Which public keys an agent or a controller may register."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey

from app.crypto.keys import SigningKey
from app.crypto.public_keys import BadKey, checked_jwk
from app.crypto.tokens import VerificationKeys
from tests.crypto.forging import ABSENT, b64

KEY = SigningKey.generate()
JWK = KEY.public_jwk()


def changed(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in {**JWK, **members}.items() if value is not ABSENT}


def test_the_kid_of_our_own_key_is_its_thumbprint() -> None:
    assert KEY.kid == JWK["kid"] == ECKey.import_key(dict(JWK)).thumbprint()


def test_a_thumbprint_is_the_digest_of_the_required_members_alone() -> None:
    """The P-256 key of RFC 7515 appendix A.3; its thumbprint was worked out with sha256sum."""
    private: dict[str, str | list[str]] = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    }
    pem = ECKey.import_key(private).as_pem(private=True).decode()
    assert SigningKey.from_pem(pem, KEY.created_at).kid == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"


def test_a_key_keeps_the_kid_its_owner_chose_and_loses_members_nobody_asked_for() -> None:
    given = changed(kid="agent-1", use=ABSENT, alg=ABSENT, x5u="https://example.com", key_ops=["verify"])
    assert checked_jwk(given) == {**JWK, "kid": "agent-1"}


@pytest.mark.parametrize(
    ("jwk", "rule"),
    [
        (changed(d=b64(bytes(32))), "private"),
        (changed(d=None), "private"),
        (changed(k="c2VjcmV0"), "secret"),
        (changed(kty="RSA"), "kty must be EC"),
        (changed(kty="oct"), "kty must be EC"),
        (changed(kty=ABSENT), "kty must be EC"),
        (changed(crv="P-384"), "crv must be P-256"),
        (changed(crv="secp256k1"), "crv must be P-256"),
        (changed(crv=["P-256"]), "crv must be P-256"),
        (changed(use="enc"), "use, where given"),
        (changed(alg="HS256"), "alg, where given"),
        (changed(alg=None), "alg, where given"),
        (changed(key_ops=["sign"]), "key_ops, where given"),
        (changed(kid=ABSENT), "kid must be"),
        (changed(kid=""), "kid must be"),
        (changed(kid=5), "kid must be"),
        (changed(kid="a b"), "kid must be"),
        (changed(kid="a\n"), "kid must be"),
        (changed(kid="k" * 129), "kid must be"),
        (changed(x=ABSENT), "x must be 32 bytes"),
        (changed(x=5), "x must be 32 bytes"),
        (changed(x=JWK["x"] + "="), "x must be 32 bytes"),
        (changed(x=JWK["x"] + "AA"), "x must be 32 bytes"),
        (changed(y=b64(bytes(31))), "y must be 32 bytes"),
        (changed(y=b64(bytes(33))), "y must be 32 bytes"),
        (changed(x=JWK["y"], y=JWK["x"]), "not on the curve"),
        (changed(x=b64(bytes(32)), y=b64(bytes(32))), "not on the curve"),
        (changed(x=b64(b"\xff" * 32)), "not on the curve"),
        ([JWK], "JSON object"),
        ("jwk", "JSON object"),
        (None, "JSON object"),
    ],
)
def test_a_key_that_cannot_verify_es256_is_refused_by_the_rule_it_breaks(jwk: Any, rule: str) -> None:
    with pytest.raises(BadKey, match=rule) as refused:
        checked_jwk(jwk)
    assert JWK["x"] not in str(refused.value)
    with pytest.raises(BadKey, match=rule):
        VerificationKeys([jwk])


def test_two_keys_with_one_kid_are_refused() -> None:
    another = {**SigningKey.generate().public_jwk(), "kid": KEY.kid}
    with pytest.raises(BadKey, match="same kid"):
        VerificationKeys([JWK, another])


def test_a_key_is_found_by_its_kid_and_by_nothing_else() -> None:
    keys = VerificationKeys([json.loads(json.dumps(JWK))])
    assert keys.get(KEY.kid) is not None
    assert keys.get(KEY.kid + " ") is None
    assert keys.get("") is None
