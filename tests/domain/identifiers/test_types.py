from datetime import date

import phonenumbers
import pytest

from app.domain.identifier import NORMALISER_VERSION, UnreadableIdentifier
from app.domain.identifiers import HASHED_TYPES, IDENTIFIER_TYPES, canonicalise, hashed

SHA256 = "0123456789abcdef" * 4


def test_the_normaliser_version_names_the_metadata_it_reads_with() -> None:
    assert f"2+pn{phonenumbers.__version__}" == NORMALISER_VERSION


def test_an_unknown_type_is_refused_by_its_code() -> None:
    with pytest.raises(UnreadableIdentifier) as refusal:
        canonicalise("fax_machine", "x", None, date(2026, 11, 21))
    assert refusal.value.reason == "UNKNOWN_TYPE"


@pytest.mark.parametrize("code", sorted(HASHED_TYPES))
def test_a_hash_stands_in_place_of_a_value_in_either_letter_case(code: str) -> None:
    assert hashed(code, SHA256.upper()) == hashed(code, SHA256)
    assert hashed(code, SHA256.upper()).sha256 == SHA256
    assert repr(hashed(code, SHA256)) == f"HashedIdentifier({code}, …)"


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        ("phone", SHA256[1:], "NOT_A_SHA256"),
        ("phone", SHA256 + "0", "NOT_A_SHA256"),
        ("phone", SHA256[1:] + "g", "NOT_A_SHA256"),
        ("phone", SHA256[1:] + "\u0665", "NOT_A_SHA256"),
        ("phone", SHA256 + "\n", "NOT_A_SHA256"),
        ("phone", "0x" + SHA256[2:], "NOT_A_SHA256"),
        ("postal_address", SHA256, "HASH_NOT_ACCEPTED"),
        ("customer_ref", SHA256, "HASH_NOT_ACCEPTED"),
        ("fax_machine", SHA256, "UNKNOWN_TYPE"),
    ],
)
def test_what_is_no_sha256_of_a_value_is_refused(code: str, text: str, reason: str) -> None:
    with pytest.raises(UnreadableIdentifier) as refusal:
        hashed(code, text)
    assert refusal.value.reason == reason


def test_only_types_that_exist_can_be_hashed() -> None:
    assert set(IDENTIFIER_TYPES) > HASHED_TYPES
