"""One value, one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crypto import base64url


@given(raw=st.binary(max_size=100))
def test_every_value_comes_back_from_its_spelling(raw: bytes) -> None:
    assert base64url.decode(base64url.encode(raw)) == raw


@pytest.mark.parametrize(("raw", "text"), [(b"", ""), (b"\xfb\xff", "-_8"), (b"a", "YQ"), (b"abc", "YWJj")])
def test_the_alphabet_is_the_url_safe_one_without_padding(raw: bytes, text: str) -> None:
    assert base64url.encode(raw) == text


@pytest.mark.parametrize(
    "text",
    [
        "YQ==",
        "YQ=",
        "YR",
        "YWK",
        "Y",
        "YWJjY",
        "+/8",
        "Y Q",
        " YQ",
        "YQ\n",
        "\nYQ",
        "YQ\0",
        "Y.Q",
        "YÅ",
        "\uff39Q",
        "=",
    ],
)
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|canonical|ASCII|padding"):
        base64url.decode(text)
