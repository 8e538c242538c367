"""Every row of the rule table: what it decides, what lies one step beside it, and who comes before it."""

import pytest

from app.domain import rules
from app.domain.decision import Answer, decide
from app.domain.facts import ControllerProfile, Facts, Question, Source
from tests.domain import rows_of_consents, rows_of_registers
from tests.domain.recipients import (
    AUTHORITY,
    BOUGHT,
    CONTESTED,
    EVERYTHING,
    NAMED,
    NOW,
    ORDINARY,
    PROVISIONAL,
    RECORDED,
    Fact,
    ask,
    controller,
    dnc,
    general,
    judged,
    left,
    objection,
    optout,
    source_block,
)
from tests.domain.rows import row

LEGACY = controller(political="legacy_2022")
NIX = controller(registers=("nix_phone", "nix_post"))
GAMBLING = controller(sector="gambling", registers=("spelpaus_se",))
LAW = ask("legal_notice", legal_basis_ref="1 kap. 2 §")
NEWS = ask("service", service_id="news")

DECIDES = [
    row("R02", "an unknown channel", ask(channel="pigeon"), "INPUT_INVALID"),
    row("R02", "no channel", ask(channel=None), "INPUT_INVALID"),
    row("R02", "an unknown purpose", ask("greeting"), "INPUT_INVALID"),
    row("R02", "no purpose", ask(None), "INPUT_INVALID"),
    row("R02", "a legal notice without its law", ask("legal_notice"), "INPUT_INVALID"),
    row("R02", "a legal notice with an empty law", ask("legal_notice", legal_basis_ref=""), "INPUT_INVALID"),
    row("R04", "an emergency, whatever is in force", ask("emergency"), *EVERYTHING, "EMERGENCY"),
    row("R05", "a notice required by law", LAW, *EVERYTHING, "LEGAL_NOTICE"),
    row("R06", "the reply to a request", ask("rights_reply"), *EVERYTHING, "RIGHTS_REPLY"),
    row("R08", "a blocked source", ask(source=NAMED), source_block(), "SOURCE_BLOCKED"),
    row("R08", "political too", ask("political", source=NAMED), source_block(), "SOURCE_BLOCKED"),
    row("R08", "even contract mail", ask("service", source=NAMED), source_block(), "SOURCE_BLOCKED"),
    row("R08", "blocked for DM", ask("fundraising"), source_block("direct_marketing"), "SOURCE_BLOCKED"),
    row("R09", "bought data", ask(source=BOUGHT), "SOURCE_UNKNOWN"),
    row(
        "R09", "rented data", ask("fundraising", source=Source(named=False, kind="rented")), "SOURCE_UNKNOWN"
    ),
    row("R09", "a partner's", ask("political", source=Source(named=False, kind="partner")), "SOURCE_UNKNOWN"),
    row("R11", "a contested objection", ask(), CONTESTED, "OBJ_CONTESTED"),
    row("R11", "a mandate below the level", ask(), PROVISIONAL, "OBJ_PROVISIONAL"),
    row("R11", "a higher level", ask(), objection(level=2), controller(minimum_level=3), "OBJ_PROVISIONAL"),
    row("R12", "an objection, electronic", ask(channel="email"), objection(), "OBJ_DM"),
    row("R12", "an objection, live call", ask(channel="voice_live"), objection(), "OBJ_DM"),
    row("R12", "an objection, post", ask("fundraising", "post_addressed"), objection(), "OBJ_DM"),
    row("R12", "an objection, use alone", ask(channel="audience_upload"), objection(), "OBJ_DM"),
    row("R12", "profiling alone", ask(channel="profiling"), objection(channels=["profiling"]), "OBJ_DM"),
    row("R15", "a general objection", ask(), general(), "OBJ_GENERAL"),
    row("R15", "to political too", ask("political", "voice_live"), general(), "OBJ_GENERAL"),
    row("R15", "to research too", ask("research"), general(), "OBJ_GENERAL"),
    row("R15", "an authority's too", ask("societal_public"), general(), AUTHORITY, "OBJ_GENERAL"),
    row("R15", "contested, it blocks still", ask("research"), general(contested=True), "OBJ_GENERAL"),
    row("R15", "political, named", ask("political", "post_addressed"), objection("political"), "OBJ_SCOPE"),
    row("R15", "research, named", ask("research"), general("research"), "OBJ_SCOPE"),
    row("R16", "a service that was left", NEWS, left("news"), "SERVICE_UNSUB"),
    row("R17", "a channel that was left", ask(), optout("sms", "mms"), "CHANNEL_OPTOUT"),
    row("R18", "do not call", ask(channel="voice_live"), dnc(), "DNC_INTERNAL"),
    row("R18", "do not call, by text message", ask("fundraising"), dnc(), "DNC_INTERNAL"),
    row("R20", "political, no consent known", ask("political"), "POLITICAL_NO_BASIS"),
    row("R20", "political, the older policy", ask("political"), LEGACY, "POLITICAL_INFO"),
    row("R21", "a political call", ask("political", "voice_live"), NIX, "POLITICAL_INFO"),
    row("R21", "a political letter", ask("political", "post_addressed"), dnc(), "POLITICAL_INFO"),
    row("R21", "political profiling", ask("political", "profiling"), LEGACY, "POLITICAL_NO_BASIS"),
    row("R22", "an authority informs", ask("societal_public"), objection(), AUTHORITY, "SOCIETAL_INFO"),
    row("R23", "contract mail", ask("service"), objection(), dnc(), optout(), general(), "SERVICE"),
    row("R24", "research", ask("research", "voice_live"), objection(), dnc(), NIX, "RESEARCH"),
    row("R30", "no consent on record", ask(), RECORDED, "NO_CONSENT"),
    row("R30", "nor for fundraising", ask("fundraising", "email"), RECORDED, "NO_CONSENT"),
    row("R32", "a call, NIX not imported", ask(channel="voice_live"), NIX, "REG_STALE"),
    row("R32", "a letter, NIX not imported", ask(channel="post_addressed"), NIX, "REG_STALE"),
    row("R32", "a sector register, any channel", ask(), GAMBLING, "REG_STALE"),
    row("R32", "a register nobody knows", ask(), controller(registers=("unheard_of",)), "REG_STALE"),
    row("R35", "nothing in force", ask(), "NO_OBJECTION_FOUND"),
    row("R35", "nothing in force, all channels", ask(channel="list_share"), "NO_OBJECTION_FOUND"),
]

