"""What a consent does and does not do, and what an answer says of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.channels import CHANNELS
from app.domain.consent import ConsentFact
from app.domain.decision import Answer, decide, decide_each
from app.domain.entry import EntryFact
from app.domain.facts import ControllerProfile, Question
from app.domain.relationship import RelationshipFact
from tests.domain.generated import CONTROLLERS, QUESTIONS, SEVERAL, many
from tests.domain.recipients import (
    DAY,
    HOUR,
    NOW,
    RECORDED,
    Fact,
    ask,
    consent,
    controller,
    customer,
    dnc,
    facts_of,
    general,
    judged,
    member,
    objection,
    optout,
    register,
)

TIMES = st.integers(-9, 400).map(lambda days: NOW - timedelta(days=days, hours=1))
CONSENTS = st.builds(
    consent,
    st.lists(st.sampled_from(sorted(CHANNELS)), min_size=1, max_size=4).map(" ".join),
    st.sampled_from(["marketing", "fundraising", "political", "direct_marketing"]),
    number=st.integers(1, 9),
    given_at=st.none() | TIMES,
    ended_at=st.none() | TIMES,
    by_person=st.booleans(),
    names_controller=st.booleans(),
    evidenced=st.booleans(),
    barred=st.booleans(),
)
RELATIONS = st.builds(customer, since=TIMES, ended_at=st.none() | TIMES) | st.builds(member, since=TIMES)


def test_an_answer_says_that_a_consent_lifted_an_objection() -> None:
    decision = judged(ask(), objection(), dnc(), consent(), by=RECORDED)
    assert decision.reasons == ("CONSENT_OVERRIDES", "CONSENT_VALID")
    assert decision.obligations == ("INCLUDE_OPT_OUT", "SENDER_ID")


@pytest.mark.parametrize("wish", [objection(), dnc(), optout()])
def test_an_answer_says_which_wish_a_consent_lifted_whatever_kind_it_was(wish: EntryFact) -> None:
    assert judged(ask(), wish, consent(), by=RECORDED).reasons == ("CONSENT_OVERRIDES", "CONSENT_VALID")


def test_a_consent_overrides_no_objection_to_something_else() -> None:
    political = objection("political")
    assert judged(ask(), political, consent(), by=RECORDED).reasons == ("CONSENT_VALID",)
    assert judged(ask(), political).reasons == ("NO_OBJECTION_FOUND",)


def test_whoever_relies_on_an_own_sale_names_itself_and_offers_a_way_out() -> None:
    decision = judged(ask(own_similar=True), customer(), by=RECORDED)
    assert decision.obligations == ("INCLUDE_OPT_OUT", "SENDER_ID")


@pytest.mark.parametrize(
    ("given", "lasts"),
    [
        ([consent(purposes="political", ended_at=NOW + HOUR)], HOUR),
        ([member(ended_at=NOW + HOUR)], HOUR),
        ([member(ended_at=NOW + HOUR), member(ended_at=NOW + 2 * HOUR)], 2 * HOUR),
        ([member(ended_at=NOW + HOUR), member()], DAY),
        ([consent(purposes="political", ended_at=NOW + HOUR), member()], HOUR),
    ],
)
def test_a_political_message_rests_on_what_lasts_longest_and_on_a_consent_first(
    given: list[Fact], lasts: timedelta
) -> None:
    assert judged(ask("political"), *given).valid_until == NOW + lasts


def test_a_blocked_answer_cites_the_objection_that_the_consent_did_not_lift() -> None:
    newer = objection(number=2, since=NOW)
    decision = judged(ask(), objection(), newer, consent())
    assert (decision.code, decision.entry) == ("OBJ_DM_CONSENT_INSUFFICIENT", newer)


def test_an_answer_holds_no_longer_than_what_it_rests_on() -> None:
    ending = consent(ended_at=NOW + HOUR)
    assert judged(ask(), ending, by=RECORDED).valid_until == NOW + HOUR
    assert judged(ask(), objection(), ending).valid_until == NOW + HOUR
    called = ask(channel="voice_live")
    assert judged(called, consent("voice_live", ended_at=NOW + HOUR)).valid_until == NOW + HOUR
    assert judged(ask(), optout(), ending).valid_until == NOW + HOUR
    nix = controller(registers=("nix_phone",))
    last_day = register("nix_phone", days=60)
    answer = judged(called, last_day, by=nix)
    assert answer.valid_until == (NOW + DAY).replace(hour=0)
    in_it = register("nix_phone", hit=True, days=60)
    a_customer = judged(ask(channel="voice_live", own_similar=True), in_it, customer(), by=nix)
    assert (a_customer.code, a_customer.valid_until) == ("REG_CUSTOMER", (NOW + DAY).replace(hour=0))


def test_an_answer_names_the_register_that_should_have_been_asked() -> None:
    assert judged(ask(channel="voice_live")).obligations == ("CHECK_REGISTER:nix_phone",)
    assert judged(ask(channel="post_addressed")).obligations == ("CHECK_REGISTER:nix_post",)
    assert judged(ask()).obligations == ()
    assert judged(ask(), by=controller(sector="gambling")).obligations == ("CHECK_REGISTER:spelpaus_se",)
    assert judged(ask(channel="voice_live"), consent("voice_live")).obligations == ()
    casino = controller(sector="gambling", registers=("nix_phone",))
    of_the_same_kind = ask(channel="voice_live", own_similar=True)
    a_customer = judged(of_the_same_kind, register("nix_phone", hit=True), customer(), by=casino)
    assert (a_customer.code, a_customer.obligations) == ("REG_CUSTOMER", ("CHECK_REGISTER:spelpaus_se",))


def test_a_rejected_general_objection_no_longer_stops_research_and_still_stops_marketing() -> None:
    rejected = general(rejected=True)
    assert judged(ask("research"), rejected).code == "RESEARCH"
    assert judged(ask("political", "voice_live"), rejected).code == "POLITICAL_INFO"
    assert judged(ask(), rejected).code == "OBJ_GENERAL"
    assert judged(ask("research"), general("research", rejected=True)).code == "RESEARCH"


def test_a_soft_opt_in_never_lifts_an_objection() -> None:
    assert judged(ask(own_similar=True), objection(), customer(), by=RECORDED).code == "OBJ_DM"


@many
@given(QUESTIONS, CONTROLLERS, SEVERAL, st.lists(RELATIONS, max_size=3), st.lists(CONSENTS, max_size=3))
def test_nobody_but_the_person_turns_a_blocked_objection_into_an_allowed_one(
    question: Question,
    by: ControllerProfile,
    entries: tuple[EntryFact, ...],
    relations: list[RelationshipFact],
    consents: list[ConsentFact],
) -> None:
    """Customers, memberships, and whatever others say was consented to, under any policy: with an objection
    to direct marketing in force nothing of it lets a message through (save an emergency)."""
    others = [one for one in consents if not one.reliable or one.given_at is None or one.given_at < NOW]
    against = objection(since=NOW)
    decision = decide(question, facts_of(*entries, against, *relations, *others, by=by), NOW)
    dm = question.promo or question.purpose in {"marketing", "fundraising", "winback", "repermission"}
    if dm and decision.code != "EMERGENCY":
        assert decision.answer is Answer.BLOCK


@many
@given(QUESTIONS, CONTROLLERS, SEVERAL, st.lists(CONSENTS, max_size=3), CONSENTS)
def test_one_more_withdrawal_never_turns_block_into_allow(
    question: Question,
    by: ControllerProfile,
    entries: tuple[EntryFact, ...],
    consents: list[ConsentFact],
    more: ConsentFact,
) -> None:
    given_before: list[Fact] = [*entries, *consents]
    gone = consent("sms", number=99, given_at=more.given_at, ended_at=NOW - HOUR)
    before = decide(question, facts_of(*given_before, by=by), NOW)
    after = decide(question, facts_of(*given_before, gone, by=by), NOW)
    if before.answer is Answer.BLOCK:
        assert after.answer is Answer.BLOCK


PEOPLE = st.tuples(SEVERAL, st.lists(CONSENTS, max_size=3), st.lists(RELATIONS, max_size=2))


@many
@given(QUESTIONS, CONTROLLERS, st.lists(PEOPLE, max_size=6))
def test_many_with_consents_are_judged_as_each_would_be_alone(
    question: Question,
    by: ControllerProfile,
    people: list[tuple[tuple[EntryFact, ...], list[ConsentFact], list[RelationshipFact]]],
) -> None:
    facts = {n: facts_of(*e, *c, *r, by=by) for n, (e, c, r) in enumerate(people)}
    assert decide_each(question, facts, NOW) == {n: decide(question, f, NOW) for n, f in facts.items()}
