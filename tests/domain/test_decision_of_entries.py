"""Many recipients of whom only entries differ, and which registers a question needs before anybody is looked
up: the same answers as for each alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.decision import Answer, decide, decide_each, decide_entries, registers_asked
from app.domain.entry import EntryFact
from app.domain.facts import ControllerProfile, Facts, Question
from tests.domain.recipients import (
    DAY,
    NOW,
    ORDINARY,
    RECORDED,
    ask,
    consent,
    controller,
    dnc,
    facts_of,
    general,
    left,
    objection,
    optout,
    register,
)

NIX = controller(registers=("nix_phone", "nix_post"))
CALL = ask(channel="voice_live")


def codes(question: Question, others: Facts, *people: list[EntryFact]) -> list[str]:
    """The codes, which are those that each would get alone, resting on the same entry."""
    answers = decide_entries(question, others, dict(enumerate(people)), NOW)
    alone = [decide(question, replace(others, entries=tuple(one)), NOW) for one in people]
    assert answers == dict(enumerate(alone))
    return [one.code for one in alone]


def test_each_is_judged_by_its_own_wishes() -> None:
    people = [objection()], [dnc()], [optout("sms")], [optout("email")], [general(), dnc()]
    found = codes(ask(), Facts(ORDINARY), *people)
    assert found == ["OBJ_DM", "DNC_INTERNAL", "CHANNEL_OPTOUT", "NO_OBJECTION_FOUND", "OBJ_GENERAL"]


def test_wishes_that_differ_in_one_thing_only_are_told_apart() -> None:
    people = [objection()], [objection(contested=True)], [objection(level=0)], [objection("political")]
    assert codes(ask(), Facts(ORDINARY), *people) == [
        "OBJ_DM",
        "OBJ_CONTESTED",
        "OBJ_PROVISIONAL",
        "NO_OBJECTION_FOUND",
    ]
    assert codes(ask("service", service_id="news"), Facts(ORDINARY), [left("bills")], [left("news")]) == [
        "SERVICE",
        "SERVICE_UNSUB",
    ]
    assert codes(ask("research"), Facts(ORDINARY), [general()], [general(rejected=True)]) == [
        "OBJ_GENERAL",
        "RESEARCH",
    ]


def test_whoever_has_the_same_wish_is_cited_its_own_one() -> None:
    first, second = objection(number=1, since=NOW - DAY), objection(number=2, since=NOW - 2 * DAY)
    answers = decide_entries(ask(), Facts(ORDINARY), {7: [first], 4: [second]}, NOW)
    assert {index: answer.entry for index, answer in answers.items()} == {7: first, 4: second}
    assert {(answer.answer, answer.code) for answer in answers.values()} == {(Answer.BLOCK, "OBJ_DM")}


@pytest.mark.parametrize("count", [2, 3])
def test_of_several_wishes_of_each_the_oldest_is_cited_in_whatever_order_they_come(count: int) -> None:
    mine = [objection(number=n, since=NOW - n * DAY) for n in range(1, count + 1)]
    yours = [objection(number=10 + n, since=NOW - n * DAY) for n in range(1, count + 1)]
    answers = decide_entries(ask(), Facts(ORDINARY), {0: mine, 1: yours[::-1]}, NOW)
    assert (answers[0].entry, answers[1].entry) == (mine[-1], yours[-1])


def test_an_older_wish_that_does_not_decide_is_not_cited() -> None:
    """In the order of their age the two have different places, and the answers are apart."""
    one = [dnc(), objection(number=2, since=NOW)]
    other = [replace(dnc(), since=NOW), objection(number=3)]
    answers = decide_entries(ask(), Facts(ORDINARY), {0: one, 1: other}, NOW)
    assert (answers[0].entry, answers[1].entry) == (one[1], other[1])


def test_what_all_have_in_common_counts_for_each() -> None:
    in_it = Facts(NIX, registers=(register("nix_phone", hit=True),))
    assert codes(CALL, in_it, [optout("sms")], [dnc()]) == ["REG_HIT:nix_phone", "DNC_INTERNAL"]
    assert codes(ask(), Facts(RECORDED), [optout("email")]) == ["NO_CONSENT"]
    assert codes(ask(), Facts(ORDINARY)) == []


def test_a_wish_before_a_consent_of_all_is_told_from_one_after_it() -> None:
    before, after = objection(number=1), objection(number=2, since=NOW)
    assert codes(ask(), facts_of(consent()), [before], [after], [before]) == [
        "NO_OBJECTION_FOUND",
        "OBJ_DM_CONSENT_INSUFFICIENT",
        "NO_OBJECTION_FOUND",
    ]


def test_people_of_two_controllers_or_in_different_registers_are_told_apart() -> None:
    in_it, clear = register("nix_phone", hit=True), register("nix_phone")
    people = {
        0: facts_of(by=RECORDED),
        1: facts_of(by=ORDINARY),
        2: facts_of(in_it, by=NIX),
        3: facts_of(clear, by=NIX),
    }
    for question in (ask(), CALL):
        answers = decide_each(question, people, NOW)
        assert answers == {n: decide(question, one, NOW) for n, one in people.items()}
    assert [decide_each(CALL, people, NOW)[n].code for n in (2, 3)] == [
        "REG_HIT:nix_phone",
        "NO_OBJECTION_FOUND",
    ]


@pytest.mark.parametrize(
    ("question", "by", "wanted"),
    [
        (CALL, NIX, ["nix_phone"]),
        (ask(channel="post_addressed"), NIX, ["nix_post"]),
        (ask("fundraising", "voice_live"), NIX, ["nix_phone"]),
        (ask("winback", "voice_live"), NIX, ["nix_phone"]),
        (ask("service", "voice_live", promo=True), NIX, ["nix_phone"]),
        (ask("service", "voice_live"), NIX, []),
        (ask("political", "voice_live"), NIX, []),
        (ask(), NIX, []),
        (CALL, ORDINARY, []),
        (CALL, controller(registers=("nix_phone", "unheard_of")), ["nix_phone", "unheard_of"]),
        (ask(channel="pigeon"), NIX, []),
        (ask("greeting", "voice_live"), NIX, []),
        (ask(channel=None), NIX, []),
        (ask(None, "voice_live"), NIX, []),
        (ask("legal_notice", "voice_live", promo=True), NIX, []),
    ],
)
def test_registers_are_asked_before_a_dispatch_that_they_cover(
    question: Question, by: ControllerProfile, wanted: list[str]
) -> None:
    assert registers_asked(question, by, NOW) == wanted


def test_a_register_is_asked_until_the_day_it_ends_which_is_the_day_of_the_dispatch() -> None:
    by = controller(registers=("bloctel_fr",))
    before = datetime(2026, 8, 10, 12, tzinfo=UTC)
    assert registers_asked(CALL, by, before) == ["bloctel_fr"]
    assert registers_asked(CALL, by, before + DAY) == []
    later = ask(channel="voice_live", dispatch_at=before + timedelta(days=1))
    assert registers_asked(later, by, before) == []
