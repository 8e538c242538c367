"""What holds for every question and every set of entries, by generated examples."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.channels import ALL_CHANNELS, CHANNELS
from app.domain.decision import Answer, decide, decide_each, decide_entries, decide_without_facts
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import (
    BASES,
    POLITICAL_POLICIES,
    SOURCE_KINDS,
    ControllerProfile,
    Facts,
    Policy,
    Question,
    Source,
)
from app.domain.purposes import ALL_PURPOSES, DM_MASK, OBJECTION_PURPOSES, PURPOSES, purpose_mask
from app.domain.registers import REGISTERS
from tests.domain.recipients import NOW, ORDINARY, ask, objection

SERVICES = st.sampled_from([None, "news", "bills"])
KINDS = [kind for kind in EntryKind if kind is not EntryKind.CANARY]

QUESTIONS = st.builds(
    Question,
    channel=st.sampled_from([None, "pigeon", *CHANNELS]),
    purpose=st.sampled_from([None, "greeting", *PURPOSES]),
    promo=st.booleans(),
    service_id=SERVICES,
    source=st.none() | st.builds(Source, st.booleans(), st.sampled_from([None, *SOURCE_KINDS])),
    legal_basis_ref=st.sampled_from([None, "", "1 kap. 2 §"]),
)
ENTRIES = st.builds(
    EntryFact,
    entry_id=st.integers(1, 9).map(lambda n: UUID(int=n)),
    kind=st.sampled_from(KINDS),
    channels=st.integers(0, ALL_CHANNELS) | st.just(ALL_CHANNELS),
    purposes=st.integers(0, ALL_PURPOSES) | st.just(ALL_PURPOSES) | st.just(DM_MASK),
    since=st.integers(0, 99).map(lambda days: NOW - timedelta(days=days)),
    level=st.sampled_from([0, 1, 4, 9]),
    contested=st.booleans(),
    service_id=SERVICES,
)
CONTROLLERS = st.builds(
    ControllerProfile,
    public_body=st.booleans(),
    policy=st.builds(
        Policy,
        basis=st.sampled_from(BASES),
        registers=st.lists(st.sampled_from([*REGISTERS, "unheard_of"]), max_size=3).map(tuple),
        political=st.sampled_from(POLITICAL_POLICIES),
        minimum_level=st.integers(0, 4),
    ),
)
SEVERAL = st.lists(ENTRIES, max_size=4, unique_by=lambda one: one.entry_id).map(tuple)
many = settings(deadline=None, max_examples=300)


@many
@given(QUESTIONS, CONTROLLERS, SEVERAL, ENTRIES)
def test_one_more_entry_never_turns_block_into_allow(
    question: Question, by: ControllerProfile, entries: tuple[EntryFact, ...], more: EntryFact
) -> None:
    before = decide(question, Facts(by, entries), NOW)
    after = decide(question, Facts(by, (*entries, more)), NOW)
    if before.answer is Answer.BLOCK:
        assert after.answer is Answer.BLOCK
    if after.answer is Answer.ALLOW:
        assert after.code == before.code


@many
@given(QUESTIONS, CONTROLLERS, SEVERAL, st.sampled_from([None, "", "SMS", "pigeon", "e-mail"]))
def test_an_unknown_channel_or_purpose_is_never_allowed(
    question: Question, by: ControllerProfile, entries: tuple[EntryFact, ...], unknown: str | None
) -> None:
    for asked in (replace(question, channel=unknown), replace(question, purpose=unknown)):
        assert decide(asked, Facts(by, entries), NOW).code == "INPUT_INVALID"
        assert decide(asked, Facts(by, entries), NOW).answer is Answer.BLOCK


@many
@given(QUESTIONS, CONTROLLERS, SEVERAL)
def test_every_question_has_one_answer_whose_code_is_among_its_reasons(
    question: Question, by: ControllerProfile, entries: tuple[EntryFact, ...]
) -> None:
    decision = decide(question, Facts(by, entries), NOW)
    assert decision.code in decision.reasons
    assert len(set(decision.reasons)) == len(decision.reasons)
    assert decision.entry is None or decision.entry in entries
    assert decision == decide(question, Facts(by, tuple(reversed(entries))), NOW)


@many
@given(QUESTIONS, CONTROLLERS, SEVERAL)
def test_what_nobody_can_read_is_never_allowed(
    question: Question, by: ControllerProfile, entries: tuple[EntryFact, ...]
) -> None:
    assert decide(question, Facts(by, entries, readable=False), NOW).answer is Answer.BLOCK


@many
@given(QUESTIONS, CONTROLLERS, SEVERAL)
def test_direct_marketing_never_passes_an_objection_in_its_channel(
    question: Question, by: ControllerProfile, entries: tuple[EntryFact, ...]
) -> None:
    against = EntryFact(UUID(int=10), EntryKind.OBJECTION, ALL_CHANNELS, DM_MASK, NOW)
    marketing = question.promo or question.purpose in {"marketing", "fundraising", "winback", "repermission"}
    decision = decide(question, Facts(by, (*entries, against)), NOW)
    if marketing and decision.code != "EMERGENCY":
        assert decision.answer is Answer.BLOCK


@many
@given(QUESTIONS, CONTROLLERS, SEVERAL)
def test_what_is_allowed_without_facts_is_allowed_with_any(
    question: Question, by: ControllerProfile, entries: tuple[EntryFact, ...]
) -> None:
    """A source's blocks are read only when it is named; no objection can name contract mail."""
    without = decide_without_facts(question, Facts(ControllerProfile()), NOW)
    named = question.source is not None and question.source.named
    possible = [_objectable(one) for one in entries if named or one.kind is not EntryKind.SOURCE_BLOCK]
    if without is not None and without.answer is Answer.ALLOW:
        assert decide(question, Facts(by, tuple(possible)), NOW).answer is Answer.ALLOW


def _objectable(one: EntryFact) -> EntryFact:
    """An objection names only what can be objected to."""
    if one.kind not in {EntryKind.OBJECTION, EntryKind.OBJECTION_GENERAL} or one.purposes == ALL_PURPOSES:
        return one
    return replace(one, purposes=one.purposes & purpose_mask(OBJECTION_PURPOSES))


@many
@given(QUESTIONS, CONTROLLERS, st.lists(SEVERAL, max_size=6))
def test_many_are_judged_as_each_would_be_alone(
    question: Question, by: ControllerProfile, recipients: list[tuple[EntryFact, ...]]
) -> None:
    facts = {n: Facts(by, each) for n, each in enumerate(recipients)}
    alone = {n: decide(question, f, NOW) for n, f in facts.items()}
    assert decide_each(question, facts, NOW) == alone
    assert decide_entries(question, Facts(by), dict(enumerate(recipients)), NOW) == alone


def test_people_with_the_same_wish_are_each_cited_their_own_entry() -> None:
    alike = {n: Facts(ORDINARY, (objection(number=n, since=NOW - timedelta(days=n)),)) for n in (1, 2, 3)}
    decisions = decide_each(ask(), alike, NOW)
    assert [decisions[n].entry for n in alike] == [facts.entries[0] for facts in alike.values()]
    assert {one.code for one in decisions.values()} == {"OBJ_DM"}
