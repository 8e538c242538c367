"""When somebody in Norway may be called, and what an answer about that says of its own time."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.calling_hours import calling_ends, load_calendar, next_calls
from app.domain.decision import Answer, decide_each
from app.domain.facts import Facts
from tests.domain.recipients import (
    DENMARK,
    HOUR,
    NORWAY,
    NOW,
    ORDINARY,
    SWEDEN,
    UNPLACED,
    WORKDAY,
    ask,
    consent,
    controller,
    customer,
    in_,
    judged,
    register,
)

NIX = controller(registers=("nix_phone",))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        ("2026-11-23T08:00:00", "2026-11-23T20:00:00"),
        ("2026-11-23T19:59:59", "2026-11-23T20:00:00"),
        ("2026-07-06T07:00:00", "2026-07-06T19:00:00"),
        ("2026-12-24T12:00:00", "2026-12-24T20:00:00"),
        ("2099-12-31T12:00:00", "2099-12-31T20:00:00"),
    ],
)
def test_calls_are_made_from_9_to_21_norwegian_time(moment: str, ends: str) -> None:
    assert calling_ends(utc(moment)) == utc(ends)


@pytest.mark.parametrize(
    ("moment", "again"),
    [
        ("2026-11-23T07:59:59", "2026-11-23T08:00:00"),
        ("2026-11-23T20:00:00", "2026-11-24T08:00:00"),
        ("2026-11-23T23:30:00", "2026-11-24T08:00:00"),
        ("2026-07-06T06:59:59", "2026-07-06T07:00:00"),
        ("2026-11-20T20:00:00", "2026-11-23T08:00:00"),
        ("2026-11-21T12:00:00", "2026-11-23T08:00:00"),
        ("2026-11-22T12:00:00", "2026-11-23T08:00:00"),
        ("2026-05-01T12:00:00", "2026-05-04T07:00:00"),
        ("2027-05-17T12:00:00", "2027-05-18T07:00:00"),
        ("2026-04-01T19:00:00", "2026-04-07T07:00:00"),
        ("2026-05-14T12:00:00", "2026-05-15T07:00:00"),
        ("2026-05-25T12:00:00", "2026-05-26T07:00:00"),
        ("2026-12-25T12:00:00", "2026-12-28T08:00:00"),
        ("2026-03-27T20:00:00", "2026-03-30T07:00:00"),
        ("2026-01-01T12:00:00", "2026-01-02T08:00:00"),
        ("2099-12-30T20:00:00", "2099-12-31T08:00:00"),
    ],
)
def test_nobody_is_called_at_night_at_weekends_and_on_holidays(moment: str, again: str) -> None:
    assert calling_ends(utc(moment)) is None
    assert next_calls(utc(moment)) == utc(again)


@pytest.mark.parametrize("moment", ["2100-01-04T12:00:00", "9999-12-31T23:59:59"])
def test_nobody_is_called_in_a_year_whose_holidays_nobody_knows(moment: str) -> None:
    assert calling_ends(utc(moment)) is None
    assert next_calls(utc(moment)) is None
    decision = judged(ask(channel="voice_live", dispatch_at=utc(moment)), NORWAY)
    assert (decision.code, decision.retry_after) == ("QUIET_TIME", None)


def test_calls_that_would_begin_after_the_last_known_year_are_not_promised() -> None:
    assert next_calls(utc("2099-12-31T20:00:00")) is None
    assert calling_ends(utc("2099-12-31T23:30:00")) is None


def test_when_calls_begin_they_begin_again_the_next_day() -> None:
    assert next_calls(utc("2026-11-23T08:00:00")) == utc("2026-11-24T08:00:00")


def test_the_hours_are_those_of_norway_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        ends, again = calling_ends(utc("2026-11-23T19:00:00")), next_calls(utc("2026-11-23T22:00:00"))
    time.tzset()
    assert (ends, again) == (utc("2026-11-23T20:00:00"), utc("2026-11-24T08:00:00"))
    assert ends is not None
    assert ends.tzinfo is UTC


def test_a_block_by_the_hour_says_when_to_ask_again_and_holds_until_then() -> None:
    evening = WORKDAY + 8.5 * HOUR
    found = decide_each(ask(channel="voice_live"), {0: Facts(ORDINARY, place=NORWAY)}, evening)[0]
    assert (found.answer, found.code) == (Answer.BLOCK, "QUIET_TIME")
    assert found.retry_after == found.valid_until == utc("2026-11-24T08:00:00")


def test_a_block_by_the_hour_of_a_later_dispatch_holds_no_longer_than_any_answer() -> None:
    decision = judged(ask(channel="voice_live", dispatch_at=NOW + timedelta(hours=5)), NORWAY)
    assert decision.retry_after == utc("2026-11-23T08:00:00")
    assert decision.valid_until == NOW + timedelta(hours=24)


def test_another_block_does_not_say_when_to_ask_again() -> None:
    assert judged(ask(channel="voice_live"), DENMARK).retry_after is None
    assert judged(ask()).retry_after is None


def test_an_allowed_call_to_norway_is_allowed_until_21_there() -> None:
    shortly_before = WORKDAY + 7.9 * HOUR
    ends = utc("2026-11-23T20:00:00")
    calls = {
        "NO_OBJECTION_FOUND": Facts(ORDINARY, place=NORWAY),
        "REG_CONSENT": Facts(ORDINARY, place=NORWAY, consents=(consent("voice_live"),)),
        "REG_CUSTOMER": Facts(
            NIX, place=NORWAY, relationships=(customer(),), registers=(register("nix_phone", hit=True),)
        ),
    }
    for code, facts in calls.items():
        question = ask(channel="voice_live", own_similar=True)
        found = decide_each(question, {0: facts}, shortly_before)[0]
        assert (found.code, found.valid_until) == (code, ends)


def test_a_call_planned_for_tomorrow_is_judged_by_the_hours_of_tomorrow() -> None:
    tonight, noon = utc("2026-11-23T21:00:00"), utc("2026-11-24T12:00:00")
    asked = ask(channel="voice_live", dispatch_at=noon)
    found = decide_each(asked, {0: Facts(ORDINARY, place=NORWAY)}, tonight)[0]
    assert (found.code, found.valid_until) == ("NO_OBJECTION_FOUND", utc("2026-11-24T20:00:00"))


def test_an_answer_about_a_swede_holds_for_a_day_whatever_the_hour_in_norway() -> None:
    found = decide_each(ask(channel="voice_live"), {0: Facts(ORDINARY, place=SWEDEN)}, WORKDAY)[0]
    assert found.valid_until == WORKDAY + timedelta(hours=24)


def test_recipients_in_two_countries_are_told_apart_in_one_request() -> None:
    facts = {n: Facts(ORDINARY, place=place) for n, place in enumerate([SWEDEN, NORWAY, DENMARK, NORWAY])}
    found = decide_each(ask(channel="voice_live"), facts, NOW)
    assert [found[n].code for n in facts] == ["NO_OBJECTION_FOUND", "QUIET_TIME", "DK_CALL_BAN", "QUIET_TIME"]


def test_a_call_to_nobody_knows_where_is_to_be_checked_by_the_sender() -> None:
    for given in ((), (consent("voice_live"),)):
        assert "CHECK_COUNTRY" in judged(ask(channel="voice_live"), UNPLACED, *given).obligations
    hit = (register("nix_phone", hit=True), customer())
    similar = ask(channel="voice_live", own_similar=True)
    assert judged(similar, UNPLACED, *hit, by=NIX).obligations == ("CHECK_COUNTRY",)


def test_no_country_is_to_be_checked_where_no_law_of_one_is_looked_at() -> None:
    assert judged(ask(), UNPLACED).obligations == ()
    assert "CHECK_COUNTRY" not in judged(ask(channel="voice_live"), SWEDEN).obligations
    assert judged(ask("research", "voice_live"), UNPLACED).obligations == ()


def test_an_office_may_be_written_to_and_must_be_let_say_no() -> None:
    question, by = ask(channel="email", legal_person=True), controller(basis="recorded")
    decision = judged(question, in_("SE", office=True), by=by)
    assert (decision.code, decision.reasons) == ("B2B", ("B2B",))
    assert decision.obligations == ("INCLUDE_OPT_OUT",)


@pytest.mark.parametrize("days", range(7))
def test_the_calendar_is_loaded_before_the_first_call_on_any_day_of_the_week(days: int) -> None:
    before = calling_ends(WORKDAY)
    load_calendar(NOW + timedelta(days=days))
    assert calling_ends(WORKDAY) == before
