"""Ids are UUIDs of version 7: their order is that of their moments."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.ids import uuid7

AT = datetime(2026, 11, 21, 12, 0, 0, 123_000, tzinfo=UTC)
RANDOM = bytes(range(10))


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = uuid7(AT, RANDOM)
    assert made.version == 7
    assert made.variant == RFC_4122
    assert uuid7(AT, RANDOM + b"more") == made


def test_an_id_begins_with_its_millisecond() -> None:
    assert uuid7(AT, RANDOM).int >> 80 == int(AT.timestamp() * 1000)


def test_the_vector_of_rfc_9562_comes_out() -> None:
    """Appendix A.6: 2022-02-22T19:22:22Z, random parts 0xCC3 and 0x18C4DC0C0C07398F."""
    tail = (0xCC3 << 62) | 0x18C4DC0C0C07398F
    moment = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    assert str(uuid7(moment, tail.to_bytes(10, "big"))) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@settings(deadline=None)
@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10), st.integers(1, 10**9))
def test_a_later_id_is_greater_whatever_its_random_bits(one: bytes, two: bytes, milliseconds: int) -> None:
    assert uuid7(AT, one) < uuid7(AT + timedelta(milliseconds=milliseconds), two)


@settings(deadline=None)
@given(st.binary(min_size=10, max_size=10))
def test_the_same_moment_and_bits_give_the_same_id(random: bytes) -> None:
    assert uuid7(AT, random) == uuid7(AT, random)
    assert uuid7(AT, random).version == 7
