"""A token opens only with the key that sealed it, and whole."""

from secrets import token_bytes

import pytest

from app.crypto.unsubscribe_tokens import UnsubscribeTokens


def test_a_token_opens_with_its_own_key_and_with_no_other() -> None:
    key = token_bytes(32)
    token = UnsubscribeTokens(key).seal(b"[1]")
    assert (UnsubscribeTokens(key).open(token) or b"").rstrip() == b"[1]"
    assert UnsubscribeTokens(token_bytes(32)).open(token) is None


def test_no_token_with_another_character_opens() -> None:
    tokens = UnsubscribeTokens(token_bytes(32))
    token = tokens.seal(b"[1]")
    for at in range(len(token)):
        other = "A" if token[at] != "A" else "B"
        assert tokens.open(token[:at] + other + token[at + 1 :]) is None
        assert tokens.open(token[:at]) is None


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        UnsubscribeTokens(b"short")
