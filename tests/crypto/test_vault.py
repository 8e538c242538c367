"""Sealed identifiers: only the right key, subject and place open them, and nothing after the key is gone."""

import re
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crypto.vault import Unsealable, Vault

MASTER = bytes(range(32))
VAULT = Vault(MASTER)
ANNA = UUID("01937000-0000-7000-8000-000000000001")
BERT = UUID("01937000-0000-7000-8000-000000000002")
KEY, WRAPPED = VAULT.new_data_key(ANNA)
PLACE = b"entry/1/identifier"
SEALED = VAULT.seal(KEY, b"+46701740605", PLACE)


def test_a_data_key_comes_out_of_its_wrapping_for_its_own_subject() -> None:
    assert len(KEY) == 32
    assert VAULT.unwrap(ANNA, WRAPPED) == KEY
    assert Vault(MASTER).unwrap(ANNA, WRAPPED) == KEY


def test_a_wrapped_key_moved_to_another_subject_stays_shut() -> None:
    with pytest.raises(Unsealable):
        VAULT.unwrap(BERT, WRAPPED)


def test_a_wrapped_key_is_worthless_without_the_master_key() -> None:
    with pytest.raises(Unsealable):
        Vault(bytes(32)).unwrap(ANNA, WRAPPED)


@settings(max_examples=50, deadline=None)
@given(plaintext=st.binary(max_size=500), aad=st.binary(max_size=50))
def test_what_is_sealed_comes_back(plaintext: bytes, aad: bytes) -> None:
    sealed = VAULT.seal(KEY, plaintext, aad)
    assert VAULT.unseal(KEY, sealed, aad) == plaintext
    assert len(sealed) == len(plaintext) + 29


def test_a_sealed_value_is_version_nonce_and_aes_gcm() -> None:
    assert SEALED[0] == 1
    assert AESGCM(KEY).decrypt(SEALED[1:13], SEALED[13:], b"\x01" + PLACE) == b"+46701740605"


def test_sealing_the_same_number_twice_shows_no_likeness() -> None:
    again = VAULT.seal(KEY, b"+46701740605", PLACE)
    assert again[1:13] != SEALED[1:13]
    assert again[13:] != SEALED[13:]


def test_every_subject_has_a_key_of_its_own() -> None:
    assert len({VAULT.new_data_key(subject)[0] for subject in (ANNA, ANNA, BERT)}) == 3


def test_a_value_moved_to_another_row_stays_shut() -> None:
    with pytest.raises(Unsealable):
        VAULT.unseal(KEY, SEALED, b"entry/2/identifier")


def test_a_value_stays_shut_under_another_subject_s_key() -> None:
    other, _ = VAULT.new_data_key(BERT)
    with pytest.raises(Unsealable):
        VAULT.unseal(other, SEALED, PLACE)


def test_one_changed_bit_anywhere_is_noticed() -> None:
    for place in range(len(SEALED) * 8):
        changed = bytearray(SEALED)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(Unsealable):
            VAULT.unseal(KEY, bytes(changed), PLACE)


def test_a_cut_value_is_noticed() -> None:
    for length in range(len(SEALED)):
        with pytest.raises(Unsealable):
            VAULT.unseal(KEY, SEALED[:length], PLACE)


def test_a_refusal_says_nothing_of_why() -> None:
    with pytest.raises(Unsealable) as refused:
        VAULT.unseal(KEY, SEALED, b"elsewhere")
    assert str(refused.value) == ""
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33, 64])
def test_a_key_of_another_length_is_never_used(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(bytes(length))
    with pytest.raises(ValueError, match="32 bytes"):
        VAULT.seal(bytes(length), b"", b"")
    with pytest.raises(ValueError, match="32 bytes"):
        VAULT.unseal(bytes(length), SEALED, PLACE)


def test_a_vault_does_not_print_its_master_key() -> None:
    assert re.fullmatch(r"<app\.crypto\.vault\.Vault object at 0x[0-9a-f]+>", repr(VAULT))
