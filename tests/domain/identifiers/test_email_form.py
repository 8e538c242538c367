from datetime import date

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.identifier import Canonical, UnreadableIdentifier
from app.domain.identifiers import canonicalise, email

TODAY = date(2026, 11, 21)
# The example of UTS 46, section 4: two words parted by a zero-width non-joiner.
A_LABEL_WITH_A_JOINER = "xn--mgba3gch31f060k"

LOOKS_LIKE_AN_ADDRESS = st.from_regex(
    r"[a-z0-9_.+-]{1,12}@[a-z0-9.-]{1,20}\.(test|local|com|se|xn--a|a1)", fullmatch=True
)
ATOM = st.text("abcxyz0189_-", min_size=1, max_size=20)
LABEL = st.from_regex("[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)
ORDINARY = st.builds(
    lambda atoms, labels, top: f"{'.'.join(atoms)}@{'.'.join(labels)}.{top}",
    st.lists(ATOM, min_size=1, max_size=3),
    st.lists(LABEL, min_size=1, max_size=4),
    st.text("abcxyz", min_size=2, max_size=12),
)
ANY_SCRIPT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs"]), min_size=1, max_size=12)


@settings(deadline=None)
@given((ORDINARY | LOOKS_LIKE_AN_ADDRESS).filter(email.already_canonical))
def test_an_address_that_is_canonical_already_is_so_to_the_library_too(address: str) -> None:
    read = validate_email(address, check_deliverability=False)
    assert f"{read.local_part}@{read.ascii_domain}" == address.casefold() == address
    assert "+" not in read.local_part
    assert canonicalise("email", address, None, TODAY) == Canonical("email", address, (address,), (), None)


@settings(deadline=None)
@given(LOOKS_LIKE_AN_ADDRESS)
def test_what_the_library_refuses_is_never_canonical_already(address: str) -> None:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        assert not email.already_canonical(address)


@settings(deadline=None)
@given(ANY_SCRIPT)
def test_a_canonical_address_read_again_is_itself_in_any_script(local: str) -> None:
    try:
        first = canonicalise("email", f"{local}@example.com", None, TODAY)
    except UnreadableIdentifier:
        return
    again = canonicalise("email", first.value, None, TODAY)
    assert (again.value, again.forms) == (first.value, first.forms)


@pytest.mark.parametrize("name", ["invalid", "x.test", "a.local", "localhost", "x.onion", "1.in-addr.arpa"])
def test_a_name_reserved_for_special_use_is_not_canonical(name: str) -> None:
    assert not email.already_canonical(f"anna@{name}")


@pytest.mark.parametrize("ending", ["\n", " ", ".", "\u200b"])
def test_nothing_may_follow_a_canonical_address(ending: str) -> None:
    assert not email.already_canonical(f"anna@example.com{ending}")


@settings(deadline=None)
@given(ORDINARY)
def test_an_ordinary_address_is_canonical_already(address: str) -> None:
    assert email.already_canonical(address)


def test_the_longest_canonical_address_has_254_characters() -> None:
    domain = ".".join(["x" * 60] * 4)
    longest = f"{'a' * (254 - len(f'@{domain}.se'))}@{domain}.se"
    assert email.already_canonical(longest)
    assert canonicalise("email", longest, None, TODAY).value == longest
    assert not email.already_canonical(f"a{longest}")


def test_an_a_label_that_hides_a_joiner_is_refused() -> None:
    """A Persian word with a zero-width non-joiner, as IDNA 2008 allows it; in Unicode it would be dropped."""
    with pytest.raises(UnreadableIdentifier, match="NOT_AN_ADDRESS"):
        canonicalise("email", f"anna@{A_LABEL_WITH_A_JOINER}.example.com", None, TODAY)
