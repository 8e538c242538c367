"""A token that was checked once is known again, for as long as it is of its time and not a moment longer."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.crypto.keys import KeyRing
from app.crypto.tokens import LEEWAY_SECONDS, BadToken, VerificationKeys, issue_access_token
from app.crypto.verified_tokens import VerifiedTokens
from tests.crypto.forging import NOW

ISSUER = "https://registry.example.com"


def issued(ring: KeyRing) -> tuple[str, timedelta]:
    token, seconds = issue_access_token(
        ring.token_key,
        issuer=ISSUER,
        audience=ISSUER,
        client_id=str(uuid4()),
        party_id=str(uuid4()),
        role="sender",
        scope="sender",
        now=NOW,
        jti=str(uuid4()),
    )
    return token, timedelta(seconds=seconds + LEEWAY_SECONDS)


def knowing(ring: KeyRing) -> VerifiedTokens:
    return VerifiedTokens(VerificationKeys([ring.token_key.public_jwk()]), ISSUER)


def test_a_known_token_says_what_it_said_and_ends_when_it_ends() -> None:
    ring = KeyRing.generate()
    (token, lifetime), known = issued(ring), knowing(ring)
    first = known.claims(token, NOW)
    assert known.claims(token, NOW + lifetime - timedelta(seconds=1)) == first
    for moment in (NOW + lifetime, NOW - timedelta(seconds=LEEWAY_SECONDS + 1)):
        with pytest.raises(BadToken):
            known.claims(token, moment)


def test_knowing_a_token_lets_no_other_spelling_of_it_in() -> None:
    ring = KeyRing.generate()
    (token, _), known = issued(ring), knowing(ring)
    known.claims(token, NOW)
    head, _, signature = token.split(".")
    other, _ = issued(ring)
    for forged in (token + "=", token[:-4] + "AAAA", f"{head}.{other.split('.')[1]}.{signature}", "\ud800"):
        with pytest.raises(BadToken):
            known.claims(forged, NOW)


def test_a_token_of_another_ring_stays_unknown_however_often_it_comes() -> None:
    token, _ = issued(KeyRing.generate())
    known = knowing(KeyRing.generate())
    for _ in range(3):
        with pytest.raises(BadToken):
            known.claims(token, NOW)
