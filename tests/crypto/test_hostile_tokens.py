"""Access tokens that must be refused: ours is compared with joserfc, case by case."""

import secrets
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crypto.tokens import (
    BadToken,
    Reason,
    key_id,
    unverified_client_id,
    verify_access_token,
    verify_client_assertion,
    verify_detached_claims,
    verify_receipt,
)
from tests.crypto.forging import (
    AUDIENCE,
    CLIENT,
    ISSUER,
    KEYS,
    NOW,
    OURS,
    RING,
    claims,
    forged,
    header,
    joserfc_refuses,
)
from tests.crypto.hostile_tokens import HOSTILE

READINGS = {
    "access token": lambda token: verify_access_token(token, KEYS, issuer=ISSUER, audience=AUDIENCE, now=NOW),
    "assertion": lambda token: verify_client_assertion(
        token, KEYS, client_id=CLIENT, audiences=[ISSUER, AUDIENCE], now=NOW
    ),
    "evidence": lambda token: verify_detached_claims(token, KEYS),
    "receipt": lambda token: verify_receipt(token, KEYS),
    "client id": unverified_client_id,
}


def refusal(token: str) -> Reason | None:
    try:
        verify_access_token(token, KEYS, issuer=ISSUER, audience=AUDIENCE, now=NOW)
    except BadToken as refused:
        return refused.reason
    return None


def test_the_token_that_every_hostile_one_departs_from_is_accepted() -> None:
    assert refusal(forged()) is None
    assert not joserfc_refuses(forged())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_is_refused_for_its_own_reason(name: str) -> None:
    assert refusal(HOSTILE[name].token) == HOSTILE[name].reason


@pytest.mark.parametrize("name", HOSTILE)
def test_joserfc_refuses_no_token_that_is_accepted_here(name: str) -> None:
    """The table says for each case whether joserfc refuses as well or we are stricter; both are checked."""
    assert joserfc_refuses(HOSTILE[name].token) == HOSTILE[name].joserfc_too
    assert refusal(HOSTILE[name].token) is not None


def test_every_reason_has_a_hostile_token() -> None:
    # A nonce is asked for where somebody signs in through an issuer, and refused there.
    assert {case.reason for case in HOSTILE.values()} == set(Reason) - {Reason.NONCE}


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_but_a_refusal_comes_out_of_any_reader(name: str, reading: str) -> None:
    with suppress(BadToken):
        READINGS[reading](HOSTILE[name].token)


@pytest.mark.parametrize("junk", [None, b"a.b.c", 7, 1e400, ["a", "b", "c"], {}, forged().encode()])
def test_what_is_not_a_text_is_not_a_token(junk: object) -> None:
    assert refusal(junk) == Reason.MALFORMED  # type: ignore[arg-type]  # exactly what is tested


def test_a_token_with_any_one_character_changed_is_refused() -> None:
    token = forged()
    for place, character in enumerate(token):
        other = "A" if character != "A" else "B"
        assert refusal(token[:place] + other + token[place + 1 :]) is not None


def test_a_token_cut_anywhere_is_refused() -> None:
    token = forged()
    assert all(refusal(token[:length]) is not None for length in range(len(token)))
    assert all(refusal(token[start:]) is not None for start in range(1, len(token)))


def test_a_refusal_repeats_nothing_of_the_token() -> None:
    secret = secrets.token_hex(16)
    with pytest.raises(BadToken) as refused:
        verify_access_token(
            forged(payload=claims(sub=secret, exp=0, iat=-1)), KEYS, issuer=ISSUER, audience=AUDIENCE, now=NOW
        )
    assert secret not in repr(refused.value)
    assert refused.value.__cause__ is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("eyJhbGciOi.-_=+/ \n\0é")))
def test_any_text_at_all_is_read_or_refused_never_worse(text: str) -> None:
    assert refusal(text) is not None
    assert key_id(text) is None


@settings(max_examples=150, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(sorted([*claims(), "nbf"])), JSON, min_size=1))
def test_any_json_in_any_claim_is_read_or_refused_and_never_past_joserfc(
    changes: dict[str, object],
) -> None:
    token = forged(payload={**claims(), **changes})
    assert refusal(token) is not None or not joserfc_refuses(token)


@settings(max_examples=150, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "x"]), JSON, min_size=1))
def test_any_json_in_any_header_member_is_refused(changes: dict[str, object]) -> None:
    head = {**header(), **changes}
    token = forged(head, key=OURS)
    assert (refusal(token) is None) == (head == header())


@settings(max_examples=100, deadline=None)
@given(payload=st.binary(max_size=200))
def test_any_signed_bytes_are_read_or_refused_never_worse(payload: bytes) -> None:
    assert refusal(forged(payload=payload)) is not None


def test_the_kid_is_read_from_a_good_header_alone() -> None:
    assert key_id(forged()) == RING.token_key.kid
    assert key_id(HOSTILE["an unknown crit"].token) is None
    assert key_id(HOSTILE["alg none with a signature"].token) is None
    assert key_id(HOSTILE["in DER"].token) is None
