"""Client secrets."""

import base64
import hashlib
import re

import pytest

from app.crypto.credentials import matches, new_secret, secret_digest

KEY = bytes(range(32))
SECRET = "sk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


def test_a_secret_is_256_random_bits_with_a_prefix() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    for secret in secrets:
        assert re.fullmatch(r"sk_[A-Za-z0-9_-]{43}", secret)
        assert len(base64.urlsafe_b64decode(secret[3:] + "=")) == 32


def test_the_digest_is_hmac_sha256_as_rfc_2104_writes_it_out() -> None:
    block = KEY.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + SECRET.encode()).digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()
    assert secret_digest(KEY, SECRET) == outer


def test_only_the_same_secret_under_the_same_key_matches() -> None:
    digest = secret_digest(KEY, SECRET)
    assert matches(KEY, SECRET, digest)
    assert not matches(bytes(32), SECRET, digest)
    assert not matches(KEY, new_secret(), digest)


@pytest.mark.parametrize(
    "tried", ["", SECRET[:-1], SECRET + " ", SECRET.lower(), "å", "\ud800", "\0", "s" * 100_000]
)
def test_any_other_text_is_no_match_and_no_failure(tried: str) -> None:
    assert not matches(KEY, tried, secret_digest(KEY, SECRET))


@pytest.mark.parametrize("digest", [b"", bytes(32), secret_digest(KEY, SECRET)[:31]])
def test_a_digest_that_is_cut_or_empty_matches_nothing(digest: bytes) -> None:
    assert not matches(KEY, SECRET, digest)
