"""What a person reads before it signs: the whole text with its own claims, in its own language."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.channels import CHANNELS
from app.domain.mandate_texts import MANDATE_TEXTS, Claims, rendered
from app.domain.rights import RIGHTS

CLAIMS = Claims(
    grantor="Anna Test",
    agent="Ombudet AB",
    agent_org_no="556000-0001",
    rights=("object_dm", "receive_status"),
    controllers=None,
    channels=None,
    valid_from=datetime(2026, 11, 21, 12, 5, tzinfo=UTC),
    valid_to=datetime(2028, 11, 20, 23, 59, tzinfo=UTC),
)
LANGUAGES = ("sv", "da", "nb", "en")


def read(language: str, claims: Claims) -> str:
    return rendered(MANDATE_TEXTS["objection-mandate", 1, language], claims)


def test_the_text_says_who_may_do_what_for_whom_and_until_when() -> None:
    assert read("en", CLAIMS) == (
        "MANDATE\n\n"
        "I, Anna Test, authorise Ombudet AB (556000-0001) to do the following in my name:\n"
        "- object to direct marketing\n"
        "- be told about my objections\n\n"
        "In these channels: all channels.\n"
        "Towards: all companies and organisations.\n"
        "From 2026-11-21 12:05 to 2028-11-20 23:59 (UTC).\n\n"
        "The mandate does not include erasing my data, asking for access to them, correcting or moving them, "
        "or ending memberships and contracts.\n\n"
        "I can take the mandate back at any time, from Ombudet AB or at the registry. Objections that have "
        "been made by then stay in force."
    )


def test_the_text_names_the_channels_and_companies_that_are_meant() -> None:
    named = replace(CLAIMS, channels=("sms", "voice_live"), controllers=("Butiken AB", "Klubben"))
    assert "In these channels: text messages, telephone calls.\n" in read("en", named)
    assert "Towards: Butiken AB, Klubben.\n" in read("en", named)
    assert "Gäller: sms, telefonsamtal.\nGentemot: Butiken AB, Klubben.\n" in read("sv", named)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_right_and_channel_has_its_words_in_every_language(language: str) -> None:
    text = MANDATE_TEXTS["objection-mandate", 1, language]
    assert set(text.rights) == set(RIGHTS)
    assert set(text.channels) == set(CHANNELS)
    whole = read(language, replace(CLAIMS, rights=tuple(RIGHTS), channels=tuple(CHANNELS)))
    assert all(f"- {words}\n" in whole for words in text.rights.values())
    assert ", ".join(text.channels.values()) in whole
    assert "{" not in whole
