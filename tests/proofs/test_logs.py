"""P9 in its short form: marked people through every route of a real server, and no log that knows them."""

import pytest

from tests.proofs.logs import MARKED, found_in, run


def test_no_log_and_no_metric_knows_anybody() -> None:
    result = run(full=False, seed=1)
    assert result["violations"] == []
    assert result["requests"] >= 1_000
    assert result["lines"]["the server's log"] >= 1_000
    assert min(result["lines"].values()) > 20
    assert {200, 401, 403, 404, 422} <= result["statuses"].keys()
    assert result["failed_without_database"] > 0


@pytest.mark.parametrize("mark", MARKED)
def test_a_mark_in_a_line_would_be_found(mark: str) -> None:
    assert found_in({"a log": f'first\n{{"event": "failed", "who": "{mark.upper()}"}}'})
    assert found_in({"a log": f"x={mark.replace(' ', '').replace('+46', '')}"})
