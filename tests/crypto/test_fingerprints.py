import random
from datetime import date
from hashlib import sha256
from uuid import UUID

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crypto.fingerprints import TAGS, Fingerprinter, _ManyCmacs
from app.domain.column import Column
from app.domain.identifiers import HASHED_TYPES, IDENTIFIER_TYPES, canonicalise, hashed

KEY = bytes(range(32))
TODAY = date(2026, 11, 21)
FINGERPRINTER = Fingerprinter(KEY)

# The message that RFC 4493 §4 and SP 800-38B, examples, share: its first 0, 16, 40 and 64 bytes.
MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
AES_128 = "2b7e151628aed2a6abf7158809cf4f3c"
AES_256 = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"


def cmac_of_each(key: bytes, messages: list[bytes]) -> list[bytes]:
    lengths = np.array([len(message) for message in messages], np.int64)
    joined = _ManyCmacs(key).of(Column.packed(b"-".join((b"", *messages)), lengths))
    return [joined[start : start + 16] for start in range(0, len(joined), 16)]


def cmac_by_the_library(key: bytes, message: bytes) -> bytes:
    cmac = CMAC(AES(key))
    cmac.update(message)
    return cmac.finalize()


@pytest.mark.parametrize(
    ("key", "length", "digest"),
    [
        (AES_128, 0, "bb1d6929e95937287fa37d129b756746"),
        (AES_128, 16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (AES_128, 40, "dfa66747de9ae63030ca32611497c827"),
        (AES_128, 64, "51f0bebf7e3b9d92fc49741779363cfe"),
        (AES_256, 0, "028962f61b7bf89efc6b551f4667d983"),
        (AES_256, 16, "28a7023f452e8f82bd4bf28d8c37c35c"),
        (AES_256, 40, "aaf3d8f1de5640c232f5b169b9c911e6"),
        (AES_256, 64, "e1992190549f6ed5696a2c056c315410"),
    ],
)
def test_the_vectors_of_rfc_4493_and_sp_800_38b_come_out(key: str, length: int, digest: str) -> None:
    assert cmac_of_each(bytes.fromhex(key), [MESSAGE[:length]]) == [bytes.fromhex(digest)]


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.lists(st.binary(max_size=100), max_size=20))
def test_many_at_once_are_what_the_library_computes_one_by_one(key: bytes, messages: list[bytes]) -> None:
    assert cmac_of_each(key, messages) == [cmac_by_the_library(key, message) for message in messages]


def test_messages_of_every_length_go_through_together() -> None:
    source = random.Random(2026)  # noqa: S311 -- reproducible samples, no secret
    messages = [source.randbytes(length) for length in range(101) for _ in range(3)]
    source.shuffle(messages)
    assert cmac_of_each(KEY, messages) == [cmac_by_the_library(KEY, message) for message in messages]


def test_a_fingerprint_is_the_cmac_of_the_tag_and_the_number_without_its_plus() -> None:
    expected = cmac_by_the_library(KEY, b"\x0146701740605")
    assert FINGERPRINTER.text("phone", "+46701740605") == UUID(bytes=expected)
    assert FINGERPRINTER.text("email", "a@example.com").bytes == cmac_by_the_library(
        KEY, b"\x02a@example.com"
    )


def texts_of(kind: str) -> st.SearchStrategy[str]:
    if kind == "phone":
        return st.from_regex(r"\+[0-9]{4,20}", fullmatch=True)
    if kind.endswith("_sha256"):
        return st.binary(min_size=32, max_size=32).map(bytes.hex)
    return st.text(st.characters(codec="utf-8"), max_size=60) | st.text("ab", max_size=60)


@pytest.mark.parametrize("kind", sorted(TAGS))
@settings(deadline=None)
@given(texts=st.data())
def test_a_batch_has_the_fingerprints_of_its_singles(kind: str, texts: st.DataObject) -> None:
    batch = texts.draw(st.lists(texts_of(kind), max_size=12))
    singles = [FINGERPRINTER.text(kind, text).bytes for text in batch]
    assert FINGERPRINTER.texts(kind, batch) == b"".join(singles)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone", "46701740605"),
        ("phone", ""),
        ("phone_sha256", "00"),
        ("phone_sha256", "x" * 64),
        ("email_sha256", "00" * 33),
    ],
)
def test_what_is_not_canonical_gets_no_fingerprint(kind: str, text: str) -> None:
    valid = {"phone": "+46701740605"}.get(kind, "00" * 32)
    with pytest.raises(ValueError, match=r"canonical|hexadecimal"):
        FINGERPRINTER.text(kind, text)
    with pytest.raises(ValueError, match=r"canonical|hexadecimal"):
        FINGERPRINTER.texts(kind, [valid, text])


