"""A month of an honest sender, and the first hour of a scanner, as a process sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
import pytest

from app.crypto.fingerprints import Fingerprinter
from app.domain.column import Column
from app.domain.novelty import SECONDS_OF_A_DAY, Cause
from app.storage.novelty import AskedAbout, NoveltyWatch

FINGERPRINTS = Fingerprinter(bytes(range(32)))
PART = 50_000
BASE = 1_000_000
A_WHO = uuid4()


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(clock: Clock) -> NoveltyWatch:
    return NoveltyWatch(clock)


def about(places: range | np.ndarray[tuple[int], np.dtype[np.int64]]) -> AskedAbout:
    """Swedish mobile numbers by their place among a hundred million."""
    digits = np.asarray(places)[:, None] // 10 ** np.arange(7, -1, -1) % 10 + ord("0")
    rows = np.empty((len(places), 13), np.uint8)
    rows[:, :5], rows[:, 5:] = np.frombuffer(b"\0+467", np.uint8), digits
    column = Column.packed(rows.tobytes(), np.full(len(places), 12))
    return AskedAbout([(column, FINGERPRINTS.texts("phone", column))], [])


def parts(places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[AskedAbout]:
    for at in range(0, len(places), PART):
        yield about(places[at : at + PART])


def test_an_honest_sender_is_never_slowed(watch: NoveltyWatch, clock: Clock) -> None:
    """A million customers, washed whole on the first and the last day, and 2 % others each day."""
    chance = np.random.default_rng(7)
    everybody = chance.permutation(np.unique(chance.integers(0, 100_000_000, 2 * BASE)))
    for day in range(30):
        clock.now = day * SECONDS_OF_A_DAY
        new = BASE + day * BASE // 50
        customers = everybody[new - BASE : new]
        whole = day in {0, 29}
        asked = customers if whole else np.concatenate((customers[-BASE // 50 :], customers[:PART]))
        assert all(watch.admits(1, A_WHO, BASE, part) for part in parts(asked))
    assert watch.pending == []


def test_a_scanner_is_flagged_and_slowed(watch: NoveltyWatch, clock: Clock) -> None:
    """In sequence, in any order and in small pieces; the others go on."""
    base, asked, refused = 30_000, 0, 0
    order = np.random.default_rng(7).permutation(60_000).astype(np.int64)
    for at in range(0, len(order), 40):
        clock.now += 1
        if watch.admits(1, A_WHO, base, about(order[at : at + 40])):
            asked += 40
        else:
            refused += 1
    assert asked < base * 1.15
    assert refused > 500
    assert [(one.cause, one.slowed) for one in watch.pending] == [
        (Cause.SEQUENCE, False),
        (Cause.SEQUENCE, True),
    ]
    assert watch.admits(2, A_WHO, base, about(range(1_000)))


def test_a_scanner_at_random_is_slowed_too(watch: NoveltyWatch) -> None:
    chance = np.random.default_rng(7)
    admitted = sum(
        watch.admits(1, A_WHO, 100_000, about(chance.integers(0, 100_000_000, 10_000))) for _ in range(40)
    )
    assert 13 <= admitted <= 15
    assert [(one.cause, one.slowed) for one in watch.pending] == [(Cause.NOVELTY, True)]


def test_what_is_slowed_goes_on_as_fast_as_customers_could_be_new(watch: NoveltyWatch, clock: Clock) -> None:
    for at in range(0, 3_000, 500):
        watch.admits(1, A_WHO, 1_000, about(range(at * 1_000, at * 1_000 + 500_000, 1_000)))
    assert not watch.admits(1, A_WHO, 1_000, about(range(10)))
    clock.now += SECONDS_OF_A_DAY * 12
    assert watch.admits(1, A_WHO, 1_000, about(range(10)))


def test_after_a_month_everything_is_forgotten(watch: NoveltyWatch, clock: Clock) -> None:
    for at in range(5):
        watch.admits(1, A_WHO, 1_000, about(range(at * 1_000, at * 1_000 + 1_000)))
    keys = watch._keys
    assert not watch.admits(1, A_WHO, 1_000, about(range(10)))
    clock.now += 31 * SECONDS_OF_A_DAY
    assert watch.admits(1, A_WHO, 1_000, about(range(10)))
    assert watch._keys != keys


def test_addresses_count_and_have_no_sequence(watch: NoveltyWatch) -> None:
    for at in range(10):
        texts = [f"person{at * 1_000 + n}@example.com" for n in range(1_000)]
        watch.admits(1, A_WHO, 5_000, AskedAbout([], [FINGERPRINTS.texts("email", texts)]))
    assert [(one.cause, one.slowed) for one in watch.pending] == [(Cause.NOVELTY, True)]
