"""The closed tables. Codes, bits and numbers are permanent: changing one would change what is stored."""

import pytest

from app.domain.channels import ALL_CHANNELS, CHANNELS, ChannelClass, channel_codes, channel_mask
from app.domain.entry import DIRECT_LEVEL, Binding, EntryKind, EntryState
from app.domain.facts import BASES, LEVELS, POLITICAL_POLICIES, SOURCE_KINDS, ControllerProfile, Policy
from app.domain.purposes import (
    ALL_PURPOSES,
    BLOCK_PURPOSES,
    DM_MASK,
    OBJECTION_PURPOSES,
    PURPOSES,
    purpose_codes,
    purpose_mask,
)
from app.domain.refusals import REFUSAL_TEXTS, Refusal, RefusedError
from app.domain.registers import REGISTERS, covering

CHANNEL_BITS = {
    "sms": 1,
    "mms": 2,
    "email": 4,
    "voice_auto": 8,
    "fax": 16,
    "direct_message": 32,
    "push": 64,
    "voice_live": 128,
    "post_addressed": 256,
    "profiling": 512,
    "list_share": 1024,
    "audience_upload": 2048,
}
PURPOSE_BITS = {
    "marketing": 1,
    "fundraising": 2,
    "political": 4,
    "research": 8,
    "societal_public": 16,
    "service": 32,
    "legal_notice": 64,
    "emergency": 128,
    "rights_reply": 256,
    "winback": 512,
    "repermission": 1024,
}
REFUSALS = """
MANDATE_SCOPE MANDATE_EXPIRED MANDATE_REVOKED MANDATE_CLOSED MANDATE_NOT_FOUND MANDATE_NOT_VERIFIED
SIGNATURE_INVALID AGENT_SUSPENDED ROLE_DENIED INVALID_IDENTIFIER IDENTIFIER_NOT_GRANTOR EVIDENCE_REQUIRED
EVIDENCE_KIND_UNSUPPORTED AUTH_CONTROLLER NOT_FOUND STATE_CONFLICT SECOND_ADMIN_REQUIRED INVALID_TIME
INVALID_KEY UNKNOWN_REFERENCE BATCH_ABORTED UNKNOWN_POSITION NOT_FRESH FACTS_UNREADABLE NOVELTY_EXCEEDED
"""


def test_the_bits_of_the_channels_are_permanent() -> None:
    assert {code: row.bit for code, row in CHANNELS.items()} == CHANNEL_BITS


def test_the_bits_of_the_purposes_are_permanent() -> None:
    assert {code: row.bit for code, row in PURPOSES.items()} == PURPOSE_BITS


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (ChannelClass.ELECTRONIC, "sms mms email voice_auto fax direct_message push"),
        (ChannelClass.LIVE_CALL, "voice_live"),
        (ChannelClass.POST, "post_addressed"),
        (ChannelClass.USE, "profiling list_share audience_upload"),
    ],
)
def test_every_channel_is_in_its_class(kind: ChannelClass, codes: str) -> None:
    assert [code for code, row in CHANNELS.items() if row.kind is kind] == codes.split()


def test_a_bare_string_is_read_by_the_channel() -> None:
    bare = {code: row.bare for code, row in CHANNELS.items() if row.bare}
    phones = ("sms", "mms", "voice_auto", "fax", "voice_live")
    assert bare == {**dict.fromkeys(phones, "phone"), "email": "email"}


def test_the_numbers_of_the_entry_kinds_are_permanent() -> None:
    assert {kind.name: int(kind) for kind in EntryKind} == {
        "CANARY": 0,
        "OBJECTION": 1,
        "OBJECTION_GENERAL": 2,
        "DNC": 3,
        "CHANNEL_OPTOUT": 4,
        "SERVICE_UNSUB": 5,
        "SOURCE_BLOCK": 6,
    }


def test_stored_words_are_permanent() -> None:
    states = ["provisional", "active", "contested", "released", "upheld", "rejected", "tombstoned"]
    assert [one.value for one in EntryState] == states
    assert [one.value for one in Binding] == ["person", "identifier"]
    assert BASES == ("asserted", "recorded")
    assert POLITICAL_POLICIES == ("strict", "legacy_2022")
    assert SOURCE_KINDS == ("own", "bought", "rented", "partner")
    assert LEVELS == ("L0", "L1", "L2", "L3", "L4")


def test_what_the_person_said_is_above_every_mandate() -> None:
    assert len(LEVELS) - 1 < DIRECT_LEVEL == 9


def test_the_refusals_are_permanent_and_each_has_its_sentence() -> None:
    assert [one.value for one in Refusal] == REFUSALS.split()
    assert set(REFUSAL_TEXTS) == set(Refusal)
    assert all(text.endswith(".") for text in REFUSAL_TEXTS.values())


