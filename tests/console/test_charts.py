import pytest

from app.console.charts import Bar, columns


def test_a_chart_says_in_words_what_it_draws() -> None:
    drawn = columns(
        "Objections <per day>", [Bar("1/11", 3, "2026-11-01: 3"), Bar("2/11", 0, "2026-11-02: 0")]
    )
    assert 'aria-label="Objections &lt;per day&gt;"' in drawn
    assert "<title>2026-11-01: 3</title>" in drawn
    assert "style" not in drawn


@pytest.mark.parametrize(("most", "top"), [(0, "4"), (3, "4"), (17, "20"), (32, "40"), (1999, "2\u202f000")])
def test_the_scale_ends_at_a_round_figure_that_no_bar_exceeds(most: int, top: str) -> None:
    assert f">{top}</text>" in columns("", [Bar("", most, "")])
