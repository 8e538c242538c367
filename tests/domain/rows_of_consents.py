"""Rows about what the person said to this controller: consents, withdrawals, relationships."""

from tests.domain.recipients import (
    CONTESTED,
    DAY,
    EVERYTHING,
    HOUR,
    NOW,
    RECORDED,
    ask,
    consent,
    controller,
    customer,
    dnc,
    general,
    member,
    objection,
    optout,
    source_block,
)
from tests.domain.rows import row

NEVER = controller(basis="recorded", consent_lifts_objection=False)
CALL, LETTER = ask(channel="voice_live"), ask(channel="post_addressed")
SIMILAR = ask(own_similar=True)
POLITICAL = ask("political")
WITHDRAWN = consent(ended_at=NOW - HOUR / 2)
OLD = NOW - 9 * DAY
WEAK = "OBJ_DM_CONSENT_INSUFFICIENT"

DECIDES = [
    row("R12", "a withdrawn consent counts as none", ask(), objection(), WITHDRAWN, RECORDED, "OBJ_DM"),
    row("R13", "older than the objection", ask(), objection(), consent(given_at=OLD), WEAK),
    row("R13", "as old as the objection", ask(), objection(), consent(given_at=NOW - DAY), WEAK),
    row("R13", "undated", ask(), objection(), consent(given_at=None), WEAK),
    row("R13", "dated tomorrow", ask(), objection(), consent(given_at=NOW + DAY), WEAK),
    row("R13", "somebody else's word", ask(), objection(), consent(by_person=False), WEAK),
    row("R13", "to nobody in particular", ask(), objection(), consent(names_controller=False), WEAK),
    row("R13", "from a barred win-back", ask(), objection(), consent(barred=True), WEAK),
    row("R13", "that nobody can show", ask(), objection(), consent(evidenced=False), WEAK),
    row("R13", "for another channel", CALL, objection(), consent(), WEAK),
    row("R13", "for another purpose", ask("fundraising"), objection(), consent(), WEAK),
    row("R13", "a policy that lifts nothing", ask(), objection(), consent(), NEVER, WEAK),
    row(
        "R13",
        "a withdrawal after it in the same scope",
        ask(),
        objection(),
        consent(),
        consent(number=2, given_at=OLD, ended_at=NOW - HOUR / 2),
        WEAK,
    ),
    row("R14", "a later consent", ask(), objection(), consent(), RECORDED, "CONSENT_VALID"),
    row("R14", "to a call", CALL, objection(), consent("voice_live"), "REG_CONSENT"),
    row("R17", "an opt-out after a consent", ask(), optout(), consent(given_at=OLD), "CHANNEL_OPTOUT"),
    row("R18", "a wish after a consent", ask(), dnc(), consent(given_at=OLD), "DNC_INTERNAL"),
    row("R19", "a consent was withdrawn", ask(), WITHDRAWN, "CONSENT_WITHDRAWN"),
    row("R19", "a customer", SIMILAR, WITHDRAWN, customer(), RECORDED, "CONSENT_WITHDRAWN"),
    row("R20", "consent to this party", POLITICAL, consent(purposes="political"), "POLITICAL_BASIS"),
    row("R20", "a member", POLITICAL, member(), "POLITICAL_BASIS"),
    row("R27", "a valid consent", ask(), consent(), RECORDED, "CONSENT_VALID"),
    row("R29", "an own sale", SIMILAR, customer(), RECORDED, "SOFT_OPT_IN"),
    row("R29", "eleven months ago", SIMILAR, customer(ended_at=NOW - 335 * DAY), RECORDED, "SOFT_OPT_IN"),
    row("R30", "a consent for another channel", ask(channel="email"), consent(), RECORDED, "NO_CONSENT"),
    row("R31", "consent to calls", CALL, consent("voice_live"), "REG_CONSENT"),
    row("R31", "consent to letters", LETTER, consent("post_addressed"), RECORDED, "REG_CONSENT"),
    row("R18", "a policy that lifts nothing", ask(), dnc(), consent(), NEVER, "DNC_INTERNAL"),
    row("R20", "a former member", POLITICAL, member(ended_at=NOW - DAY), "POLITICAL_NO_BASIS"),
    row("R20", "a customer of a party", POLITICAL, customer(), "POLITICAL_NO_BASIS"),
    row("R20", "consent to marketing", POLITICAL, consent(), "POLITICAL_NO_BASIS"),
    row("R14", "and a general objection stands", ask(), objection(), general(), consent(), "OBJ_GENERAL"),
]

