"""How many different ones, from next to nothing."""

from secrets import token_bytes

import numpy as np
import pytest

from app.domain.sketches import MixingKeys, Sketch


def hashes(count: int, seed: int = 1) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.random.default_rng(seed).integers(0, 2**64 - 1, count, dtype=np.uint64, endpoint=True)


@pytest.mark.parametrize("count", [0, 1, 50, 5_000, 12_000, 300_000, 2_000_000])
def test_a_sketch_counts_to_a_few_percent(count: int) -> None:
    sketch = Sketch()
    sketch.add_all(hashes(count))
    assert sketch.count == pytest.approx(count, rel=0.06, abs=1)


def test_what_was_seen_before_changes_nothing() -> None:
    sketch, seen = Sketch(), hashes(50_000)
    sketch.add_all(seen)
    before = sketch.count
    sketch.add_all(seen[::-1].copy())
    for one in seen[:500].tolist():
        sketch.add(one)
    assert sketch.count == before


def test_one_by_one_is_the_same_as_all_at_once() -> None:
    together, alone, seen = Sketch(), Sketch(), hashes(20_000)
    together.add_all(seen)
    for one in seen.tolist():
        alone.add(one)
    assert alone.count == pytest.approx(together.count, rel=1e-9)
    assert alone._ranks == together._ranks


def test_words_are_mixed_alike_one_by_one_and_all_at_once() -> None:
    keys = MixingKeys.of(token_bytes(24))
    words = hashes(2_000).reshape(-1, 2)
    assert [keys.mixed(a, b) for a, b in words.tolist()] == keys.mixed_all(words).tolist()


def test_what_differs_in_its_last_digits_is_told_apart() -> None:
    """A scan is no chance: the words of neighbours differ in hardly any bit."""
    keys, sketch = MixingKeys.of(b"three keys of 64 bits..."), Sketch()
    texts = b"".join(f"+467{n:07}".encode().ljust(16, b"\0") for n in range(100_000))
    sketch.add_all(keys.mixed_all(np.frombuffer(texts, np.uint64).reshape(-1, 2)))
    assert sketch.count == pytest.approx(100_000, rel=0.06)
