"""Addresses read by the thousand are recognised as each would be alone."""

import numpy as np
import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.column import WIDEST, Column
from app.domain.email_columns import canonical_emails
from app.domain.identifiers import email
from tests.domain.identifiers.test_email_form import LOOKS_LIKE_AN_ADDRESS, ORDINARY

NEARLY = st.builds(
    lambda local, domain, top: f"{local}@{domain}{top}",
    st.text("ab1-_.", min_size=1, max_size=8),
    st.text("ab1-._", min_size=1, max_size=8),
    st.sampled_from(["", ".se", ".c0m", ".c", ".c-m", "\n", "\0.se", ".test", ".local", "x.onion", "@a.se"]),
)
ANYTHING = st.text('ab1-_.@\0\n",A+åſ ', max_size=16)
TEXTS = st.lists(ORDINARY | LOOKS_LIKE_AN_ADDRESS | NEARLY | ANYTHING, max_size=40)


HARD = [
    "anna@example.com",
    "a@b.se",
    "a@b.s",
    "anna.test_1-x@post.example-1.com",
    "anna",
    "",
    "@",
    "anna@",
    "@example.com",
    "anna@@example.com",
    "anna@bo@example.com",
    ".anna@example.com",
    "anna.@example.com",
    "an..na@example.com",
    "-anna@example.com",
    "_@example.com",
    "anna@-example.com",
    "anna@example-.com",
    "anna@exa--mple.com",
    "anna@exa_mple.com",
    "anna@.example.com",
    "anna@example..com",
    "anna@example.com.",
    "anna@example",
    "anna@example.c0m",
    "anna@example.1",
    "anna@1.se",
    "Anna@example.com",
    "anna+x@example.com",
    "\u00e5sa@example.com",
    "anna@example.com\n",
    " anna@example.com",
    "anna@example.com\0bo@example.com",
    "anna@x.test",
    "anna@x.onion",
    "anna@x.local",
    "anna@x.internal",
    f"{'a' * 52}@ab.se.com",
    f"{'a' * 53}@ab.se.com",
    f"{'a' * 54}@ab.se.com",
    "bo@example.com",
]


def alone(texts: list[str]) -> list[bool]:
    return [len(text) <= 63 and email.already_canonical(text) for text in texts]


def test_hard_addresses_are_recognised_together_as_each_would_be_alone() -> None:
    assert canonical_emails(Column.of(HARD)).tolist() == alone(HARD)
    assert [canonical_emails(Column.of([text])).tolist()[0] for text in HARD] == alone(HARD)
    assert any(alone(HARD))
    assert not all(alone(HARD))


@pytest.mark.parametrize("every", [2, 3, 4])
def test_hard_addresses_that_stand_apart_are_recognised_all_the_same(every: int) -> None:
    column = Column.of(HARD)
    for first in range(every):
        assert canonical_emails(column[first::every]).tolist() == alone(HARD[first::every])
    assert canonical_emails(column.at(np.arange(len(HARD))[::-1])).tolist() == alone(HARD)[::-1]
    assert canonical_emails(column[5:]).tolist() == alone(HARD[5:])


@pytest.mark.parametrize("between", [1, 2, 4, 5])
def test_addresses_with_the_same_few_bytes_between_them_are_told_apart(between: int) -> None:
    """In a body of JSON there are a quote, a comma and a quote."""
    texts = ["a@b.se", "anna@example.com", "x", "bo@example.com"]
    data = "\0" * between + ("\0" * between).join(texts) + "\0" * WIDEST
    starts = np.array([data.index(f"\0{text}\0") + 1 for text in texts], np.int64)
    lengths = np.array([len(text) for text in texts], np.int64)
    column = Column(np.frombuffer(data.encode(), np.uint8), starts, lengths)
    assert list(column) == texts
    assert canonical_emails(column).tolist() == [True, True, False, True]


@pytest.mark.parametrize(
    ("texts", "taken"),
    [
        (["a@b.se", "!@b.se"], [0, 1, 1]),
        (["a@b.se", "b@b.se"], [1, 1, 0]),
        (["a@b.se", "b@b.se"], [0, 1, 1]),
        (["a@b.se", "bbb@b.se"], [1, 0]),
        (["aaa@b.se", "a@b.se", "x", "b@b.se"], [0, 1, 3]),
        (["aaa@b.se", "a@b.se", "x", "b@b.se"], [3, 0, 1]),
    ],
)
def test_addresses_are_taken_out_of_a_list_in_any_order_and_twice(texts: list[str], taken: list[int]) -> None:
    found = canonical_emails(Column.of(texts).at(np.array(taken)))
    assert found.tolist() == alone([texts[place] for place in taken])


def test_of_no_addresses_none_is_recognised() -> None:
    found = canonical_emails(Column.of([]))
    assert found.tolist() == []
    assert found.dtype == np.dtype(np.bool_)


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_whatever_stands_in_a_text_it_is_recognised_as_it_would_be_alone(texts: list[str]) -> None:
    found = canonical_emails(Column.of(texts)).tolist()
    assert found == [len(text) <= 63 and email.already_canonical(text) for text in texts]


@settings(deadline=None)
@given(TEXTS, st.integers(2, 4))
def test_texts_that_stand_apart_are_recognised_all_the_same(texts: list[str], every: int) -> None:
    column = Column.of(texts)
    assert canonical_emails(column[::every]).tolist() == canonical_emails(column).tolist()[::every]


def test_a_name_reserved_for_special_use_is_read_by_itself() -> None:
    addresses = [f"anna@{sub}{name}" for name in SPECIAL_USE_DOMAIN_NAMES for sub in ("", "x.", "x.y.")]
    assert not canonical_emails(Column.of(addresses)).any()
    assert canonical_emails(Column.of(["anna@tests.se", "anna@x.testing", "anna@x.locals"])).all()


def test_many_commercial_ats_spoil_only_their_own_text() -> None:
    for count in (0, 2, 255, 256, 257, 512):
        texts = ["anna@example.com", "@" * count, "a" + "@b.se" * count, "bo@example.com"]
        assert canonical_emails(Column.of(texts)).tolist() == [True, False, False, True]
