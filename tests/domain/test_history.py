"""What was known at one moment of what held at another, as a table of cases."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.audited_decision import Said, conclude
from app.domain.channels import ALL_CHANNELS
from app.domain.consent import ConsentFact
from app.domain.decision import Decision, decide
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import ControllerProfile, Facts, Policy, Question
from app.domain.history import (
    MOST_WORLDS,
    EntryPast,
    FactPast,
    Knowledge,
    PolicyPast,
    StatePast,
    Written,
    consent_past,
    policy_seen,
    relationship_past,
    worlds,
)
from app.domain.past_registers import SnapshotPast, in_use
from app.domain.purposes import DM_MASK
from app.domain.relationship import RelationshipFact, RelationshipKind

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = START + timedelta(days=100)
SMS = Question("sms", "marketing")


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def row(number: float, version: int = 0, list_no: int = 7) -> Written:
    """Written on that day; the event says the same."""
    return Written(list_no, version or int(number * 10) + 1, day(number), UUID(int=int(number * 1000) + 1))


def entry(kind: EntryKind = EntryKind.OBJECTION, since: float = 10, level: int = 9) -> EntryFact:
    return EntryFact(UUID(int=kind), kind, ALL_CHANNELS, DM_MASK, day(since), level)


def consent(given: float | None, recorded: float, ended: float | None = None) -> ConsentFact:
    at = None if given is None else day(given)
    over = None if ended is None else day(ended)
    told = {"by_person": True, "names_controller": True, "evidenced": True, "ended_at": over}
    return ConsentFact(UUID(int=99), ALL_CHANNELS, DM_MASK, at, day(recorded), **told)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Past:
    """What was ever written of one person at one controller."""

    entries: Sequence[EntryPast] = ()
    consents: Sequence[FactPast[ConsentFact]] = ()
    relationships: Sequence[FactPast[RelationshipFact]] = ()
    policies: Sequence[PolicyPast] = field(default_factory=lambda: [PolicyPast(Policy(), row(0))])

    def answers(self, at: float, knowledge: Knowledge, asked: Question = SMS) -> list[Decision | None]:
        rows = [one.written for one in self.policies]
        for facts in (self.entries, self.consents, self.relationships):
            rows += [one for past in facts for one in past.rows()]
        found: list[Decision | None] = []
        for knows in worlds(knowledge, rows):
            policy = policy_seen(self.policies, day(at), knows)
            if policy is None:
                found.append(None)
                continue
            seen = Facts(
                ControllerProfile(policy=policy),
                tuple(e for e in (one.seen(day(at), knows) for one in self.entries) if e),
                consents=tuple(c for c in (one.seen(day(at), knows) for one in self.consents) if c),
                relationships=tuple(r for r in (one.seen(day(at), knows) for one in self.relationships) if r),
            )
            found.append(decide(asked, seen, day(at)))
        return found


def by(number: float, **fields: object) -> Knowledge:
    return replace(Knowledge(day(number), NOW, {}, {}), **fields)  # type: ignore[arg-type]


OBJECTED = EntryPast(entry(), row(10))
RELEASED = replace(OBJECTED, release=row(20))
CONTESTED = replace(OBJECTED, states=[StatePast(row(15), "contested"), StatePast(row(25), "active")])
RAISED = replace(
    OBJECTED, fact=entry(level=0), states=[StatePast(row(15), "active", 3), StatePast(row(25), "active")]
)
TWICE = replace(
    OBJECTED, fact=entry(level=0), states=[StatePast(row(15), "active", 1), StatePast(row(25), "active", 3)]
)
STRICT = [PolicyPast(Policy(minimum_level=2), row(0))]
GENERAL = EntryPast(
    replace(entry(EntryKind.OBJECTION_GENERAL)),
    row(10, list_no=0),
    weighings=[StatePast(row(20), "rejected"), StatePast(row(30), "upheld")],
)
LATE = consent_past(consent(given=12, recorded=18, ended=22), row(18), row(24))
UNDATED = consent_past(consent(given=None, recorded=18), row(18))
RECORDED = Policy(basis="recorded")
CHANGED = [PolicyPast(Policy(), row(5)), PolicyPast(RECORDED, row(15))]
SOLD = relationship_past(
    RelationshipFact(
        RelationshipKind.CUSTOMER, day(-5), day(-2), collected_in_sale=True, informed=True, could_refuse=True
    ),
    row(8),
    row(16),
)

CASES = {
    "an objection that came later": (Past([OBJECTED]), 9, 9, "NO_OBJECTION_FOUND"),
    "an objection that came later, known by now": (Past([OBJECTED]), 9, 50, "NO_OBJECTION_FOUND"),
    "an objection in force": (Past([OBJECTED]), 11, 11, "OBJ_DM"),
    "an objection in force that was not known yet": (Past([OBJECTED]), 11, 9, "NO_OBJECTION_FOUND"),
    "a release that was not known yet": (Past([RELEASED]), 21, 19, "OBJ_DM"),
    "a release that came later": (Past([RELEASED]), 19, 50, "OBJ_DM"),
    "a release": (Past([RELEASED]), 21, 21, "NO_OBJECTION_FOUND"),
    "before the doubt": (Past([CONTESTED]), 12, 50, "OBJ_DM"),
    "in doubt": (Past([CONTESTED]), 20, 20, "OBJ_CONTESTED"),
    "in doubt, as is known long after": (Past([CONTESTED]), 20, 50, "OBJ_CONTESTED"),
    "a doubt that was not known yet": (Past([CONTESTED]), 20, 14, "OBJ_DM"),
    "after the doubt": (Past([CONTESTED]), 26, 26, "OBJ_DM"),
    "after a doubt of which the end was not known yet": (Past([CONTESTED]), 26, 24, "OBJ_CONTESTED"),
    "below the level": (Past([RAISED]), 14, 14, "OBJ_PROVISIONAL"),
    "raised to the level": (Past([RAISED]), 16, 16, "OBJ_DM"),
    "raised, and the level stays in later states": (Past([RAISED]), 26, 26, "OBJ_DM"),
    "raised, and not far enough": (Past([TWICE], policies=STRICT), 20, 20, "OBJ_PROVISIONAL"),
    "raised once more": (Past([TWICE], policies=STRICT), 26, 26, "OBJ_DM"),
    "a general objection before it is weighed": (Past([GENERAL]), 19, 19, "OBJ_GENERAL"),
    "a consent that was not recorded yet": (Past([OBJECTED], [LATE]), 17, 17, "OBJ_DM"),
    "a consent given then and recorded later": (Past([OBJECTED], [LATE]), 17, 19, "NO_OBJECTION_FOUND"),
    "a consent before it was given": (Past([OBJECTED], [LATE]), 11, 50, "OBJ_DM"),
    "an end of a consent that was not known yet": (Past([OBJECTED], [LATE]), 23, 23, "NO_OBJECTION_FOUND"),
    "an end of a consent told later": (Past([OBJECTED], [LATE]), 23, 25, "OBJ_DM"),
    "a consent before its end, as is known long after": (
        Past([OBJECTED], [LATE]),
        21,
        50,
        "NO_OBJECTION_FOUND",
    ),
    "a consent of no date before it was recorded": (Past([OBJECTED], [UNDATED]), 17, 50, "OBJ_DM"),
    "a consent of no date": (Past([OBJECTED], [UNDATED]), 19, 19, "OBJ_DM_CONSENT_INSUFFICIENT"),
    "the first policy": (Past(policies=CHANGED), 10, 50, "NO_OBJECTION_FOUND"),
    "the second policy": (Past(policies=CHANGED), 16, 16, "NO_CONSENT"),
    "a policy that was not known yet": (Past(policies=CHANGED), 16, 14, "NO_OBJECTION_FOUND"),
}


@pytest.mark.parametrize(("past", "at", "known", "code"), CASES.values(), ids=CASES)
def test_what_would_have_been_answered(past: Past, at: float, known: float, code: str) -> None:
    concluded = conclude(past.answers(at, by(known)))
    assert concluded.shown is not None
    assert (concluded.certain, concluded.shown.code) == (True, code)


def test_a_customer_whose_end_is_told_later_was_a_customer_as_far_as_was_known() -> None:
    past = Past(relationships=[SOLD], policies=[PolicyPast(RECORDED, row(0))])
    offer = replace(SMS, own_similar=True)
    assert [one and one.code for one in past.answers(370, by(9), offer)] == ["SOFT_OPT_IN"]
    assert [one and one.code for one in past.answers(370, by(17), offer)] == ["NO_CONSENT"]
    assert [one and one.code for one in past.answers(10, by(7), offer)] == ["NO_CONSENT"]


def test_before_a_controller_was_there_nothing_was_answered() -> None:
    concluded = conclude(Past(policies=CHANGED).answers(4, by(50)))
    assert (concluded.said, concluded.shown) == (Said.UNKNOWN, None)


def test_an_answer_that_was_given_was_given_to_a_controller_that_was_there() -> None:
    fresh = Past(policies=[PolicyPast(Policy(), row(5))])
    concluded = conclude(fresh.answers(5 + 1 / 86_400, by(5 + 1 / 86_400)))
    assert (concluded.said, concluded.certain) == (Said.ALLOW, True)


MOMENT = 10 + 10 / 86_400


@pytest.mark.parametrize(
    ("past", "known", "said", "codes"),
    [
        (Past([OBJECTED]), by(MOMENT), Said.BLOCK, ["OBJ_DM", "NO_OBJECTION_FOUND"]),
        (
            Past([replace(OBJECTED, fact=entry(since=5), written=row(5), release=row(10))]),
            by(MOMENT),
            Said.UNKNOWN,
            ["NO_OBJECTION_FOUND", "OBJ_DM"],
        ),
        (Past([OBJECTED, replace(OBJECTED, written=row(5))]), by(MOMENT), Said.BLOCK, ["OBJ_DM"]),
        (
            Past([EntryPast(entry(since=5), row(5), states=[StatePast(row(10), "contested")])]),
            by(MOMENT),
            Said.BLOCK,
            ["OBJ_CONTESTED", "OBJ_DM"],
        ),
        (Past([OBJECTED]), by(MOMENT, now=day(MOMENT)), Said.BLOCK, ["OBJ_DM"]),
        (Past([OBJECTED]), by(MOMENT, proven={row(10).event_id: day(MOMENT)}), Said.BLOCK, ["OBJ_DM"]),
        (
            Past([OBJECTED]),
            by(MOMENT, proven={row(10).event_id: day(11)}),
            Said.BLOCK,
            ["OBJ_DM", "NO_OBJECTION_FOUND"],
        ),
        (Past([OBJECTED]), by(MOMENT, positions={7: 101}), Said.BLOCK, ["OBJ_DM"]),
        (Past([OBJECTED]), by(50, positions={7: 100}), Said.ALLOW, ["NO_OBJECTION_FOUND"]),
    ],
    ids=[
        "an objection that may not have been committed",
        "a release that may not have been committed is never an allow",
        "what follows either way is certain",
        "a doubt that may not have been committed",
        "what is there now was committed",
        "the journal shows that it was committed",
        "the journal shows it only later",
        "the position has it",
        "the position is before it, whatever the time",
    ],
)
def test_an_act_that_had_begun_may_not_have_been_seen(
    past: Past, known: Knowledge, said: Said, codes: list[str]
) -> None:
    concluded = conclude(past.answers(MOMENT, known))
    assert (concluded.said, concluded.certain) == (said, len(codes) == 1)
    assert [one and one.code for one in concluded.possible] == codes


def test_of_several_acts_of_a_list_the_newest_were_the_last_to_be_seen() -> None:
    past = EntryPast(entry(since=9.9999), row(9.9999, 5), release=row(10, 6))
    answers = Past([past]).answers(MOMENT, by(MOMENT))
    assert [one and one.code for one in answers] == ["NO_OBJECTION_FOUND", "OBJ_DM", "NO_OBJECTION_FOUND"]


def test_of_equal_answers_that_is_shown_which_the_rows_tell() -> None:
    other = EntryPast(replace(entry(since=9), entry_id=UUID(int=77)), row(9))
    answers = Past([replace(other, release=row(10)), OBJECTED]).answers(MOMENT, by(MOMENT))
    concluded = conclude(answers)
    assert concluded.shown is not None
    assert concluded.shown.entry is not None
    assert concluded.shown.entry.entry_id == OBJECTED.fact.entry_id
    assert {one.entry.entry_id for one in answers if one and one.entry} > {OBJECTED.fact.entry_id}


def test_too_many_ways_are_not_gone_through() -> None:
    rows = [row(10, version) for version in range(1, MOST_WORLDS + 2)]
    assert worlds(by(MOMENT), rows) == []
    assert conclude([]).said is Said.UNKNOWN


def snapshot(version: int, begun: float, dropped: float | None = None) -> SnapshotPast:
    gone = None if dropped is None else day(dropped)
    dated = date(2026, 3, version)
    return SnapshotPast(
        version, UUID(int=version), "nix_phone", dated, ("phone",), day(begun), UUID(int=version), gone
    )


FIRST, SECOND, GONE = snapshot(2, 2), snapshot(10, 15), snapshot(4, 4, dropped=20)


@pytest.mark.parametrize(
    ("pasts", "at", "known", "versions"),
    [
        ([FIRST, SECOND], 12, 14, [2]),
        ([FIRST, SECOND], 12, 17, [10]),
        ([FIRST, SECOND], 8, 50, [2]),
        ([FIRST, SECOND], 17, 15.5, [10, 2]),
        ([FIRST], 8, 1, [None]),
        ([SECOND], 17, 15.5, [10, None]),
        ([FIRST, GONE], 10, 10, [4]),
        ([FIRST, GONE], 21, 21, [2]),
        ([FIRST, GONE], 10, 50, [4]),
        ([FIRST, GONE], 50, 10, [4]),
    ],
    ids=[
        "a newer list not imported yet",
        "a newer list imported since, of a date before",
        "a newer list of a later date",
        "a list that may still have been loading",
        "no list known yet",
        "the only list may still have been loading",
        "a list dropped later was asked",
        "a list that was dropped is not asked",
        "a list dropped since was asked then",
        "nobody knew that it would be dropped",
    ],
)
def test_the_list_of_a_register_that_was_in_use(
    pasts: list[SnapshotPast], at: float, known: float, versions: list[int | None]
) -> None:
    found = in_use(pasts, day(at), by(known))
    assert [one.version_date.day if one else None for one in found] == versions
