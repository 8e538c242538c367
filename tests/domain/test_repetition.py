"""Which wishes a consent that becomes known late would go before, although they were said again after it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.repetition import Heard, overtaken

SMS, EMAIL = 1, 2


def at(hour: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)


def wish(since: int, said: int, *, id_: int = 1, wording: str = "no", channels: int = SMS) -> Heard:
    return Heard(UUID(int=id_), wording, channels, at(since), at(said))


@pytest.mark.parametrize(
    ("given", "heard", "found"),
    [
        (2, [], []),
        (2, [wish(1, 3)], [(1, 3)]),
        (3, [wish(1, 3)], [(1, 3)]),
        (2, [wish(1, 1)], []),
        (4, [wish(1, 3)], []),
        (1, [wish(1, 3)], []),
        (2, [wish(3, 4)], []),
        (2, [wish(1, 3, channels=EMAIL)], []),
        (2, [wish(1, 3, channels=SMS | EMAIL)], [(1, 3)]),
        (2, [wish(1, 3), wish(3, 3, id_=2)], []),
        (2, [wish(3, 3, id_=2), wish(1, 4)], []),
        (4, [wish(1, 5), wish(3, 3, id_=2)], [(2, 5)]),
        (2, [wish(1, 3), wish(1, 1, id_=2, wording="stop")], [(1, 3)]),
        (2, [wish(1, 3), wish(1, 4, id_=2, wording="stop")], [(1, 3), (2, 4)]),
    ],
)
def test_a_wish_said_again_after_the_consent_is_overtaken(
    given: int, heard: list[Heard], found: list[tuple[int, int]]
) -> None:
    told = [(one.entry_id.int, one.said_at) for one in overtaken(at(given), SMS, heard)]
    assert told == [(id_, at(said)) for id_, said in found]
