"""Who has a place, for how much, and when there is one again."""

import pytest

from app.domain.quotas import ITEM_BYTES, MOST_BYTES, UNKNOWN_BYTES, Quota, Standing, exceeded, spend

QUOTA = Quota(items=512, seconds=64, requests=3, body_bytes=1_000)


@pytest.mark.parametrize(
    ("standing", "length", "policy"),
    [
        (Standing(), 0, None),
        (Standing(), 16_000_000, None),
        (Standing(), None, None),
        (Standing(requests=2), 0, None),
        (Standing(requests=3), 0, "requests"),
        (Standing(requests=1, body_bytes=600), 400, None),
        (Standing(requests=1, body_bytes=600), 401, "bytes"),
        (Standing(requests=1), None, "bytes"),
        (Standing(due=100 + 63.9), 0, None),
        (Standing(due=100 + 64.0), 0, "items"),
    ],
)
def test_a_request_has_a_place_while_its_party_has_room(
    standing: Standing, length: int | None, policy: str | None
) -> None:
    over = exceeded(QUOTA, standing, 100.0, length)
    assert (over.policy if over else None) == policy


def test_the_items_of_a_window_may_come_at_once_and_then_as_fast_as_they_grow_back() -> None:
    standing, now = Standing(), 1_000.0
    asked = 0
    while exceeded(QUOTA, standing, now, 0) is None:
        spend(QUOTA, standing, now, 0)
        asked += 1
    assert asked == QUOTA.items
    over = exceeded(QUOTA, standing, now, 0)
    assert over is not None
    assert over.wait == 1
    later = now + QUOTA.seconds
    assert exceeded(QUOTA, standing, later, 0) is None
    for _ in range(QUOTA.items - 1):
        spend(QUOTA, standing, later, 0)
    assert exceeded(QUOTA, standing, later, 0) is None


def test_sixteen_bytes_are_an_item_and_a_request_is_one() -> None:
    standing = Standing()
    spend(QUOTA, standing, 0.0, 99 * ITEM_BYTES)
    assert standing.due == pytest.approx(100 * QUOTA.seconds / QUOTA.items)


def test_who_is_told_to_wait_is_told_for_how_long() -> None:
    standing = Standing()
    ahead = spend(QUOTA, standing, 0.0, 899 * ITEM_BYTES)
    assert ahead == pytest.approx(48.5)
    over = exceeded(QUOTA, standing, 0.0, 0)
    assert over is not None
    assert over.limit == '"items";r=0;t=49'
    assert exceeded(QUOTA, standing, float(over.wait) + 0.1, 0) is None


def test_a_party_that_is_idle_need_not_be_remembered() -> None:
    assert Standing(due=5.0).idle(5.0)
    assert not Standing(due=5.0).idle(4.0)
    assert not Standing(requests=1).idle(0.0)


def test_what_nobody_keeps_at_once_takes_no_more_than_what_is_kept() -> None:
    assert UNKNOWN_BYTES < MOST_BYTES
    assert exceeded(Quota(), Standing(requests=1), 0.0, 5 * 2**30) is None


def test_the_policies_are_said_as_the_draft_says_them() -> None:
    assert QUOTA.policies == (
        '"items";q=512;qu="items";w=64, "requests";q=3;qu="concurrent-requests", '
        '"bytes";q=1000;qu="content-bytes"'
    )
