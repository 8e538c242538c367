"""What the good tokens look like, and that one kind of statement never passes for another."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws as joserfc_jws
from joserfc import jwt
from joserfc.jwk import ECKey

from app.crypto.tokens import (
    LEEWAY_SECONDS,
    LOOKUP_RECEIPT,
    OBJECTION_RECEIPT,
    AccessClaims,
    AssertionClaims,
    BadToken,
    Reason,
    VerificationKeys,
    issue_access_token,
    sign,
    unverified_client_id,
    verify_access_token,
    verify_client_assertion,
    verify_detached_claims,
    verify_receipt,
)
from tests.crypto.forging import (
    ABSENT,
    AUDIENCE,
    CLIENT,
    EPOCH,
    ISSUER,
    KEYS,
    NOW,
    ORDER,
    OTHER_RING,
    RING,
    assertion_claims,
    b64,
    claims,
    forged,
    header,
    integers,
    joserfc_refuses,
    raw_signature,
    unsigned,
)

DIGEST = {"claims_digest": "sha256:" + "0" * 64}
KINDS = {
    "access token": header(),
    "assertion": header(typ="client-authentication+jwt"),
    "evidence": header(typ="objection-mandate+jws"),
    "objection receipt": header(typ=OBJECTION_RECEIPT),
    "lookup receipt": header(typ=LOOKUP_RECEIPT),
    "plain JWT": header(typ="JWT"),
    "JOSE": header(typ="JOSE"),
    "without typ": header(typ=ABSENT),
}


def assertion(token: str, **changes: Any) -> AssertionClaims:
    told: dict[str, Any] = {"client_id": CLIENT, "audiences": [ISSUER, AUDIENCE], "now": NOW, **changes}
    return verify_client_assertion(token, KEYS, **told)


READERS: dict[str, tuple[Callable[[str], object], set[str]]] = {
    "access": (
        lambda token: verify_access_token(token, KEYS, issuer=ISSUER, audience=ISSUER, now=NOW),
        {"access token"},
    ),
    "assertion": (assertion, {"assertion", "plain JWT", "without typ"}),
    "evidence": (
        lambda token: verify_detached_claims(token, KEYS),
        {"evidence", "plain JWT", "JOSE", "without typ"},
    ),
    "receipt": (lambda token: verify_receipt(token, KEYS), {"objection receipt", "lookup receipt"}),
}


def issued() -> str:
    token, _ = issue_access_token(
        RING.token_key,
        issuer=ISSUER,
        audience=AUDIENCE,
        client_id=CLIENT,
        party_id="party-1",
        role="sender",
        scope="lookups",
        now=NOW + timedelta(microseconds=999_999),
        jti="jti-1",
    )
    return token


def accessed(token: str, now: datetime = NOW) -> AccessClaims:
    return verify_access_token(token, KEYS, issuer=ISSUER, audience=AUDIENCE, now=now)


def test_an_issued_access_token_says_who_may_what_for_ten_minutes() -> None:
    assert accessed(issued()) == AccessClaims(
        subject=CLIENT,
        party="party-1",
        role="sender",
        scope="lookups",
        jti="jti-1",
        issued_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
    )


def test_an_access_token_ends_after_ten_minutes_and_the_leeway() -> None:
    end = NOW + timedelta(seconds=600 + LEEWAY_SECONDS)
    assert accessed(issued(), end - timedelta(seconds=1)).jti == "jti-1"
    with pytest.raises(BadToken, match=Reason.EXPIRED):
        accessed(issued(), end)


def test_a_time_without_a_zone_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="zone"):
        accessed(issued(), NOW.replace(tzinfo=None))


def test_joserfc_reads_our_access_token() -> None:
    token = jwt.decode(issued(), ECKey.import_key(dict(RING.token_key.public_jwk())), algorithms=["ES256"])
    assert token.header == {"alg": "ES256", "kid": RING.token_key.kid, "typ": "at+jwt"}
    assert token.claims == claims()
    assert not joserfc_refuses(issued())


def test_joserfc_reads_our_receipt() -> None:
    receipt = sign(RING.receipt_key, OBJECTION_RECEIPT, {"id": "å", "n": 1})
    key = ECKey.import_key(dict(RING.receipt_key.public_jwk()))
    read = joserfc_jws.deserialize_compact(receipt, key, algorithms=["ES256"])
    assert json.loads(read.payload or b"") == verify_receipt(receipt, KEYS) == {"id": "å", "n": 1}


@pytest.mark.parametrize("typ", ["JWT", "client-authentication+jwt"])
def test_an_assertion_made_with_joserfc_is_accepted(typ: str) -> None:
    head = {"alg": "ES256", "kid": RING.token_key.kid, "typ": typ}
    token = jwt.encode(head, assertion_claims(), ECKey.import_key(RING.token_key.private_pem))
    assert assertion(token) == AssertionClaims("jti-2", NOW + timedelta(seconds=60))
    assert unverified_client_id(token) == CLIENT


@pytest.mark.parametrize("audience", [ISSUER, AUDIENCE, ["https://example.com", ISSUER]])
def test_an_assertion_may_name_any_of_our_audiences_alone_or_among_others(audience: object) -> None:
    assert assertion(forged(header(typ="JWT"), assertion_claims(aud=audience))).jti == "jti-2"


def test_an_assertion_without_iat_may_end_at_most_ten_minutes_from_now() -> None:
    soon = forged(header(typ="JWT"), assertion_claims(iat=ABSENT, exp=EPOCH + 600))
    later = forged(header(typ="JWT"), assertion_claims(iat=ABSENT, exp=EPOCH + 601))
    assert assertion(soon).expires_at == NOW + timedelta(minutes=10)
    with pytest.raises(BadToken, match=Reason.LIFETIME):
        assertion(later)


@pytest.mark.parametrize(
    ("changes", "reason", "joserfc_too"),
    [
        ({"iss": "another"}, Reason.ISSUER, True),
        ({"sub": "another"}, Reason.SUBJECT, True),
        ({"aud": "https://example.com"}, Reason.AUDIENCE, True),
        ({"aud": []}, Reason.AUDIENCE, True),
        ({"aud": ABSENT}, Reason.CLAIM_MISSING, True),
        ({"aud": [ISSUER, 5]}, Reason.CLAIM_TYPE, True),
        ({"aud": [ISSUER, [ISSUER]]}, Reason.CLAIM_TYPE, True),
        ({"aud": None}, Reason.CLAIM_TYPE, True),
        ({"exp": ABSENT}, Reason.CLAIM_MISSING, True),
        ({"exp": True}, Reason.CLAIM_TYPE, True),
        ({"exp": EPOCH - 30, "iat": EPOCH - 60}, Reason.EXPIRED, True),
        ({"exp": EPOCH + 601}, Reason.LIFETIME, False),
        ({"iat": ABSENT, "exp": 2**53 - 1}, Reason.LIFETIME, False),
        ({"iat": None}, Reason.CLAIM_TYPE, True),
        ({"iat": EPOCH + 31}, Reason.NOT_YET, True),
        ({"nbf": EPOCH + 31}, Reason.NOT_YET, True),
        ({"nbf": EPOCH + 10, "exp": EPOCH + 10}, Reason.LIFETIME, False),
        ({"jti": ABSENT}, Reason.CLAIM_MISSING, True),
        ({"jti": 5}, Reason.CLAIM_TYPE, True),
        ({"jti": "j" * 257}, Reason.CLAIM_TYPE, False),
    ],
)
def test_an_assertion_that_is_not_quite_right_is_refused(
    changes: dict[str, object], reason: Reason, *, joserfc_too: bool
) -> None:
    token = forged(header(typ="JWT"), assertion_claims(**changes))
    with pytest.raises(BadToken) as refused:
        assertion(token)
    assert refused.value.reason == reason
    told = joserfc_refuses(token, audiences=[ISSUER, AUDIENCE], issuer=CLIENT, access=False)
    assert told == joserfc_too


def test_an_assertion_for_one_client_does_not_serve_another() -> None:
    with pytest.raises(BadToken, match=Reason.ISSUER):
        assertion(forged(header(typ="JWT"), assertion_claims()), client_id="another")


def test_an_audience_given_by_mistake_as_a_text_matches_nothing() -> None:
    with pytest.raises(BadToken, match=Reason.AUDIENCE):
        assertion(forged(header(typ="JWT"), assertion_claims()), audiences=ISSUER)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"sub": ABSENT}, Reason.CLAIM_MISSING), ({"sub": 1}, Reason.CLAIM_TYPE), ({"iss": "x"}, Reason.ISSUER)],
)
def test_the_client_of_an_assertion_must_be_both_its_issuer_and_its_subject(
    changes: dict[str, object], reason: Reason
) -> None:
    with pytest.raises(BadToken) as refused:
        unverified_client_id(forged(header(typ="JWT"), assertion_claims(**changes)))
    assert refused.value.reason == reason


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_of_statement_never_passes_for_another(kind: str, reader: str) -> None:
    """The claims satisfy every reader at once, so only typ can tell the kinds apart."""
    everything = {**claims(), "iss": CLIENT, "aud": ISSUER, **DIGEST}
    if reader == "access":
        everything["iss"] = ISSUER
    read, accepted = READERS[reader]
    token = forged(KINDS[kind], everything)
    if kind in accepted:
        assert read(token)
    else:
        with pytest.raises(BadToken, match=Reason.TYPE):
            read(token)


def test_evidence_is_believed_only_under_a_key_of_that_agent() -> None:
    jws = forged({"alg": "ES256", "kid": RING.token_key.kid}, DIGEST)
    assert verify_detached_claims(jws, KEYS) == DIGEST
    with pytest.raises(BadToken, match=Reason.UNKNOWN_KEY):
        verify_detached_claims(jws, VerificationKeys(OTHER_RING.public_jwks()))


def test_the_kid_of_another_agent_does_not_lend_its_key() -> None:
    stolen_name = {**OTHER_RING.token_key.public_jwk(), "kid": RING.token_key.kid}
    with pytest.raises(BadToken, match=Reason.SIGNATURE):
        verify_detached_claims(forged(header(typ="JWT"), DIGEST), VerificationKeys([stolen_name]))


def test_the_mirrored_signature_is_valid_too_so_a_replay_is_known_by_its_jti() -> None:
    signing_input = unsigned()
    r, s = integers(signing_input)
    twins = [f"{signing_input}.{b64(raw_signature(r, value))}" for value in (s, ORDER - s)]
    assert twins[0] != twins[1]
    assert accessed(twins[0]).jti == accessed(twins[1]).jti
    assert not any(map(joserfc_refuses, twins))


@pytest.mark.parametrize(
    "value",
    [
        *(0.5, float("nan"), float("inf"), 2**53, "\ud800", "nul\0", {1: "a", "1": "b"}, "x" * 8192),
        *(["\ud800"], {"\ud800": 1}, [{"n\0": 1}], [{2: "b"}], [{"half": 0.5}], [-(2**53)], {"a", "b"}),
        json.loads("[" * 16 + "]" * 16),
    ],
)
def test_nothing_is_signed_that_would_not_be_read_back(value: object) -> None:
    with pytest.raises(ValueError, match="no reader would accept"):
        sign(RING.receipt_key, LOOKUP_RECEIPT, {"claim": value})


def test_the_start_stops_where_cryptography_does_not_do_the_signing() -> None:
    program = "import sys; sys.modules['jose.backends.cryptography_backend'] = None; import app.crypto.tokens"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "RuntimeError: python-jose does not use cryptography for ES256" in ended.stderr


def test_times_come_back_in_utc() -> None:
    assert accessed(issued()).expires_at.tzinfo is UTC
