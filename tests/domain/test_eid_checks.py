"""Each check of an eID statement says passed, failed or that there was nothing to try; all make L3."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.eid_checks import EID_CHECKS, EidSubmission, run_eid_checks
from app.domain.mandate import FREJA_SE, MITID_DK, MandateState, level_of, verified_state

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD = EidSubmission(
    received_at=NOW,
    signed_at=NOW,
    readable=True,
    issuer=True,
    key=True,
    algorithm=True,
    signature=True,
    for_agent=True,
    issued_at=NOW,
    signed_by_grantor=True,
    text_is_template=True,
    claims_bound=True,
    unused=True,
)


def failed(**changes: Any) -> set[str]:
    results = run_eid_checks(replace(GOOD, **changes))
    return {one.code for one in results if one.outcome == "failed"}


def test_codes_are_permanent_and_each_check_has_its_own() -> None:
    assert [check.code for check in EID_CHECKS] == [
        "EID_STATEMENT",
        "EID_ISSUER",
        "EID_KEY",
        "EID_ALGORITHM",
        "EID_SIGNATURE",
        "EID_AUDIENCE",
        "EID_TIME",
        "EID_AGE",
        "EID_SIGNER",
        "EID_TEXT",
        "EID_CLAIMS",
        "EID_UNUSED",
    ]


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("readable", "EID_STATEMENT"),
        ("issuer", "EID_ISSUER"),
        ("key", "EID_KEY"),
        ("algorithm", "EID_ALGORITHM"),
        ("signature", "EID_SIGNATURE"),
        ("for_agent", "EID_AUDIENCE"),
        ("signed_by_grantor", "EID_SIGNER"),
        ("text_is_template", "EID_TEXT"),
        ("claims_bound", "EID_CLAIMS"),
        ("unused", "EID_UNUSED"),
    ],
)
def test_a_finding_fails_its_own_check_and_no_other(field: str, code: str) -> None:
    assert failed(**{field: False}) == {code}
    nothing: Any = {field: None}
    open_ = run_eid_checks(replace(GOOD, **nothing))
    assert {one.code for one in open_ if one.outcome == "indeterminate"} == {code}


@pytest.mark.parametrize(
    ("issued", "signed", "codes"),
    [
        (timedelta(), timedelta(), set()),
        (timedelta(minutes=-15), timedelta(), set()),
        (timedelta(minutes=-15, seconds=-1), timedelta(), {"EID_TIME"}),
        (timedelta(seconds=60), timedelta(), set()),
        (timedelta(seconds=61), timedelta(), {"EID_AGE"}),
        (timedelta(days=-90), timedelta(days=-90), set()),
        (timedelta(days=-90, seconds=-1), timedelta(days=-90), {"EID_AGE"}),
    ],
)
def test_times_are_near_what_is_stated_and_not_too_old(
    issued: timedelta, signed: timedelta, codes: set[str]
) -> None:
    assert failed(issued_at=NOW + issued, signed_at=NOW + signed) == codes


@pytest.mark.parametrize("kind", [FREJA_SE, MITID_DK])
def test_all_passed_is_level_three_something_open_two_and_a_failure_none(kind: str) -> None:
    assert level_of(kind, run_eid_checks(GOOD)) == 3
    assert level_of(kind, run_eid_checks(replace(GOOD, text_is_template=None))) == 2
    spoiled = run_eid_checks(replace(GOOD, text_is_template=False))
    assert (level_of(kind, spoiled), verified_state(spoiled)) == (0, MandateState.REJECTED)
