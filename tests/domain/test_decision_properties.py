"""What holds for every question and all facts, by generated examples."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.channels import ALL_CHANNELS
from app.domain.decision import Answer, decide, decide_each, decide_entries, decide_without_facts
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import ControllerProfile, Facts, Question
from app.domain.purposes import DM_MASK
from tests.domain.generated import ENTRIES, FACTS, QUESTIONS, many
from tests.domain.recipients import NOW, ORDINARY, ask, objection


@many
@given(QUESTIONS, FACTS, ENTRIES)
def test_one_more_entry_never_turns_block_into_allow(
    question: Question, facts: Facts, more: EntryFact
) -> None:
    before = decide(question, facts, NOW)
    after = decide(question, replace(facts, entries=(*facts.entries, more)), NOW)
    if before.answer is Answer.BLOCK:
        assert after.answer is Answer.BLOCK
    if after.answer is Answer.ALLOW:
        assert after.code == before.code


@many
@given(QUESTIONS, FACTS, st.sampled_from([None, "", "SMS", "pigeon", "e-mail"]))
def test_an_unknown_channel_or_purpose_is_never_allowed(
    question: Question, facts: Facts, unknown: str | None
) -> None:
    for asked in (replace(question, channel=unknown), replace(question, purpose=unknown)):
        assert decide(asked, facts, NOW).code == "INPUT_INVALID"
        assert decide(asked, facts, NOW).answer is Answer.BLOCK


@many
@given(QUESTIONS, FACTS)
def test_every_question_has_one_answer_whose_code_is_among_its_reasons(
    question: Question, facts: Facts
) -> None:
    decision = decide(question, facts, NOW)
    assert decision.code in decision.reasons
    assert len(set(decision.reasons)) == len(decision.reasons)
    assert decision.entry is None or decision.entry in facts.entries
    turned = replace(
        facts,
        entries=facts.entries[::-1],
        consents=facts.consents[::-1],
        relationships=facts.relationships[::-1],
        registers=facts.registers[::-1],
    )
    assert decision == decide(question, turned, NOW)


@many
@given(QUESTIONS, FACTS)
def test_an_answer_holds_for_a_day_at_the_most_and_never_ended_before_it_was_given(
    question: Question, facts: Facts
) -> None:
    decision = decide(question, facts, NOW)
    assert NOW <= decision.valid_until <= NOW + timedelta(hours=24)
    assert (decision.retry_after is not None) is (decision.code == "QUIET_TIME")


@many
@given(QUESTIONS, FACTS)
def test_what_nobody_can_read_is_never_allowed(question: Question, facts: Facts) -> None:
    assert decide(question, replace(facts, readable=False), NOW).answer is Answer.BLOCK


@many
@given(QUESTIONS, FACTS)
def test_direct_marketing_never_passes_a_new_objection_in_its_channel(
    question: Question, facts: Facts
) -> None:
    """A new one: no consent that was given before it counts."""
    against = EntryFact(UUID(int=10), EntryKind.OBJECTION, ALL_CHANNELS, DM_MASK, NOW)
    marketing = question.promo or question.purpose in {"marketing", "fundraising", "winback", "repermission"}
    decision = decide(question, replace(facts, entries=(*facts.entries, against)), NOW)
    if marketing and decision.code != "EMERGENCY":
        assert decision.answer is Answer.BLOCK


@many
@given(QUESTIONS, FACTS)
def test_what_is_allowed_without_facts_is_allowed_with_any(question: Question, facts: Facts) -> None:
    """A source's blocks are read only when it is named; no objection can name contract mail."""
    without = decide_without_facts(question, Facts(ControllerProfile()), NOW)
    named = question.source is not None and question.source.named
    possible = [one for one in facts.entries if named or one.kind is not EntryKind.SOURCE_BLOCK]
    if without is not None and without.answer is Answer.ALLOW:
        assert decide(question, replace(facts, entries=tuple(possible)), NOW).answer is Answer.ALLOW


@many
@given(QUESTIONS, st.lists(FACTS, max_size=6))
def test_many_are_judged_as_each_would_be_alone(question: Question, recipients: list[Facts]) -> None:
    facts = dict(enumerate(recipients))
    assert decide_each(question, facts, NOW) == {n: decide(question, f, NOW) for n, f in facts.items()}


@many
@given(QUESTIONS, FACTS, st.lists(st.lists(ENTRIES, min_size=1, max_size=3), max_size=6))
def test_many_of_whom_only_entries_differ_are_judged_as_each_would_be_alone(
    question: Question, others: Facts, recipients: list[list[EntryFact]]
) -> None:
    alone = {
        n: decide(question, replace(others, entries=tuple(one)), NOW) for n, one in enumerate(recipients)
    }
    assert decide_entries(question, others, dict(enumerate(recipients)), NOW) == alone


def test_people_with_the_same_wish_are_each_cited_their_own_entry() -> None:
    alike = {n: Facts(ORDINARY, (objection(number=n, since=NOW - timedelta(days=n)),)) for n in (1, 2, 3)}
    decisions = decide_each(ask(), alike, NOW)
    assert [decisions[n].entry for n in alike] == [facts.entries[0] for facts in alike.values()]
    assert {one.code for one in decisions.values()} == {"OBJ_DM"}
