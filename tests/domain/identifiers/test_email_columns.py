"""Addresses read by the thousand are recognised as each would be alone."""

from email_validator import SPECIAL_USE_DOMAIN_NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.column import Column
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