def test_a_kind_without_a_tag_gets_no_fingerprint() -> None:
    with pytest.raises(KeyError):
        FINGERPRINTER.text("fax_machine", "x")
    with pytest.raises(KeyError):
        FINGERPRINTER.texts("fax_machine", ["x"])


def test_every_type_has_a_tag_of_its_own_and_so_has_its_hash() -> None:
    assert set(IDENTIFIER_TYPES) <= set(TAGS)
    assert {f"{code}_sha256" for code in HASHED_TYPES} <= set(TAGS)
    assert len(set(TAGS.values())) == len(TAGS)
    assert all(0 < tag < 0x80 for tag in TAGS.values())


def test_the_tags_are_permanent() -> None:
    assert {
        kind: TAGS[kind] for kind in ("phone", "email", "personal_number", "postal_address", "customer_ref")
    } == {
        "phone": 0x01,
        "email": 0x02,
        "personal_number": 0x03,
        "postal_address": 0x04,
        "customer_ref": 0x05,
    }
    assert {kind: TAGS[kind] for kind in ("phone_sha256", "email_sha256", "personal_number_sha256")} == {
        "phone_sha256": 0x11,
        "email_sha256": 0x12,
        "personal_number_sha256": 0x13,
    }
    assert {kind: TAGS[kind] for kind in ("canary", "subject", "key_check")} == {
        "canary": 0x20,
        "subject": 0x21,
        "key_check": 0x7F,
    }


def test_the_same_text_has_another_fingerprint_in_each_kind() -> None:
    texts = dict.fromkeys(TAGS, "00" * 32) | {"phone": "+" + "00" * 32}
    assert len({FINGERPRINTER.text(kind, text) for kind, text in texts.items()}) == len(TAGS)


def test_a_value_and_its_sha256_find_each_other() -> None:
    value = canonicalise("phone", "070-174 06 05", "SE", TODAY)
    hash_ = hashed("phone", sha256(b"+46701740605").hexdigest())
    indexed = FINGERPRINTER.indexed(value)
    assert indexed == (
        FINGERPRINTER.text("phone", "+46701740605"),
        FINGERPRINTER.text("phone_sha256", hash_.sha256),
    )
    assert FINGERPRINTER.asked(hash_, hashed_too=False) == FINGERPRINTER.indexed(hash_) == indexed[1:]
    assert FINGERPRINTER.asked(value, hashed_too=False) == indexed[:1]
    assert FINGERPRINTER.asked(value, hashed_too=True) == indexed


def test_an_address_with_a_tag_is_indexed_and_asked_without_it_too() -> None:
    tagged = canonicalise("email", "Anna+Shop@example.com", None, TODAY)
    plain = canonicalise("email", "anna@example.com", None, TODAY)
    assert len(FINGERPRINTER.indexed(tagged)) == 4
    assert FINGERPRINTER.asked(plain, hashed_too=False)[0] in FINGERPRINTER.indexed(tagged)
    assert FINGERPRINTER.indexed(plain)[0] in FINGERPRINTER.asked(tagged, hashed_too=False)
    assert set(FINGERPRINTER.indexed(plain)) < set(FINGERPRINTER.indexed(tagged))


def test_a_customer_reference_is_never_hashed() -> None:
    reference = canonicalise("customer_ref", "K-1", None, TODAY)
    assert FINGERPRINTER.indexed(reference) == (FINGERPRINTER.text("customer_ref", "K-1"),)


def test_another_key_gives_other_fingerprints_and_another_check_value() -> None:
    other = Fingerprinter(bytes(32), version=2)
    assert other.version == 2
    assert other.text("phone", "+46701740605") != FINGERPRINTER.text("phone", "+46701740605")
    assert other.check_value() != FINGERPRINTER.check_value() == Fingerprinter(KEY).check_value()
    assert len(FINGERPRINTER.check_value()) == 32


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Fingerprinter(bytes(length))


def test_the_key_is_not_printable() -> None:
    assert repr(FINGERPRINTER) == f"{FINGERPRINTER}" == "Fingerprinter(version=1)"
    assert not hasattr(FINGERPRINTER, "__dict__")


def test_the_hashes_of_many_texts_are_found_like_hashes_that_were_given() -> None:
    texts = ["anna@example.com", "\u00e5@example.com"]
    given_as_hashes = [sha256(text.encode()).hexdigest() for text in texts]
    expected = FINGERPRINTER.texts("email_sha256", given_as_hashes)
    assert FINGERPRINTER.hashes("email", texts) == expected
    assert FINGERPRINTER.hashes("email", Column.of(texts)) == expected
