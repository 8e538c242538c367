"""What a decision says beside its code: reasons, the entry it rests on, until when it holds."""

from datetime import timedelta

import pytest

from app.domain.channels import CHANNELS
from app.domain.decision import Answer, decide_without_facts
from app.domain.entry import EntryFact
from app.domain.facts import Facts, Question, Source
from tests.domain.recipients import (
    DAY,
    EVERYTHING,
    NAMED,
    NOW,
    ORDINARY,
    PROVISIONAL,
    RECORDED,
    ask,
    controller,
    dnc,
    general,
    judged,
    left,
    objection,
    optout,
    source_block,
)


def test_every_match_is_a_reason_in_the_order_of_the_table() -> None:
    by = controller(basis="recorded", registers=("spelpaus_se",))
    decision = judged(ask(service_id="news", source=NAMED), *reversed(EVERYTHING), by=by)
    assert decision.reasons == (
        "SOURCE_BLOCKED",
        "OBJ_CONTESTED",
        "OBJ_DM",
        "OBJ_GENERAL",
        "SERVICE_UNSUB",
        "CHANNEL_OPTOUT",
        "DNC_INTERNAL",
        "NO_CONSENT",
        "REG_STALE",
    )
    assert decision.code == decision.reasons[0]


def test_what_would_have_blocked_is_listed_when_an_earlier_row_allows() -> None:
    decision = judged(ask("emergency"), *EVERYTHING)
    assert decision.reasons == ("EMERGENCY", "SOURCE_BLOCKED")
    assert judged(ask("service", service_id="news"), left("news")).reasons == ("SERVICE_UNSUB", "SERVICE")


def test_a_reason_that_only_went_on_comes_before_the_one_that_decided() -> None:
    decision = judged(ask("service", promo=True), optout("sms"))
    assert decision.reasons == ("MIXED_CONTENT", "CHANNEL_OPTOUT")
    assert decision.code == "CHANNEL_OPTOUT"


def test_nothing_found_is_the_only_reason_of_a_clear_answer() -> None:
    assert judged(ask()).reasons == ("NO_OBJECTION_FOUND",)
    assert judged(ask(channel="pigeon")).reasons == ("INPUT_INVALID",)


def test_the_oldest_entry_is_the_one_that_is_cited() -> None:
    first, later = objection(number=9, since=NOW - 3 * DAY), objection(number=2, since=NOW - DAY)
    assert judged(ask(), later, first).entry == first
    assert judged(ask(), first, later).entry == first


def test_of_two_entries_of_the_same_moment_the_lower_id_is_cited() -> None:
    one, two = objection(number=1), objection(number=2)
    assert judged(ask(), two, one).entry == one


def test_an_older_entry_that_does_not_decide_is_not_cited() -> None:
    older, deciding = dnc(), objection(number=7, since=NOW)
    decision = judged(ask(), older, deciding)
    assert (decision.code, decision.entry) == ("OBJ_DM", deciding)
    assert judged(ask(), objection(number=3), PROVISIONAL).entry == PROVISIONAL


@pytest.mark.parametrize(
    ("given", "question"),
    [
        (source_block(), ask(source=NAMED)),
        (objection(contested=True), ask()),
        (general(), ask()),
        (general("research"), ask("research")),
        (left("news"), ask(service_id="news")),
        (optout(), ask()),
        (dnc(), ask()),
    ],
)
def test_a_block_by_an_entry_cites_it(given: EntryFact, question: Question) -> None:
    assert judged(question, given).entry is given


@pytest.mark.parametrize("question", [ask(), ask("emergency"), ask(channel="x"), ask("political")])
def test_an_answer_holds_for_a_day_and_carries_no_obligations(question: Question) -> None:
    decision = judged(question)
    assert decision.valid_until == NOW + timedelta(hours=24)
    assert decision.obligations == ()
    assert decision.entry is None


def test_a_decision_without_an_entry_cites_none() -> None:
    assert judged(ask(), by=RECORDED).entry is None


LAW = ask("legal_notice", legal_basis_ref="1 kap. 2 §")


@pytest.mark.parametrize(
    "question", [ask("emergency"), ask("emergency", source=NAMED), LAW, ask("rights_reply"), ask("service")]
)
def test_without_facts_only_what_needs_none_is_allowed(question: Question) -> None:
    decision = decide_without_facts(question, Facts(ORDINARY), NOW)
    assert decision is not None
    assert (decision.answer, decision.code, decision.reasons) == (
        Answer.ALLOW,
        "DEGRADED_ALLOW",
        ("DEGRADED_ALLOW",),
    )
    assert decision.valid_until == NOW + timedelta(hours=24)


@pytest.mark.parametrize("channel", sorted(CHANNELS))
@pytest.mark.parametrize(
    "purpose",
    ["marketing", "fundraising", "political", "research", "societal_public", "winback", "repermission"],
)
def test_without_facts_nothing_else_is_answered(purpose: str, channel: str) -> None:
    assert decide_without_facts(ask(purpose, channel), Facts(ORDINARY), NOW) is None


@pytest.mark.parametrize(
    "question",
    [
        ask("service", service_id="news"),
        ask("service", source=NAMED),
        ask("service", promo=True),
        ask("rights_reply", promo=True),
        ask("legal_notice", legal_basis_ref="x", promo=True),
    ],
)
def test_without_facts_a_message_that_somebody_may_have_stopped_is_not_answered(question: Question) -> None:
    assert decide_without_facts(question, Facts(ORDINARY), NOW) is None


def test_without_facts_a_service_message_to_unnamed_people_is_allowed() -> None:
    question = ask("service", source=Source(named=False, kind="own"))
    found = decide_without_facts(question, Facts(ORDINARY), NOW)
    assert found is not None
    assert found.code == "DEGRADED_ALLOW"


@pytest.mark.parametrize("question", [ask(channel="pigeon"), ask("greeting"), ask("legal_notice")])
def test_without_facts_a_bad_question_is_blocked_as_always(question: Question) -> None:
    decision = decide_without_facts(question, Facts(ORDINARY), NOW)
    assert decision is not None
    assert (decision.answer, decision.code) == (Answer.BLOCK, "INPUT_INVALID")


def test_without_facts_an_unreadable_identifier_is_blocked_in_an_emergency_too() -> None:
    decision = decide_without_facts(ask("emergency"), Facts(ORDINARY, readable=False), NOW)
    assert decision is not None
    assert decision.answer is Answer.BLOCK
