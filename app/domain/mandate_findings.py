"""What a mandate that is checked again comes to be: the finding is added, and what was found first stays.

A level that rises reaches the objections that were received before; one that falls reaches new acts only. An
objection was a completed act, and doubt about its mandate is a matter for an admin (GDPR Art. 12(6)).
"""

from collections.abc import Iterable

from app.domain.mandate import CheckResult, MandateState, Outcome

_OPEN = frozenset({MandateState.ACTIVE, MandateState.NEEDS_REVIEW, MandateState.REJECTED})


def state_after(state: MandateState, results: Iterable[CheckResult]) -> MandateState:
    """The state after a finding. A mandate in force of which a check fails now needs a person to look; one
    that was refused is in force once all that fails has been mended. What has ended stays so."""
    failed = any(result.outcome is Outcome.FAILED for result in results)
    if state not in _OPEN:
        return state
    if failed:
        return MandateState.NEEDS_REVIEW if state is MandateState.ACTIVE else state
    return MandateState.ACTIVE
