"""R07 and R22: what a message is called, and what it is treated as. Neither gets past a block."""

import pytest

from app.domain.purposes import PURPOSES
from tests.domain.recipients import (
    AUTHORITY,
    BOUGHT,
    RECORDED,
    ask,
    controller,
    general,
    judged,
    objection,
    source_block,
)

LEGACY = controller(political="legacy_2022")


@pytest.mark.parametrize(
    "purpose", ["legal_notice", "rights_reply", "political", "societal_public", "service", "research"]
)
def test_promotion_makes_a_message_marketing_whatever_it_is_called(purpose: str) -> None:
    decision = judged(ask(purpose, promo=True, legal_basis_ref="x"), objection(), by=AUTHORITY)
    assert decision.code == "OBJ_DM"
    assert decision.reasons == ("MIXED_CONTENT", "OBJ_DM")


@pytest.mark.parametrize("purpose", ["winback", "repermission"])
def test_winning_somebody_back_is_marketing_without_saying_so(purpose: str) -> None:
    assert judged(ask(purpose), objection()).reasons == ("MIXED_CONTENT", "OBJ_DM")
    assert judged(ask(purpose)).reasons == ("MIXED_CONTENT", "NO_OBJECTION_FOUND")
    assert judged(ask(purpose), by=RECORDED).code == "NO_CONSENT"


def test_a_register_that_covers_marketing_covers_what_is_marketing_in_disguise() -> None:
    by = controller(registers=("nix_post",))
    assert judged(ask("winback", "post_addressed"), by=by).code == "REG_STALE"
    assert judged(ask("service", "post_addressed", promo=True), by=by).code == "REG_STALE"
    assert judged(ask("service", "post_addressed"), by=by).code == "SERVICE"


@pytest.mark.parametrize("purpose", ["marketing", "fundraising"])
def test_promotion_in_marketing_is_nothing_mixed(purpose: str) -> None:
    assert judged(ask(purpose, promo=True)).reasons == ("NO_OBJECTION_FOUND",)


def test_an_emergency_stays_one_with_promotion_in_it() -> None:
    decision = judged(ask("emergency", promo=True), objection())
    assert decision.code == "EMERGENCY"
    assert decision.reasons == ("EMERGENCY", "MIXED_CONTENT", "OBJ_DM")


@pytest.mark.parametrize("channel", ["sms", "voice_live", "post_addressed", "profiling"])
def test_societal_information_by_a_company_is_political(channel: str) -> None:
    named = objection("political")
    assert judged(ask("societal_public", channel), named, by=LEGACY).code == "OBJ_SCOPE"
    assert judged(ask("societal_public", channel), source_block("political")).code == "SOURCE_BLOCKED"
    assert judged(ask("societal_public", channel, source=BOUGHT)).code == "SOURCE_UNKNOWN"


def test_societal_information_by_an_authority_is_not_political() -> None:
    for given in (objection("political"), source_block("political")):
        assert judged(ask("societal_public"), given, by=AUTHORITY).code == "SOCIETAL_INFO"
    assert judged(ask("societal_public", source=BOUGHT), by=AUTHORITY).code == "SOCIETAL_INFO"


def test_promotion_does_not_get_a_message_past_an_objection_to_what_it_also_is() -> None:
    assert judged(ask("political", promo=True), objection("political")).code == "OBJ_SCOPE"
    assert judged(ask("societal_public", promo=True), objection("political")).code == "OBJ_SCOPE"
    assert judged(ask("research", promo=True), general("research")).code == "OBJ_SCOPE"
    assert judged(ask("political", promo=True), source_block("political")).code == "SOURCE_BLOCKED"
    assert judged(ask("winback"), source_block("winback")).code == "SOURCE_BLOCKED"


@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_a_block_at_the_source_for_direct_marketing_reaches_exactly_that(purpose: str) -> None:
    decision = judged(ask(purpose, legal_basis_ref="x"), source_block("direct_marketing"))
    reached = purpose in {"marketing", "fundraising", "winback", "repermission"}
    assert (decision.code == "SOURCE_BLOCKED") is reached


@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_a_block_at_the_source_for_one_purpose_names_it(purpose: str) -> None:
    decision = judged(ask(purpose, legal_basis_ref="x"), source_block(purpose))
    assert ("SOURCE_BLOCKED" in decision.reasons) is True