ONE_STEP_BESIDE = [
    row("R13", "contract mail", ask("service"), objection(), consent(given_at=OLD), "SERVICE"),
    row("R14", "older by a moment", ask(), objection(since=NOW - HOUR), consent(), WEAK),
    row(
        "R14",
        "one of two objections is newer",
        ask(),
        objection(),
        objection(number=2, since=NOW),
        consent(),
        WEAK,
    ),
    row("R17", "a consent after the opt-out", ask(), optout(), consent(), "NO_OBJECTION_FOUND"),
    row("R18", "a consent after the wish", ask(), dnc(), consent(), "NO_OBJECTION_FOUND"),
    row("R19", "another channel", ask(channel="email"), WITHDRAWN, "NO_OBJECTION_FOUND"),
    row("R19", "a call", CALL, consent("voice_live", ended_at=NOW - HOUR), "NO_OBJECTION_FOUND"),
    row("R19", "and given anew", ask(), WITHDRAWN, consent(number=2, given_at=NOW), "NO_OBJECTION_FOUND"),
    row("R27", "somebody else's word", ask(), consent(by_person=False), RECORDED, "NO_CONSENT"),
    row(
        "R27",
        "ended before dispatch",
        ask(dispatch_at=NOW + DAY),
        consent(ended_at=NOW + HOUR),
        RECORDED,
        "CONSENT_WITHDRAWN",
    ),
    row("R27", "the sender vouches for itself", ask(), consent(), "NO_OBJECTION_FOUND"),
    row("R29", "other goods", ask(), customer(), RECORDED, "NO_CONSENT"),
    row("R29", "no sale of its own", SIMILAR, customer(collected_in_sale=False), RECORDED, "NO_CONSENT"),
    row("R29", "not told", SIMILAR, customer(informed=False), RECORDED, "NO_CONSENT"),
    row("R29", "could not refuse", SIMILAR, customer(could_refuse=False), RECORDED, "NO_CONSENT"),
    row("R29", "a member", SIMILAR, member(), RECORDED, "NO_CONSENT"),
    row("R29", "thirteen months ago", SIMILAR, customer(ended_at=NOW - 396 * DAY), RECORDED, "NO_CONSENT"),
    row("R30", "consent", ask(), consent(), RECORDED, "CONSENT_VALID"),
    row("R31", "consent to a text message", CALL, consent(), "NO_OBJECTION_FOUND"),
    row("R31", "use without a message", ask(channel="profiling"), consent("profiling"), "NO_OBJECTION_FOUND"),
]

EARLIER_WINS = [
    row("R13", "R11 comes before", ask(), objection(), CONTESTED, consent(given_at=OLD), "OBJ_CONTESTED"),
    row("R14", "R11 comes before", ask(), objection(), CONTESTED, consent(), "OBJ_CONTESTED"),
    row("R19", "R12 comes before", ask(), objection(), WITHDRAWN, "OBJ_DM"),
    row("R19", "R18 comes before", ask(), dnc(), WITHDRAWN, "DNC_INTERNAL"),
    row("R27", "R08 comes before", ask(), source_block(), consent(), RECORDED, "SOURCE_BLOCKED"),
    row("R27", "everything comes before", ask(), *EVERYTHING, consent(), RECORDED, "SOURCE_BLOCKED"),
    row("R29", "R12 comes before", SIMILAR, objection(), customer(), RECORDED, "OBJ_DM"),
    row("R29", "R17 comes before", SIMILAR, optout(), customer(), RECORDED, "CHANNEL_OPTOUT"),
    row("R29", "R27 comes before", SIMILAR, consent(), customer(), RECORDED, "CONSENT_VALID"),
    row("R31", "R13 comes before", CALL, objection(), consent("voice_live", given_at=OLD), WEAK),
]
