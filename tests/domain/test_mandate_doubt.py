"""Every finding in every state of a mandate: what it leads to, and who may say it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.mandate import MandateState
from app.domain.mandate_doubt import SILENCE, Finding, Stage, settle
from app.domain.refusals import RefusedError

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)
UNSETTLED = sorted(set(MandateState) - {MandateState.CONTESTED, MandateState.VOID, MandateState.REJECTED})


def stages(*states: MandateState, by: UUID = ONE) -> list[Stage]:
    return [Stage(state, NOW, by) for state in states]


@pytest.mark.parametrize("state", UNSETTLED)
def test_any_mandate_that_was_ever_in_force_can_be_contested(state: MandateState) -> None:
    assert settle(stages(state), Finding.FORGED, ONE) is MandateState.CONTESTED


@pytest.mark.parametrize("state", UNSETTLED)
@pytest.mark.parametrize("finding", [Finding.CONFIRMED, Finding.GENUINE])
def test_only_what_is_contested_is_settled(state: MandateState, finding: Finding) -> None:
    with pytest.raises(RefusedError, match="STATE_CONFLICT"):
        settle(stages(state), finding, ONE)


@pytest.mark.parametrize("state", [MandateState.VOID, MandateState.REJECTED])
@pytest.mark.parametrize("finding", list(Finding))
def test_what_is_void_or_never_was_in_force_is_settled_for_ever(
    state: MandateState, finding: Finding
) -> None:
    with pytest.raises(RefusedError, match="STATE_CONFLICT"):
        settle(stages(state), finding, OTHER)


@pytest.mark.parametrize("before", UNSETTLED)
def test_a_doubt_that_ends_leaves_what_was_before(before: MandateState) -> None:
    assert settle(stages(before, MandateState.CONTESTED), Finding.GENUINE, ONE) is before


def test_voiding_takes_two_and_a_confirmation_one() -> None:
    contested = stages(MandateState.ACTIVE, MandateState.CONTESTED)
    assert settle(contested, Finding.FORGED, OTHER) is MandateState.VOID
    assert settle(contested, Finding.CONFIRMED, ONE) is MandateState.VOID
    with pytest.raises(RefusedError, match="SECOND_ADMIN_REQUIRED"):
        settle(contested, Finding.FORGED, ONE)


def test_silence_lasts_ninety_days() -> None:
    assert timedelta(days=90) == SILENCE
