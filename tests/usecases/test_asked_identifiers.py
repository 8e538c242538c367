"""Many items read at once are read as each would be alone."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from app.crypto.fingerprints import Fingerprinter
from app.usecases.asked_identifiers import FEW, Asked, read_asked
from app.usecases.sent_items import SentItems, arrange

TODAY = date(2026, 11, 21)
FINGERPRINTER = Fingerprinter(bytes(range(32)))
ITEMS = 20_000
ODD: list[Any] = [
    None,
    7,
    "",
    "abc",
    "+46701740605\n+46701740606",
    "+46701740605\0",
    "\ud800",
    "anna@example.com,bo@example.com",
    "+46 (0)70-174 06 05",
    "0046701740605",
    "Anna.Test+tag@Example.com",
    {"type": "email", "value": "Å@example.com"},
    {"type": "phone", "value": "070-174 06 05", "region": "NO"},
    {"type": "customer_ref", "value": "K-1"},
    {"type": "email", "sha256": "0" * 64},
    {"type": "email", "value": 7},
    {"type": ["email"], "value": "anna@example.com"},
    {"all": [{"type": "phone", "value": "+46701740605"}, {"type": "email", "value": "anna@example.com"}]},
    {"all": []},
]


def mixed(seed: int) -> list[Any]:
    """Ordinary numbers, national forms and addresses, with odd ones and repetitions among them."""
    chance = random.Random(seed)  # noqa: S311 -- reproducible samples, no secret
    makers: list[Callable[[], Any]] = [
        lambda: f"+4670{chance.randrange(10**7):07}",
        lambda: f"+47{chance.randrange(10**8):08}",
        lambda: f"070-{chance.randrange(1000):03} {chance.randrange(100):02} {chance.randrange(100):02}",
        lambda: f"08{chance.randrange(10**6):06}",
        lambda: {"type": "email", "value": f"a{chance.randrange(10**6)}@example.com"},
        lambda: {"type": "phone", "value": f"+46 8 465 00{chance.randrange(100):02}"},
        lambda: f"a{chance.randrange(10**6)}@example.com",
        lambda: chance.choice(ODD),
    ]
    weights = [50, 5, 15, 5, 15, 5, 4, 1]
    return [make() for make in chance.choices(makers, weights, k=ITEMS)]


def told(asked: Asked) -> Counter[tuple[int, bytes]]:
    """Every question: for which item, and about which fingerprint."""
    digests, owners = asked.digests(FINGERPRINTER, hashed_too=True)
    return Counter(
        (owner, digests[place * 16 : place * 16 + 16]) for place, owner in enumerate(owners.tolist())
    )


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize(
    ("channel", "region"), [("sms", "SE"), ("email", None), ("push", "SE"), ("sms", None)]
)
def test_a_batch_asks_what_its_items_would_ask_alone(seed: int, channel: str, region: str | None) -> None:
    items = mixed(seed)
    many = read_asked(items, channel, region, TODAY)
    few = Asked(len(items))
    for first in range(0, len(items), FEW - 1):
        part = read_asked(items[first : first + FEW - 1], channel, region, TODAY)
        for kind, texts, owners in part.groups:
            for text, owner in zip(texts, owners.tolist(), strict=True):
                few.put(kind, text, first + owner)
        few.unreadable += [first + index for index in part.unreadable]
    assert many.unreadable == few.unreadable
    assert many.unreadable
    assert told(many) == told(few)
    assert Counter(_spelt(many)) == Counter(_spelt(few))


def _spelt(asked: Asked) -> list[tuple[str, str, int]]:
    return [
        (kind, text, owner)
        for kind, (texts, owners) in asked.texts.items()
        for text, owner in zip(texts, owners, strict=True)
    ]


def test_the_ordinary_items_of_a_batch_ask_no_library() -> None:
    """Each would cost as much as a hundred that are read together."""
    items = [item for item in mixed(2) if item not in ODD and "@" not in item]
    asked = read_asked(items, "sms", "SE", TODAY)
    assert sum(len(texts) for _, texts, _ in asked.columns) > 0.97 * len(items)


def test_items_that_are_laid_out_are_the_items_that_were_sent() -> None:
    items = [item for item in mixed(3) if item not in ODD]
    arranged = arrange(items)
    assert list(arranged.items) == items
    assert [arranged.items[place] for place in range(50)] == items[:50]
    assert arranged.others == []
    again = arrange(arranged.items)
    assert again.items is arranged.items
    assert isinstance(arranged.items[3:7], SentItems)
    assert list(arranged.items[3:7]) == items[3:7]
    assert "@" not in repr(arranged.items)
