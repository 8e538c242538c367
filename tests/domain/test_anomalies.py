"""What stands out of counted figures, as a table."""

import pytest

from app.domain.anomalies import AgentFigures, Anomaly, anomalies

BURST, REUSED = Anomaly.BURST, Anomaly.REUSED_EVIDENCE
SHARED, REJECTS = Anomaly.SHARED_DEVICE, Anomaly.HIGH_REJECTS

CASES: dict[str, tuple[AgentFigures, list[Anomaly]]] = {
    "nothing at all": (AgentFigures(), []),
    "an ordinary month": (
        AgentFigures(mandates=900, objections=900, hours=300, busiest_hour=40, rejected=9, grantors=900),
        [],
    ),
    "a hundred acts on the first day": (AgentFigures(objections=100, hours=1, busiest_hour=100), [BURST]),
    "one fewer": (AgentFigures(objections=99, hours=1, busiest_hour=99), []),
    "ten times the other hours": (AgentFigures(objections=1200, hours=21, busiest_hour=200), []),
    "more than ten times": (AgentFigures(objections=200 + 380, hours=20, busiest_hour=200), [BURST]),
    "exactly ten times": (AgentFigures(objections=200 + 400, hours=21, busiest_hour=200), [BURST]),
    "mandates and objections are both acts": (
        AgentFigures(mandates=500, objections=900, hours=21, busiest_hour=400),
        [],
    ),
    "one signature twice": (AgentFigures(mandates=2, reused=1), [REUSED]),
    "four on one device": (AgentFigures(mandates=4, on_one_device=4), []),
    "five on one device": (AgentFigures(mandates=5, on_one_device=5), [SHARED]),
    "a fifth refused": (AgentFigures(objections=80, refused=20), [REJECTS]),
    "a fifth, of few": (AgentFigures(objections=76, refused=19), []),
    "less than a fifth": (AgentFigures(objections=81, refused=20), []),
    "rejected mandates count": (AgentFigures(mandates=50, rejected=10, refused=10), [REJECTS]),
    "everything refused": (AgentFigures(refused=20), [REJECTS]),
    "all of it": (
        AgentFigures(mandates=300, rejected=200, hours=1, busiest_hour=300, on_one_device=40, reused=7),
        [BURST, REUSED, SHARED, REJECTS],
    ),
}


@pytest.mark.parametrize(("figures", "found"), CASES.values(), ids=CASES)
def test_what_stands_out(figures: AgentFigures, found: list[Anomaly]) -> None:
    assert [one.code for one in anomalies(figures)] == found


def test_a_finding_tells_the_figure_and_what_it_is_held_against() -> None:
    busy = AgentFigures(mandates=10, rejected=30, refused=0, objections=300, hours=11, busiest_hour=250)
    told = {one.code: (one.found, one.threshold) for one in anomalies(busy)}
    assert told[BURST] == (250, 100)
    slow = AgentFigures(objections=400 + 3000, hours=101, busiest_hour=400, on_one_device=6, reused=2)
    told = {one.code: (one.found, one.threshold) for one in anomalies(slow)}
    assert told == {BURST: (400, 300), SHARED: (6, 5), REUSED: (2, 1)}
    refused = AgentFigures(objections=60, refused=40)
    assert [(one.found, one.threshold) for one in anomalies(refused)] == [(0.4, 0.2)]
