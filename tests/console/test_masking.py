import pytest

from app.console.masking import masked


@pytest.mark.parametrize(
    ("kind", "canonical", "shown"),
    [
        ("phone", "+46701740605", "+46•••••05"),
        ("phone", "+4611", "•••••"),
        ("email", "anna.test@example.com", "a•••••@example.com"),
        ("personal_number", "199001012385", "1990•••••"),
        ("postal_address", "SE|11122|storgatan 1|anna test", "••••• SE 11122"),
        ("customer_ref", "K-1", "•••••"),
        ("phone", None, ""),
    ],
)
def test_what_is_masked_is_recognised_and_cannot_be_used(
    kind: str, canonical: str | None, shown: str
) -> None:
    assert masked(kind, canonical) == shown
