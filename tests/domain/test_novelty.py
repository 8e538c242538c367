"""Who asks about its customers is never slowed; who asks about everybody is."""

import pytest

from app.domain.novelty import Cause, Seen, allowance, exceeded, in_sequence, seconds_for

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("base", "seen", "cause"),
    [
        # Customers spread over all numbers, from the first wash to a month of 2 % new ones a day.
        (MILLION, Seen(MILLION, MILLION, 630_000, 0), None),
        (MILLION, Seen(1.6e6, 1.6e6, 800_000, 30), None),
        (MILLION, Seen(1.25e6, 1.25e6, 700_000, 0), None),
        # An operator whose customers fill half of its own blocks.
        (5 * MILLION, Seen(5e6, 5e6, 100_000, 0), None),
        # A small company with one block of numbers, and one that has declared nothing.
        (100, Seen(94, 94, 1, 0), None),
        (None, Seen(9e6, 9e6, 4e6, 0), None),
        (None, Seen(1.9e6, 1.9e6, 19_000, 0), None),
        # Addresses have no sequence.
        (MILLION, Seen(1.2e6, 100, 1, 0), None),
        # Beyond the base.
        (MILLION, Seen(1.4e6, 1.4e6, 800_000, 0), Cause.NOVELTY),
        (MILLION, Seen(3e6, 3e6, 900_000, 30), Cause.NOVELTY),
        (100, Seen(2_000, 2_000, 1_900, 0), Cause.NOVELTY),
        (None, Seen(14e6, 14e6, 6e6, 0), Cause.NOVELTY),
        # In sequence there is no margin.
        (MILLION, Seen(1.1e6, 1.1e6, 11_000, 20), Cause.SEQUENCE),
        (100_000, Seen(110_000, 110_000, 1_100, 0), Cause.SEQUENCE),
        (None, Seen(2.2e6, 2.2e6, 22_000, 0), Cause.SEQUENCE),
    ],
)
def test_a_controller_is_slowed_beyond_its_base(base: int | None, seen: Seen, cause: Cause | None) -> None:
    assert exceeded(base, seen) == cause


def test_a_scan_is_seen_long_before_it_is_through() -> None:
    assert in_sequence(Seen(20_000, 20_000, 200, 0))
    assert not in_sequence(Seen(19_000, 19_000, 190, 0))
    assert not in_sequence(Seen(MILLION, MILLION, 630_000, 0))


def test_what_is_allowed_grows_with_the_days() -> None:
    spread = [allowance(MILLION, Seen(0, 0, 0, days)) for days in (0, 1, 30)]
    assert spread == pytest.approx([1.25e6, 1.3e6, 2.75e6])


def test_who_is_slowed_may_ask_about_as_many_as_could_be_new() -> None:
    assert seconds_for(MILLION, 50_000) == pytest.approx(86_400)
    assert seconds_for(10, 50) == pytest.approx(86_400)
