"""A figure far below its target fails a suite, and so does one that nobody measured."""

import pytest

from bench.gates import GATES
from bench.results import Report, Row, passing


def row(ratio: float | None, *, target: float | None = 10.0, at_most: bool = False) -> Row:
    return Row("mixed, 20% hits", "Sparr, full view to compact", 1.0, "x", ratio, target, at_most=at_most)


@pytest.mark.parametrize(
    ("found", "met", "wide"),
    [
        (row(10.0), True, True),
        (row(9.9), False, True),
        (row(4.9), False, False),
        (row(2.0, target=2.0, at_most=True), True, True),
        (row(3.9, target=2.0, at_most=True), False, True),
        (row(4.1, target=2.0, at_most=True), False, False),
        (row(0.0, target=0.0, at_most=True), True, True),
        (row(1.0, target=0.0, at_most=True), False, False),
        (row(10.0, target=None), None, False),
        (Row("a", "b", None, target=1.0), None, False),
        (Row("a", "b", 1.0, target=1.0), True, True),
    ],
)
def test_a_target_is_met_met_by_half_or_missed(found: Row, met: bool | None, wide: bool) -> None:  # noqa: FBT001
    assert (found.met, found.wide) == (met, wide)


def test_what_misses_says_by_how_much() -> None:
    assert row(5.0).verdict == "≥ 10: missed, 0.5 of it"
    assert row(None, target=2.0).verdict == "≥ 2: missed, 0.5 of it"
    assert Row("a", "b", None, target=2.0).verdict == "≥ 2: not measured"


def test_a_gated_row_that_is_far_off_or_absent_fails_the_suite() -> None:
    good = Report("formats", "", [row(0.3, target=0.3)])
    far = Report("formats", "", [row(0.14, target=0.3)])
    absent = Report("formats", "")
    assert passing([good, Report("a benchmark without gates", "", [row(0.0)])])
    assert not passing([far])
    assert not passing([good, absent])
    assert far.failed == absent.failed == ["mixed, 20% hits: Sparr, full view to compact"]
    assert far.failed[0] in GATES["formats"]


def test_the_table_says_aloud_what_was_not_measured() -> None:
    report = Report("a", "", [Row("case", "what", None, target=1.0)], ["SKIPPED"])
    assert report.table().caption == "SKIPPED"
    assert list(report.table().columns[2].cells) == ["not available"]
    assert report.as_json()["rows"][0]["met"] is None
