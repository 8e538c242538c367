"""Whatever JSON an item is, reading it ends in identifiers or in its own index among the unreadable ones."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.channels import CHANNELS
from app.domain.identifiers import IDENTIFIER_TYPES
from app.usecases.asked_identifiers import read_asked

TODAY = date(2026, 11, 21)
TEXTS = st.text(max_size=30) | st.text("+0123456789 -()@.aA", max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner),
    max_leaves=6,
)
ADDRESSES = st.dictionaries(
    st.sampled_from(["name", "street", "postal_code", "city", "country", "x"]), JSON, max_size=5
)
OBJECTS = st.fixed_dictionaries(
    {"type": st.sampled_from([*IDENTIFIER_TYPES, "pigeon"]) | JSON},
    optional={"value": JSON | ADDRESSES, "sha256": JSON | st.just("0" * 64), "region": JSON, "x": JSON},
)
ITEMS = JSON | OBJECTS | st.fixed_dictionaries({"all": JSON | st.lists(OBJECTS, max_size=3)})


@settings(deadline=None, max_examples=400)
@given(
    st.lists(ITEMS, max_size=4),
    st.sampled_from([None, "pigeon", *CHANNELS]),
    st.none() | st.just("SE") | TEXTS,
)
def test_every_item_is_read_or_noted_as_unreadable(
    items: list[Any], channel: str | None, region: str | None
) -> None:
    asked = read_asked(items, channel, region, TODAY)
    read = {owner for _, owners in asked.texts.values() for owner in owners}
    assert asked.count == len(items)
    assert read | set(asked.unreadable) == set(range(len(items)))
    assert not read & set(asked.unreadable)
