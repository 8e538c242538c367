"""Many recipients of one lookup: what is said of the one never becomes the answer of another."""

from datetime import timedelta

from app.domain.decision import decide, decide_each
from app.domain.facts import ControllerProfile, Question
from tests.domain.recipients import (
    DAY,
    HOUR,
    NOW,
    ORDINARY,
    RECORDED,
    Fact,
    ask,
    consent,
    customer,
    dnc,
    facts_of,
    objection,
    optout,
)

SIMILAR = ask(own_similar=True)


def codes(question: Question, *people: tuple[Fact, ...], by: ControllerProfile = RECORDED) -> list[str]:
    """The codes, which are those that each would get alone."""
    facts = {n: facts_of(*each, by=by) for n, each in enumerate(people)}
    answers = decide_each(question, facts, NOW)
    assert answers == {n: decide(question, each, NOW) for n, each in facts.items()}
    return [answers[n].code for n in facts]


def test_of_two_people_with_two_wishes_each_is_cited_its_older_one() -> None:
    old, new = NOW - 3 * DAY, NOW - DAY
    one = (objection(number=1, since=old), objection(number=2, since=new))
    other = (objection(number=3, since=new), objection(number=4, since=old))
    facts = {1: facts_of(*one), 2: facts_of(*other)}
    answers = decide_each(ask(), facts, NOW)
    assert (answers[1].entry, answers[2].entry) == (one[0], other[1])


def test_different_wishes_have_different_answers() -> None:
    assert codes(ask(), (dnc(),), (optout(),), (), by=ORDINARY) == [
        "DNC_INTERNAL",
        "CHANNEL_OPTOUT",
        "NO_OBJECTION_FOUND",
    ]


def test_a_customer_is_told_from_somebody_else() -> None:
    left = customer(ended_at=NOW - 335 * DAY)
    long_ago = customer(ended_at=NOW - 400 * DAY)
    found = codes(SIMILAR, (customer(),), (left,), (long_ago,), ())
    assert found == ["SOFT_OPT_IN", "SOFT_OPT_IN", "NO_CONSENT", "NO_CONSENT"]


def test_a_customer_whose_year_ends_today_is_told_from_one_whose_does_not() -> None:
    ending = customer(ended_at=NOW - 365 * DAY + 2 * HOUR)
    codes(SIMILAR, (customer(ended_at=NOW - 100 * DAY),), (ending,), (customer(),))
    answers = decide_each(SIMILAR, {0: facts_of(ending, by=RECORDED)}, NOW)
    assert answers[0].valid_until == NOW + 2 * HOUR


def test_a_customer_whose_year_ends_before_the_dispatch_is_none() -> None:
    asked = ask(own_similar=True, dispatch_at=NOW + timedelta(days=3))
    ending = customer(ended_at=NOW - 363 * DAY)
    assert codes(asked, (ending,), (customer(ended_at=NOW - 100 * DAY),)) == ["NO_CONSENT", "SOFT_OPT_IN"]


def test_consents_are_told_apart_by_what_they_say() -> None:
    people = (
        (consent(),),
        (consent("email"),),
        (consent(by_person=False),),
        (consent(purposes="fundraising"),),
    )
    assert codes(ask(), *people) == ["CONSENT_VALID", "NO_CONSENT", "NO_CONSENT", "NO_CONSENT"]


def test_consents_are_told_apart_by_when_they_were_given_and_ended() -> None:
    people = (
        (objection(), consent()),
        (objection(), consent(given_at=NOW - 9 * DAY)),
        (objection(), consent(given_at=None)),
        (objection(), consent(ended_at=NOW - HOUR / 2)),
        (objection(), consent(ended_at=NOW + HOUR)),
    )
    weak = "OBJ_DM_CONSENT_INSUFFICIENT"
    assert codes(ask(), *people) == ["CONSENT_VALID", weak, weak, "OBJ_DM", "CONSENT_VALID"]


def test_a_consent_without_any_wish_is_told_from_one_that_has_ended() -> None:
    ended = consent(ended_at=NOW - HOUR / 2)
    assert codes(ask(), (consent(),), (ended,)) == ["CONSENT_VALID", "CONSENT_WITHDRAWN"]