def test_a_refusal_says_its_own_sentence_or_the_given_one() -> None:
    assert RefusedError(Refusal.NOT_FOUND).detail == REFUSAL_TEXTS[Refusal.NOT_FOUND]
    assert RefusedError(Refusal.NOT_FOUND, "No such thing.").detail == "No such thing."
    assert str(RefusedError(Refusal.NOT_FOUND, "No such thing.")) == "NOT_FOUND"


def test_all_channels_covers_a_channel_that_is_added_later() -> None:
    assert channel_mask(None) == ALL_CHANNELS == 2**31 - 1
    assert channel_mask(CHANNELS) != ALL_CHANNELS
    assert channel_codes(ALL_CHANNELS) is None


def test_a_channel_mask_and_its_codes_are_the_same() -> None:
    assert channel_mask(["voice_live", "sms"]) == 129
    assert channel_codes(129) == ["sms", "voice_live"]
    assert channel_codes(channel_mask(CHANNELS)) == list(CHANNELS)
    assert channel_mask([]) == 0
    with pytest.raises(KeyError):
        channel_mask(["pigeon"])


def test_direct_marketing_is_marketing_and_fundraising_under_any_name() -> None:
    assert DM_MASK == 1 + 2 + 512 + 1024
    assert purpose_mask(["direct_marketing"]) == DM_MASK
    assert {code for code, row in PURPOSES.items() if row.direct_marketing} == {
        "marketing",
        "fundraising",
        "winback",
        "repermission",
    }


def test_a_purpose_mask_and_its_codes_are_the_same() -> None:
    assert purpose_mask(None) == ALL_PURPOSES == 2**31 - 1
    assert purpose_codes(ALL_PURPOSES) is None
    assert purpose_mask(["direct_marketing", "political"]) == DM_MASK | 4
    assert purpose_codes(DM_MASK | 4) == ["direct_marketing", "political"]
    assert purpose_codes(1 | 8) == ["marketing", "research"]
    with pytest.raises(KeyError):
        purpose_mask(["greeting"])


def test_what_an_objection_or_a_block_may_name() -> None:
    assert OBJECTION_PURPOSES == ("direct_marketing", "political", "research")
    assert list(BLOCK_PURPOSES) == ["direct_marketing", *PURPOSE_BITS]


def test_what_rests_on_an_interest_can_be_objected_to() -> None:
    free = {code for code, row in PURPOSES.items() if not row.interest_based}
    assert free == {"service", "legal_notice", "emergency", "rights_reply"}


def test_a_controller_vouches_for_itself_unless_it_says_otherwise() -> None:
    policy = Policy()
    assert (policy.basis, policy.registers, policy.political) == ("asserted", (), "strict")
    assert (policy.consent_lifts_objection, policy.minimum_level) == (True, 1)
    profile = ControllerProfile()
    assert (profile.public_body, profile.sector, profile.country) == (False, None, "SE")


@pytest.mark.parametrize(
    ("code", "country", "channels", "purposes"),
    [
        ("nix_phone", "SE", "voice_live", "marketing fundraising"),
        ("nix_post", "SE", "post_addressed", "marketing"),
        ("robinson_dk", "DK", "voice_live post_addressed", "marketing"),
        ("reservasjon_no", "NO", "voice_live post_addressed", "marketing fundraising"),
        ("tps_uk", "GB", "voice_live", "marketing fundraising political"),
        ("spelpaus_se", "SE", " ".join(CHANNEL_BITS), "marketing"),
    ],
)
def test_a_national_register_covers_what_its_law_says(
    code: str, country: str, channels: str, purposes: str
) -> None:
    row = REGISTERS[code]
    assert (row.code, row.country) == (code, country)
    assert row.channels == set(channels.split())
    assert row.purposes == set(purposes.split())
    covered = {(c, p) for c in CHANNELS for p in PURPOSES if row.covers(c, p)}
    assert covered == {(c, p) for c in channels.split() for p in purposes.split()}


def test_there_are_these_registers_and_no_other() -> None:
    assert list(REGISTERS) == [
        "nix_phone",
        "nix_post",
        "robinson_dk",
        "reservasjon_no",
        "tps_uk",
        "spelpaus_se",
        "bloctel_fr",
        "spar_se",
    ]


def test_only_consulted_registers_count_and_an_unknown_one_always_does() -> None:
    assert covering((), "voice_live", "marketing") == []
    assert covering(("nix_post", "nix_phone", "tps_uk"), "voice_live", "marketing") == ["nix_phone", "tps_uk"]
    assert covering(("unheard_of",), "sms", "research") == ["unheard_of"]
