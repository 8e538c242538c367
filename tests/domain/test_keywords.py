"""Which texts are a stop, and which are left alone."""

import pytest

from app.domain.keywords import STOP_WORDS, is_stop

WORDS = sorted({word for words in STOP_WORDS.values() for word in words})


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_table_is_a_stop_however_it_is_written(word: str) -> None:
    for text in (word, word.upper(), f" {word.title()}! ", f"{word}.", f"Hej! {word} tack", f"'{word}'"):
        assert is_stop(text), text


@pytest.mark.parametrize(
    "text",
    ["STANS KLUBBEN", "Stopp NF, tack!", "\uff33\uff34\uff2f\uff30", "stop stop STOP", "Stop alla SMS"],
)
def test_a_name_after_the_word_and_a_courtesy_around_it_are_tolerated(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!",
        "Hej",
        "START",
        "STOPPA INTE",
        "don't stop",
        "don\u2019t stop",
        "Please do not stop",
        "The bus stop",
        "Stop by the shop tomorrow",
        "Kan ni sluta ringa mig",
        "stoppur",
        "STOP " + "x" * 200,
    ],
)
def test_free_text_is_not_guessed_at(text: str) -> None:
    assert not is_stop(text)


def test_a_text_of_one_message_is_read_and_a_longer_one_is_free_text() -> None:
    assert is_stop("STOP".ljust(160))
    assert not is_stop("STOP".ljust(161))
