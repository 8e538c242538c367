"""Nobody but the person opens what is blocked: sequences of what agents, sources, senders and customer
service can do, and what each of them may make of an answer.

The person alone, or an agent with the right to withdraw, ends an objection; two admins void a forged one.
Those acts take an entry away and are not among these. The documented exceptions are: a relationship, where no
consent is on record or a register has the recipient (R20, R29, R33); and a general objection that was weighed
and rejected (R15), which for direct marketing does not count.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.consent import ConsentFact
from app.domain.decision import Answer, Decision, decide
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import Facts, Question
from app.domain.purposes import PURPOSES
from app.domain.relationship import RelationshipFact
from tests.domain.generated import CONSENTS, ENTRIES, FACTS, QUESTIONS, RELATIONSHIPS, many
from tests.domain.recipients import NOW, consent, dnc, facts_of, general, left, objection, optout

Act = Callable[[Facts], Facts]


def enters(one: EntryFact) -> Act:
    """An agent objects, customer service notes a wish, a source blocks, an import adds an opt-out."""
    return lambda facts: replace(facts, entries=(*facts.entries, one))


def doubts(_nothing: None) -> Act:
    """Every objection is contested."""
    kinds = {EntryKind.OBJECTION, EntryKind.OBJECTION_GENERAL}
    return lambda facts: replace(
        facts, entries=tuple(replace(e, contested=e.contested or e.kind in kinds) for e in facts.entries)
    )


def weighs(_nothing: None) -> Act:
    """The controller rejects every general objection with reasons."""
    weighed = EntryKind.OBJECTION_GENERAL
    return lambda facts: replace(
        facts, entries=tuple(replace(e, rejected=e.rejected or e.kind is weighed) for e in facts.entries)
    )


def vouches(one: ConsentFact) -> Act:
    """A consent that is not the person's own word to this controller, or that nobody can show or date."""
    return lambda facts: replace(facts, consents=(*facts.consents, one))


def takes_back(_nothing: None) -> Act:
    """Every consent ends."""
    return lambda facts: replace(
        facts, consents=tuple(replace(c, ended_at=c.ended_at or NOW) for c in facts.consents)
    )


def sells(one: RelationshipFact) -> Act:
    """A purchase, a new membership, a club that was joined again."""
    return lambda facts: replace(facts, relationships=(*facts.relationships, one))


def leaves(_nothing: None) -> Act:
    """Every relationship ends."""
    ended = NOW - timedelta(minutes=1)
    return lambda facts: replace(
        facts, relationships=tuple(replace(r, ended_at=r.ended_at or ended) for r in facts.relationships)
    )


UNSOUND = CONSENTS.filter(lambda one: one.given_at is None or one.given_at > NOW or not one.reliable)
ACTS: st.SearchStrategy[Act] = st.one_of(
    ENTRIES.map(enters),
    st.none().map(doubts),
    st.none().map(weighs),
    UNSOUND.map(vouches),
    st.none().map(takes_back),
    RELATIONSHIPS.map(sells),
    st.none().map(leaves),
)
BY_A_RELATIONSHIP = {"SOFT_OPT_IN", "REG_CUSTOMER", "POLITICAL_BASIS"}


def documented(question: Question, before: Decision, after: Decision) -> bool:
    """Whether what was opened is one of the exceptions."""
    if before.code in {"POLITICAL_NO_BASIS", "NO_CONSENT"} or before.code.startswith("REG_HIT:"):
        return after.code in BY_A_RELATIONSHIP
    purpose = PURPOSES[question.purpose or ""]
    weighed = before.code in {"OBJ_GENERAL", "OBJ_SCOPE"}
    return weighed and not purpose.direct_marketing and not question.promo


@many
@given(QUESTIONS, FACTS, st.lists(ACTS, min_size=1, max_size=6))
def test_nobody_but_the_person_opens_what_is_blocked(
    question: Question, facts: Facts, acts: list[Act]
) -> None:
    for act in acts:
        before = decide(question, facts, NOW)
        facts = act(facts)
        after = decide(question, facts, NOW)
        if before.answer is Answer.BLOCK and after.answer is Answer.ALLOW:
            assert documented(question, before, after), (before.code, after.code)


WISHES = st.sampled_from([objection(), general(), dnc(), optout()])
DM = st.sampled_from(["marketing", "fundraising", "winback", "repermission"])


@many
@given(QUESTIONS, DM, FACTS, WISHES, st.lists(ACTS, max_size=6))
def test_against_a_wish_of_the_person_no_exception_opens_marketing(
    question: Question, purpose: str, facts: Facts, wish: EntryFact, acts: list[Act]
) -> None:
    """The consents on record are older than the wish, as all are that nobody gave since."""
    asked = replace(question, purpose=purpose)
    facts = replace(facts, entries=(*facts.entries, replace(wish, since=NOW)))
    for act in acts:
        facts = act(facts)
        assert decide(asked, facts, NOW).answer is Answer.BLOCK


@many
@given(QUESTIONS, FACTS, st.lists(ACTS, max_size=6))
def test_a_service_that_was_left_stays_left(question: Question, facts: Facts, acts: list[Act]) -> None:
    asked = replace(
        question, purpose="service", promo=False, channel=question.channel or "sms", service_id="news"
    )
    facts = replace(facts, entries=(*facts.entries, left("news")))
    for act in acts:
        facts = act(facts)
        assert decide(asked, facts, NOW).answer is Answer.BLOCK


@many
@given(QUESTIONS, FACTS)
def test_a_hit_in_a_register_never_opens_anything(question: Question, facts: Facts) -> None:
    hits = tuple(replace(one, hit=True, charity=True) for one in facts.registers)
    before, after = (
        decide(question, replace(facts, registers=each), NOW) for each in (facts.registers, hits)
    )
    if before.answer is Answer.BLOCK:
        assert after.answer is Answer.BLOCK


def test_the_person_alone_opens_it_and_closes_it_again() -> None:
    asked = Question("sms", "marketing")
    facts = facts_of(objection(), consent())
    assert decide(asked, facts, NOW).answer is Answer.ALLOW
    assert decide(asked, takes_back(None)(facts), NOW).answer is Answer.BLOCK
    assert decide(asked, enters(objection(number=2, since=NOW))(facts), NOW).answer is Answer.BLOCK