ONE_STEP_BESIDE = [
    row("R02", "a legal notice with its law", LAW, "LEGAL_NOTICE"),
    row("R04", "urgent is not an emergency", ask(), objection(), "OBJ_DM"),
    row("R05", "with an offer", ask("legal_notice", legal_basis_ref="x", promo=True), dnc(), "DNC_INTERNAL"),
    row("R06", "a reply with an offer in it", ask("rights_reply", promo=True), dnc(), "DNC_INTERNAL"),
    row("R08", "another purpose", ask(source=NAMED), source_block("political"), "NO_OBJECTION_FOUND"),
    row("R08", "DM does not name research", ask("research"), source_block("direct_marketing"), "RESEARCH"),
    row("R09", "own data", ask(source=Source(named=False, kind="own")), "NO_OBJECTION_FOUND"),
    row("R09", "a named source", ask(source=Source(named=True, kind="bought")), "NO_OBJECTION_FOUND"),
    row("R09", "research on bought data", ask("research", source=BOUGHT), "RESEARCH"),
    row("R11", "at the level", ask(), objection(level=1), "OBJ_DM"),
    row("R11", "not marketing", ask("service"), PROVISIONAL, CONTESTED, "SERVICE"),
    row("R12", "an objection in another channel", ask(), objection(channels=["email"]), "NO_OBJECTION_FOUND"),
    row("R12", "an objection to political alone", ask(), objection("political"), "NO_OBJECTION_FOUND"),
    row("R15", "contract mail rests on no interest", ask("service"), general(), "SERVICE"),
    row("R15", "DM does not name research", ask("research"), general("direct_marketing"), "RESEARCH"),
    row("R15", "an objection that names another", ask("research"), objection("political"), "RESEARCH"),
    row("R16", "another service", ask("service", service_id="bills"), left("news"), "SERVICE"),
    row("R16", "no service named", ask("service"), left("news"), "SERVICE"),
    row("R17", "another channel", ask(), optout("email"), "NO_OBJECTION_FOUND"),
    row("R17", "not marketing", NEWS, optout("sms"), "SERVICE"),
    row("R18", "a call list asked for a text message", ask(), dnc("voice_live"), "NO_OBJECTION_FOUND"),
    row("R18", "research is no sale", ask("research"), dnc(), "RESEARCH"),
    row("R20", "no electronic message", ask("political", "voice_live"), "POLITICAL_INFO"),
    row("R21", "not political", ask("research", "profiling"), "RESEARCH"),
    row("R22", "not an authority", ask("societal_public"), "POLITICAL_NO_BASIS"),
    row("R22", "not an authority, by post", ask("societal_public", "post_addressed"), "POLITICAL_INFO"),
    row("R22", "promoting", ask("societal_public", promo=True), objection(), AUTHORITY, "OBJ_DM"),
    row("R23", "promoting", ask("service", promo=True), objection(), "OBJ_DM"),
    row("R24", "promoting", ask("research", promo=True), objection(), "OBJ_DM"),
    row("R30", "a letter", ask(channel="post_addressed"), RECORDED, "NO_OBJECTION_FOUND"),
    row("R30", "use without a message", ask(channel="profiling"), RECORDED, "NO_OBJECTION_FOUND"),
    row("R30", "the sender vouches for itself", ask(), "NO_OBJECTION_FOUND"),
    row("R30", "not marketing", ask("service"), RECORDED, "SERVICE"),
    row("R32", "a text message, which NIX does not cover", ask(), NIX, "NO_OBJECTION_FOUND"),
    row("R32", "a begging letter", ask("fundraising", "post_addressed"), NIX, "NO_OBJECTION_FOUND"),
    row("R32", "no register consulted", ask(channel="voice_live"), "NO_OBJECTION_FOUND"),
    row("R35", "one entry of any kind", ask(), dnc(), "DNC_INTERNAL"),
]

