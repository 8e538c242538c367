"""Every row of the rule table: what it decides, what lies one step beside it, and who comes before it."""

from collections.abc import Callable
from typing import Any

import pytest

from app.domain import rules
from app.domain.channels import CHANNELS
from app.domain.decision import Answer, decide
from app.domain.facts import ControllerProfile, Facts, Question
from app.domain.purposes import PURPOSES
from app.domain.situation import Match, Situation, Verdict, block
from tests.domain import (
    rows_around,
    rows_of_consents,
    rows_of_countries,
    rows_of_messages,
    rows_of_registers,
)
from tests.domain.recipients import NOW, ORDINARY, Fact, ask, facts_of, judged
from tests.domain.rows import Row

TABLES = (rows_of_messages, rows_of_countries, rows_of_consents, rows_of_registers)
ALL_DECIDE = [one for table in TABLES for one in table.DECIDES]
ALL_BESIDE = [one for table in TABLES for one in table.ONE_STEP_BESIDE]
ALL_EARLIER = [one for table in TABLES for one in table.EARLIER_WINS]


ALLOWING = {
    "EMERGENCY",
    "LEGAL_NOTICE",
    "RIGHTS_REPLY",
    "POLITICAL_INFO",
    "SOCIETAL_INFO",
    "SERVICE",
    "RESEARCH",
    "NO_OBJECTION_FOUND",
    "POLITICAL_BASIS",
    "CONSENT_VALID",
    "SOFT_OPT_IN",
    "REG_CONSENT",
    "REG_CUSTOMER",
    "B2B",
}


@pytest.mark.parametrize(
    ("_rule", "_case", "question", "given", "by", "code"),
    [pytest.param(*one, id=f"{one[0]}: {one[1]}") for one in ALL_DECIDE + ALL_BESIDE + ALL_EARLIER],
)
def test_the_first_row_that_matches_decides(
    _rule: str,
    _case: str,
    question: Question,
    given: tuple[Fact, ...],
    by: ControllerProfile,
    code: str,
) -> None:
    decision = judged(question, *given, by=by)
    assert decision.code == code
    assert decision.answer is (Answer.ALLOW if code in ALLOWING else Answer.BLOCK)


def rule_of(name: str) -> str:
    return name[:3].upper()


def walked(question: Question, facts: Facts) -> list[tuple[str, Match]]:
    """Every row that matches, in order, as the decision walks them."""
    unreadable = rules.r02_input(question, facts)
    if unreadable or question.channel is None or question.purpose is None:
        return [("R02", unreadable or block("INPUT_INVALID"))]
    called = PURPOSES[question.purpose]
    situation = Situation(question, CHANNELS[question.channel], called, called, facts, NOW)
    matches = []
    for rule in rules.RULES:
        if match := rule(situation):
            matches.append((rule_of(rule.__name__), match))
            situation = rules.seen_as(situation, match)
    return matches


def matching(one: Row) -> tuple[str, list[str], list[str]]:
    """The row that decides, those that match, and of these the ones that only go on."""
    _, _, question, given, by, _ = one
    matches = walked(question, facts_of(*given, by=by))
    decides = next(name for name, match in matches if match.verdict is not Verdict.GO_ON)
    going_on = [name for name, match in matches if match.verdict is Verdict.GO_ON]
    return decides, [name for name, _ in matches], going_on


def labelled(rows: list[Row]) -> list[Any]:
    return [pytest.param(one, id=f"{one[0]}: {one[1]}") for one in rows]


@pytest.mark.parametrize("one", labelled(ALL_DECIDE))
def test_a_row_decides_the_case_that_is_called_its_own(one: Row) -> None:
    decides, _, going_on = matching(one)
    assert one[0] == decides or one[0] in going_on


@pytest.mark.parametrize("one", labelled(ALL_DECIDE))
def test_whatever_matches_allows_blocks_or_goes_on(one: Row) -> None:
    _, _, question, given, by, _ = one
    assert {type(match.verdict) for _, match in walked(question, facts_of(*given, by=by))} == {Verdict}


@pytest.mark.parametrize("one", labelled(ALL_BESIDE))
def test_a_row_does_not_decide_the_case_one_step_beside_it(one: Row) -> None:
    decides, matches, going_on = matching(one)
    assert one[0] != decides
    assert one[0] not in matches or one[0] in going_on or one[0] == LAST


@pytest.mark.parametrize("one", labelled(ALL_EARLIER))
def test_a_row_that_matches_gives_way_to_an_earlier_one(one: Row) -> None:
    decides, matches, _ = matching(one)
    assert one[0] in matches or decides == "R02"
    assert decides < one[0]


FIRST, LAST = "R01", "R35"
EVERY_ROW = [f"R{number:02}" for number in range(1, 36)]


@pytest.mark.parametrize("name", EVERY_ROW)
def test_every_row_has_its_three_kinds_of_cases(name: str) -> None:
    """Nothing comes before the first row."""
    kinds = {
        "decides": [*ALL_DECIDE, *rows_around.DECIDES],
        "one step beside": [*ALL_BESIDE, *rows_around.ONE_STEP_BESIDE],
        "an earlier row wins": [*ALL_EARLIER, *rows_around.EARLIER_WINS],
    }
    lacking = {kind for kind, rows in kinds.items() if name not in {one[0] for one in rows}}
    assert lacking == ({"an earlier row wins"} if name == FIRST else set())


def test_every_row_of_the_table_is_a_rule_or_stands_around_them() -> None:
    rows = {rule_of(rule.__name__) for rule in rules.RULES}
    assert sorted(rows | {"R01", "R02", "R03"}) == EVERY_ROW


def test_the_rules_are_tried_in_the_published_order() -> None:
    numbers = [rule.__name__[:3] for rule in rules.RULES]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(numbers)


def test_an_identifier_that_nobody_can_read_is_blocked_for_any_purpose() -> None:
    for purpose in ("marketing", "service", "emergency"):
        decision = decide(ask(purpose), Facts(ORDINARY, readable=False), NOW)
        assert (decision.answer, decision.code) == (Answer.BLOCK, "INPUT_INVALID")


@pytest.mark.parametrize(
    ("_rule", "_case", "answer", "code"),
    [
        pytest.param(*one, id=f"{one[0]}: {one[1]}")
        for one in rows_around.DECIDES + rows_around.ONE_STEP_BESIDE + rows_around.EARLIER_WINS
    ],
)
def test_the_rows_around_the_others_decide_as_they_should(
    _rule: str, _case: str, answer: Callable[[], str], code: str
) -> None:
    assert answer() == code
