"""The key ring and the file it lies in."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from app.crypto.keys import BadKeyRing, KeyRing, SigningKey, load_or_create
from app.crypto.tokens import LOOKUP_RECEIPT, VerificationKeys, sign, verify_receipt

RING = KeyRing.generate()
WHEN_EXCHANGED = {"coming_master_key", "former_master_key", "earlier_link_keys"}
SECRETS = ["fingerprint_key", "master_key", "credential_key", "cursor_key", "journal_key"]


def written(**changes: Any) -> str:
    return json.dumps({**json.loads(RING.to_json()), **changes})


def test_every_generated_ring_is_new_in_every_key() -> None:
    another = KeyRing.generate()
    mine = [getattr(RING, name) for name in SECRETS] + [RING.token_key.kid, RING.receipt_key.kid]
    theirs = [getattr(another, name) for name in SECRETS] + [another.token_key.kid, another.receipt_key.kid]
    assert len({*mine, *theirs}) == 14


def test_a_ring_survives_being_written_and_read() -> None:
    ring = replace(RING, fingerprint_version=3, retired_public=(SigningKey.generate().public_jwk(),))
    assert KeyRing.from_json(ring.to_json()) == ring


@pytest.mark.parametrize("shown", [repr, str, lambda ring: f"{ring}", lambda ring: repr([ring, {1: ring}])])
def test_no_secret_is_printed(shown: Any) -> None:
    text = shown(RING)
    for secret in (getattr(RING, name) for name in SECRETS):
        assert repr(secret)[2:-1] not in text
        assert secret.hex() not in text
    for line in (RING.token_key.private_pem + RING.receipt_key.private_pem).splitlines():
        assert line not in text
    assert RING.token_key.kid in text


ALWAYS = [field.name for field in fields(KeyRing) if field.name not in WHEN_EXCHANGED]


@pytest.mark.parametrize("name", ALWAYS)
def test_a_ring_without_a_field_is_refused_by_that_field_s_name(name: str) -> None:
    ring = json.loads(RING.to_json())
    del ring[name]
    with pytest.raises(BadKeyRing, match=rf"lacks {name}$"):
        KeyRing.from_json(json.dumps(ring))


WHEN = "2026-11-21T12:00:00Z"


def pem(curve: ec.EllipticCurve, encryption: KeySerializationEncryption) -> str:
    private = ec.generate_private_key(curve)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


P384 = pem(ec.SECP384R1(), NoEncryption())
LOCKED = pem(ec.SECP256R1(), BestAvailableEncryption(b"password"))
SECRET = "c2VjcmV0LXNlY3JldA"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"fingerprint_key": SECRET}, "fingerprint_key must be 32 bytes"),
        ({"master_key": SECRET + "="}, "master_key must be base64url"),
        ({"credential_key": None}, "credential_key must be base64url"),
        ({"cursor_key": [SECRET]}, "cursor_key must be base64url"),
        ({"fingerprint_version": 0}, "fingerprint_version must be at least 1"),
        ({"fingerprint_version": True}, "fingerprint_version must be an integer"),
        ({"fingerprint_version": SECRET}, "fingerprint_version must be an integer"),
        ({"token_key": SECRET}, "token_key must have"),
        ({"token_key": {"private_pem": SECRET}}, "token_key must have"),
        ({"token_key": {"private_pem": SECRET, "created_at": WHEN}}, "token_key must have"),
        (
            {"receipt_key": {"private_pem": P384, "created_at": WHEN}},
            "receipt_key must have",
        ),
        ({"receipt_key": {"private_pem": LOCKED, "created_at": WHEN}}, "receipt_key must have"),
        ({"receipt_key": {"private_pem": 5, "created_at": WHEN}}, "receipt_key must have"),
        (
            {"token_key": {"private_pem": RING.token_key.private_pem, "created_at": "2026-11-21T12:00:00"}},
            "token_key.created_at must have a zone",
        ),
        ({"retired_public": SECRET}, "retired_public must be a list"),
        ({"retired_public": [SECRET]}, "retired_public: a key must be a JSON object"),
        ({"retired_public": [{**RING.token_key.public_jwk(), "d": SECRET}]}, "retired_public: a private"),
        ({SECRET: 1}, "does not know"),
    ],
)
def test_a_ring_with_a_wrong_field_is_refused_without_showing_its_value(
    changes: dict[str, Any], rule: str
) -> None:
    with pytest.raises(BadKeyRing, match=rule) as refused:
        KeyRing.from_json(written(**changes))
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 5000, '"' + SECRET])
def test_what_is_not_a_ring_at_all_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(BadKeyRing, match=r"not JSON|not a JSON object") as refused:
        KeyRing.from_json(text)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_receipt_stays_verifiable_after_its_key_was_retired() -> None:
    receipt = sign(RING.receipt_key, LOOKUP_RECEIPT, {"asked": 4})
    later = replace(RING, receipt_key=SigningKey.generate(), retired_public=(RING.receipt_key.public_jwk(),))
    assert verify_receipt(receipt, VerificationKeys(later.public_jwks())) == {"asked": 4}


def test_the_published_keys_have_no_private_part() -> None:
    assert [set(jwk) for jwk in RING.public_jwks()] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}] * 2


def test_the_first_start_makes_a_private_file_and_later_ones_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    ring = load_or_create(path)
    assert load_or_create(path) == ring
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]


def started(path: Path, preparation: str) -> subprocess.CompletedProcess[str]:
    """Make a ring in a process of its own, whose limits are not the tests'."""
    program = f"import os, resource, signal; {preparation}; from app.crypto.keys import *; import sys\n"
    program += "load_or_create(Path(sys.argv[1]))"
    command = [sys.executable, "-B", "-c", program, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_wide_umask_does_not_open_the_file(tmp_path: Path) -> None:
    assert started(tmp_path / "keys.json", "os.umask(0)").returncode == 0
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o666])
def test_a_file_that_others_may_touch_is_refused_and_left_alone(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    load_or_create(path)
    path.chmod(mode)
    before = path.read_bytes()
    with pytest.raises(BadKeyRing, match="chmod 600"):
        load_or_create(path)
    assert path.read_bytes() == before


def test_a_damaged_file_is_refused_and_never_replaced_by_new_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    load_or_create(path)
    path.write_text(path.read_text()[:100])
    with pytest.raises(BadKeyRing):
        load_or_create(path)
    assert len(path.read_text()) == 100


def test_a_full_disk_leaves_no_half_written_ring(tmp_path: Path) -> None:
    limit = (
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))"
    )
    assert "OSError" in started(tmp_path / "keys.json", limit).stderr
    assert list(tmp_path.iterdir()) == []


def test_starters_at_the_same_moment_agree_on_one_ring(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: load_or_create(path), range(8)))
    assert all(ring == rings[0] for ring in rings)
    assert load_or_create(path) == rings[0]


def test_a_ring_from_before_the_journal_gets_its_key_once_and_keeps_all_others(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    old = json.loads(RING.to_json())
    del old["journal_key"]
    path.write_text(json.dumps(old))
    path.chmod(0o600)
    with ThreadPoolExecutor(4) as pool:
        rings = list(pool.map(lambda _: load_or_create(path), range(4)))
    assert all(ring == rings[0] == load_or_create(path) for ring in rings)
    assert replace(rings[0], journal_key=RING.journal_key) == RING
    assert rings[0].journal_key != RING.journal_key
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_ring_that_lacks_more_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    old = json.loads(RING.to_json())
    del old["journal_key"], old["master_key"]
    path.write_text(json.dumps(old))
    path.chmod(0o600)
    with pytest.raises(BadKeyRing, match="lacks journal_key, master_key"):
        load_or_create(path)
    assert json.loads(path.read_text()) == old
