"""What is read from a provider's call-back: a field that must be there, and a time that may be."""

from datetime import UTC, datetime

import pytest

from app.domain.call_backs import UnreadableCallError, moment, required


def test_a_field_that_is_always_sent_is_read_as_it_came() -> None:
    assert required({"from": "+46701740605", "text": "STOP"}, "text") == "STOP"


@pytest.mark.parametrize("value", [None, "", 7, ["STOP"], {}, "\ud83d", "a\udc00b"])
def test_a_field_that_is_no_text_makes_the_call_unreadable_and_is_named(value: object) -> None:
    with pytest.raises(UnreadableCallError) as unreadable:
        required({"text": value}, "text")
    assert str(unreadable.value) == "text"


def test_a_field_that_is_missing_makes_the_call_unreadable() -> None:
    with pytest.raises(UnreadableCallError):
        required({"text": "STOP"}, "from")


def test_a_time_with_its_offset_is_read() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert moment("2026-11-21T12:00:00Z") == moment("2026-11-21T13:00:00+01:00") == noon


@pytest.mark.parametrize(
    "value", [None, "", "yesterday", 1795262400, "2026-11-21T12:00:00", "2026-13-01T00:00:00Z"]
)
def test_a_time_that_could_be_another_one_is_none_at_all(value: object) -> None:
    assert moment(value) is None
