"""One row of the table tests: which rule, which case, the question, what is known, who asks, and the code."""

from app.domain.facts import ControllerProfile, Question
from tests.domain.recipients import ORDINARY, Fact

Row = tuple[str, str, Question, tuple[Fact, ...], ControllerProfile, str]


def row(rule: str, case: str, question: Question, *given: Fact | ControllerProfile | str) -> Row:
    """`given` are the facts, the controller unless it is an ordinary one, and last the expected code."""
    facts = tuple(one for one in given if not isinstance(one, ControllerProfile | str))
    by = next((one for one in given if isinstance(one, ControllerProfile)), ORDINARY)
    return rule, case, question, facts, by, str(given[-1])
