"""Times and texts as they come over the wire."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from app.api.schemas.base import Text500, Time, write_time
from tests.api.edges.service import MARKED, Note, NoteAnswer

TIME: TypeAdapter[datetime] = TypeAdapter(Time)
TEXT: TypeAdapter[str] = TypeAdapter(Text500)


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z"),
        ("2026-11-21t12:00:00z", "2026-11-21T12:00:00Z"),
        ("2026-11-21T13:00:00+01:00", "2026-11-21T12:00:00Z"),
        ("2026-11-20T23:30:00.000-12:30", "2026-11-21T12:00:00Z"),
        ("2026-11-21T12:00:00.25Z", "2026-11-21T12:00:00.250000Z"),
        ("2026-11-21T12:00:00.123456789Z", "2026-11-21T12:00:00.123456Z"),
    ],
)
def test_a_time_is_answered_in_utc_and_with_a_fraction_only_where_it_has_one(
    sent: str, answered: str
) -> None:
    assert write_time(TIME.validate_json(json.dumps(sent), strict=True)) == answered


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("2026-11-21T12:00:00", "time_without_offset"),
        ("2026-11-21", "time_format"),
        ("2026-11-21 12:00:00Z", "time_format"),
        ("2026-11-21T12:00Z", "time_format"),
        ("2026-11-21T12:00:00+01", "time_format"),
        ("2026-11-21T12:00:00+24:00", "time_format"),
        ("2026-13-21T12:00:00Z", "time_format"),
        ("2026-02-30T12:00:00Z", "time_format"),
        ("2026-11-21T24:00:00Z", "time_format"),
        ("2026-12-31T23:59:60Z", "time_format"),
        ("0001-01-01T00:00:00+01:00", "time_format"),
        ("0000-01-01T00:00:00Z", "time_format"),
        ("\u0662026-11-21T12:00:00Z", "time_format"),
        (" 2026-11-21T12:00:00Z", "time_format"),
        (1795262400, "time_format"),
        (None, "time_format"),
    ],
)
def test_a_time_that_is_not_rfc_3339_or_nobodys_is_refused(sent: object, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TIME.validate_json(json.dumps(sent), strict=True)
    assert refused.value.errors()[0]["type"] == why


def test_an_answer_takes_an_aware_time_only_and_writes_it_in_utc() -> None:
    stockholm = datetime(2026, 11, 21, 13, tzinfo=timezone(timedelta(hours=1)))
    answer = NoteAnswer(reference="A1-0001", at=stockholm)
    assert answer.at.tzinfo is UTC
    assert json.loads(answer.model_dump_json()) == {"reference": "A1-0001", "at": "2026-11-21T12:00:00Z"}
    with pytest.raises(ValidationError):
        NoteAnswer(reference="A1-0001", at=stockholm.replace(tzinfo=None))


@pytest.mark.parametrize("text", ["x", "x" * 500, "Å kundtjänst, ärende 4711"])
def test_a_reason_is_free_text_of_at_most_500_characters(text: str) -> None:
    assert TEXT.validate_python(text) == text


@pytest.mark.parametrize("text", ["", "x" * 501, "a\nb", "a\tb", "a\x7fb", "a\x85b", "a\u2028b", "a\n"])
def test_a_reason_has_no_control_characters_and_no_line_ends(text: str) -> None:
    with pytest.raises(ValidationError):
        TEXT.validate_python(text)


def test_a_body_has_no_printable_form() -> None:
    body = Note(reference=MARKED, recipients=[MARKED])
    assert MARKED not in f"{body} {body!r} {[body]}"


def test_an_answer_with_a_field_of_its_own_invention_is_not_made() -> None:
    with pytest.raises(ValidationError) as refused:
        NoteAnswer.model_validate({"reference": "A", "at": datetime.now(UTC), "agent": MARKED})
    assert MARKED not in str(refused.value)