EARLIER_WINS = [
    row("R04", "R02 comes before", ask("emergency", "pigeon"), "INPUT_INVALID"),
    row("R05", "R02 comes before", ask("legal_notice"), objection(), "INPUT_INVALID"),
    row("R06", "R02 comes before", ask("rights_reply", None), "INPUT_INVALID"),
    row("R08", "R05 comes before", LAW, source_block(), "LEGAL_NOTICE"),
    row("R09", "R08 comes before", ask(source=BOUGHT), source_block(), "SOURCE_BLOCKED"),
    row("R11", "R09 comes before", ask(source=BOUGHT), CONTESTED, "SOURCE_UNKNOWN"),
    row("R12", "R11 comes before", ask(), objection(), PROVISIONAL, "OBJ_PROVISIONAL"),
    row("R15", "R12 comes before", ask(), objection(), general(), "OBJ_DM"),
    row("R16", "R15 comes before", ask(service_id="news"), left("news"), general(), "OBJ_GENERAL"),
    row("R17", "R16 comes before", ask(service_id="news"), left("news"), optout(), "SERVICE_UNSUB"),
    row("R18", "R17 comes before", ask(), dnc(), optout(), "CHANNEL_OPTOUT"),
    row("R20", "R15 comes before", ask("political"), objection("political"), LEGACY, "OBJ_SCOPE"),
    row("R21", "R08 comes before", ask("political", "voice_live"), source_block(), "SOURCE_BLOCKED"),
    row("R22", "R15 comes before", ask("societal_public"), general(), AUTHORITY, "OBJ_GENERAL"),
    row("R23", "R16 comes before", NEWS, left("news"), "SERVICE_UNSUB"),
    row("R24", "R15 comes before", ask("research"), objection("research"), "OBJ_SCOPE"),
    row("R30", "R18 comes before", ask(), dnc(), RECORDED, "DNC_INTERNAL"),
    row("R32", "R12 comes before", ask(channel="voice_live"), objection(), NIX, "OBJ_DM"),
    row("R35", "R30 comes before", ask(), RECORDED, "NO_CONSENT"),
]

ALLOWING = {
    "EMERGENCY",
    "LEGAL_NOTICE",
    "RIGHTS_REPLY",
    "POLITICAL_INFO",
    "SOCIETAL_INFO",
    "SERVICE",
    "RESEARCH",
    "NO_OBJECTION_FOUND",
    "POLITICAL_BASIS",
    "CONSENT_VALID",
    "SOFT_OPT_IN",
    "REG_CONSENT",
    "REG_CUSTOMER",
}


@pytest.mark.parametrize(
    ("_rule", "_case", "question", "given", "by", "code"),
    [
        pytest.param(*one, id=f"{one[0]}: {one[1]}")
        for one in DECIDES + ONE_STEP_BESIDE + EARLIER_WINS + rows_of_consents.ALL + rows_of_registers.ALL
    ],
)
def test_the_first_row_that_matches_decides(
    _rule: str,
    _case: str,
    question: Question,
    given: tuple[Fact, ...],
    by: ControllerProfile,
    code: str,
) -> None:
    decision = judged(question, *given, by=by)
    assert decision.code == code
    assert decision.answer is (Answer.ALLOW if code in ALLOWING else Answer.BLOCK)


def test_every_rule_has_its_three_kinds_of_rows() -> None:
    rows = {rule.__name__[:3].upper() for rule in rules.RULES} - {"R07"} | {"R02", "R35"}
    both = rows_of_consents, rows_of_registers
    for kind, wanted in (("DECIDES", rows), ("ONE_STEP_BESIDE", rows), ("EARLIER_WINS", rows - {"R02"})):
        tables = [globals()[kind], *(getattr(one, kind) for one in both)]
        assert {one[0] for table in tables for one in table} == wanted


def test_the_rules_are_tried_in_the_published_order() -> None:
    numbers = [rule.__name__[:3] for rule in rules.RULES]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(numbers)


def test_an_identifier_that_nobody_can_read_is_blocked_for_any_purpose() -> None:
    for purpose in ("marketing", "service", "emergency"):
        decision = decide(ask(purpose), Facts(ORDINARY, readable=False), NOW)
        assert (decision.answer, decision.code) == (Answer.BLOCK, "INPUT_INVALID")
