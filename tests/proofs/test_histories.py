"""The checker of the first promise, case by case."""

import pytest

from tests.proofs.histories import (
    Acknowledged,
    Answered,
    Happening,
    Withdrawing,
    around,
    counted,
    read,
    violations,
    written,
)

OBJECTED = Acknowledged(1.0, 2.0, {7: "o1"})


def clear(begun: float, ended: float, key: int = 7) -> Answered:
    return Answered(begun, ended, "primary", [key, 8], [key])


def block(begun: float, ended: float) -> Answered:
    return Answered(begun, ended, "primary", [7, 8], [8])


AGAIN = Acknowledged(6.0, 7.0, {7: "o2"})
KEPT: dict[str, list[Happening]] = {
    "nobody objected": [clear(1, 2)],
    "a block after the acknowledgement": [OBJECTED, block(3, 4)],
    "a call that began before the acknowledgement": [OBJECTED, clear(1.5, 9)],
    "a call that began at the very moment": [OBJECTED, clear(2.0, 3)],
    "somebody else": [OBJECTED, clear(3, 4, key=9)],
    "a withdrawal began before": [OBJECTED, Withdrawing(2.5, "o1"), clear(3, 4)],
    "a withdrawal began during the call": [OBJECTED, Withdrawing(3.5, "o1"), clear(3, 4)],
    "both objections were withdrawn": [
        OBJECTED,
        AGAIN,
        Withdrawing(3, "o1"),
        Withdrawing(8, "o2"),
        clear(9, 10),
    ],
    "withdrawn, asked while it was objected again": [OBJECTED, Withdrawing(3, "o1"), AGAIN, clear(6.5, 9)],
}
BROKEN: dict[str, list[Happening]] = {
    "a clear after the acknowledgement": [OBJECTED, clear(3, 4)],
    "the withdrawal began after the answer": [OBJECTED, clear(3, 4), Withdrawing(4.5, "o1")],
    "the withdrawal was another objection's": [OBJECTED, Withdrawing(2.5, "o2"), clear(3, 4)],
    "objected again after the withdrawal": [OBJECTED, Withdrawing(3, "o1"), AGAIN, clear(8, 9)],
    "the first of two stands": [OBJECTED, AGAIN, Withdrawing(7.5, "o2"), clear(8, 9)],
    "seen in another order": [clear(8, 9), AGAIN, Withdrawing(3, "o1"), OBJECTED],
    "one of a batch": [Acknowledged(1, 2, {6: "a", 7: "b"}), clear(3, 4)],
}


@pytest.mark.parametrize("case", KEPT)
def test_a_promise_that_was_kept_is_no_violation(case: str) -> None:
    assert violations(KEPT[case]) == []


@pytest.mark.parametrize("case", BROKEN)
def test_a_clear_after_an_acknowledgement_is_a_violation(case: str) -> None:
    (found,) = violations(BROKEN[case])
    assert found.key == 7


def test_every_clear_counts_and_in_the_order_of_the_answers() -> None:
    found = violations([OBJECTED, clear(5, 6), clear(3, 4), block(3, 5)])
    assert [one.answer.ended for one in found] == [4, 6]


def test_a_violation_is_told_with_everything_that_was_seen_of_its_person() -> None:
    history: list[Happening] = [
        OBJECTED,
        block(2.5, 3),
        Withdrawing(9, "o1"),
        clear(5, 6),
        clear(5, 6, key=9),
    ]
    told = around(history, violations(history)[0])
    assert told[0].startswith("key 7: acknowledged at 1.000000, answered clear by primary")
    said = ["objected", "told block", "told CLEAR", "withdrawal sent"]
    assert [word in line for word, line in zip(said, told[1:], strict=True)] == [True] * 4


def test_a_record_is_read_as_it_was_written_and_a_line_cut_short_is_left_out() -> None:
    history: list[Happening] = [OBJECTED, Withdrawing(3, "o1"), clear(3, 4)]
    lines = [written(one) + "\n" for one in history]
    assert list(read([*lines, '["answered",1.0'])) == history


def test_batches_count_item_by_item() -> None:
    counts = counted([Acknowledged(1, 2, {6: "a", 7: "b"}), Withdrawing(3, "a"), block(3, 4)])
    assert (counts.acknowledgements, counts.withdrawals) == (2, 1)
    assert (counts.lookups, counts.decisions, counts.clear) == (1, 2, 1)


def test_a_million_decisions_are_checked_in_seconds() -> None:
    """Twenty objections of each of a thousand people, each asked about a thousand times."""
    people = range(1000)
    acknowledged = [Acknowledged(n, n + 0.5, {key: f"{key}-{n}" for key in people}) for n in range(20)]
    withdrawn = [Withdrawing(n + 0.6, f"{key}-{n}") for n in range(20) for key in people]
    asked = [Answered(n + 0.7, n + 0.8, "primary", people, people) for n in range(20)] * 50
    assert violations([*acknowledged, *withdrawn, *asked]) == []
