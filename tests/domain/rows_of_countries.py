"""Rows about single countries: calls to Norway and Denmark, and companies' offices in Sweden and Norway."""

from tests.domain.recipients import (
    DENMARK,
    HOUR,
    NORWAY,
    RECORDED,
    SWEDEN,
    UNPLACED,
    WORKDAY,
    ask,
    consent,
    controller,
    customer,
    dnc,
    in_,
    objection,
    optout,
    register,
)
from tests.domain.rows import row

CALL, WORKING = ask(channel="voice_live"), ask(channel="voice_live", dispatch_at=WORKDAY)
CALL_A_COMPANY = ask(channel="voice_live", legal_person=True)
TO_A_COMPANY = ask(channel="email", legal_person=True)
SWEDISH_OFFICE, NORWEGIAN_OFFICE = in_("SE", office=True), in_("NO", office=True)
AT_HOME_IN_NORWAY, AT_HOME_IN_DENMARK = controller(country="NO"), controller(country="DK")
CASINO = controller(sector="gambling", basis="recorded", registers=("spelpaus_se",))
CLEAR = "NO_OBJECTION_FOUND"

DECIDES = [
    row("R25", "on a Saturday", CALL, NORWAY, "QUIET_TIME"),
    row("R25", "for a good cause", ask("fundraising", "voice_live"), NORWAY, "QUIET_TIME"),
    row(
        "R25", "at 21 there", ask(channel="voice_live", dispatch_at=WORKDAY + 8 * HOUR), NORWAY, "QUIET_TIME"
    ),
    row("R25", "consented", CALL, NORWAY, consent("voice_live"), "QUIET_TIME"),
    row("R25", "a company", CALL_A_COMPANY, NORWAY, "QUIET_TIME"),
    row("R25", "one number of two", CALL, in_("SE", "NO"), "QUIET_TIME"),
    row("R25", "called from home", CALL, UNPLACED, AT_HOME_IN_NORWAY, "QUIET_TIME"),
    row("R26", "a consumer in Denmark", CALL, DENMARK, "DK_CALL_BAN"),
    row(
        "R26",
        "who is a customer",
        ask(channel="voice_live", own_similar=True),
        DENMARK,
        customer(),
        "DK_CALL_BAN",
    ),
    row("R26", "other goods", ask(channel="voice_live", product="other"), DENMARK, "DK_CALL_BAN"),
    row("R26", "asked for text messages", CALL, DENMARK, consent(), "DK_CALL_BAN"),
    row(
        "R26",
        "asked, and withdrew",
        CALL,
        DENMARK,
        consent("voice_live", ended_at=WORKDAY - 50 * HOUR),
        "DK_CALL_BAN",
    ),
    row("R26", "one number of two", CALL, in_("SE", "DK"), "DK_CALL_BAN"),
    row("R26", "called from home", CALL, UNPLACED, AT_HOME_IN_DENMARK, "DK_CALL_BAN"),
    row("R28", "an office in Sweden", TO_A_COMPANY, SWEDISH_OFFICE, RECORDED, "B2B"),
    row("R28", "an office in Norway", TO_A_COMPANY, NORWEGIAN_OFFICE, RECORDED, "B2B"),
    row("R28", "offices in both", TO_A_COMPANY, in_("SE", "NO", office=True), RECORDED, "B2B"),
]

ONE_STEP_BESIDE = [
    row("R25", "on a Monday", WORKING, NORWAY, CLEAR),
    row(
        "R25",
        "a moment before 21",
        ask(channel="voice_live", dispatch_at=WORKDAY + 7.99 * HOUR),
        NORWAY,
        CLEAR,
    ),
    row("R25", "a Swede on a Saturday", CALL, SWEDEN, CLEAR),
    row("R25", "a Swede, called from Norway", CALL, SWEDEN, AT_HOME_IN_NORWAY, CLEAR),
    row("R25", "a text message", ask(), NORWAY, CLEAR),
    row("R25", "not marketing", ask("service", "voice_live"), NORWAY, "SERVICE"),
    row("R25", "nobody knows where", CALL, UNPLACED, CLEAR),
    row("R26", "who asked for it", CALL, DENMARK, consent("voice_live"), "REG_CONSENT"),
    row("R26", "books", ask(channel="voice_live", product="books"), DENMARK, CLEAR),
    row("R26", "a newspaper", ask(channel="voice_live", product="newspaper_subscription"), DENMARK, CLEAR),
    row("R26", "insurance", ask(channel="voice_live", product="insurance"), DENMARK, CLEAR),
    row("R26", "rescue", ask(channel="voice_live", product="rescue"), DENMARK, CLEAR),
    row("R26", "a company", CALL_A_COMPANY, DENMARK, CLEAR),
    row("R26", "a text message", ask(), DENMARK, CLEAR),
    row("R26", "not marketing", ask("service", "voice_live"), DENMARK, "SERVICE"),
    row("R26", "a Swede, called from Denmark", CALL, SWEDEN, AT_HOME_IN_DENMARK, CLEAR),
    row("R28", "an office in Denmark", TO_A_COMPANY, in_("DK", office=True), RECORDED, "NO_CONSENT"),
    row("R28", "one of two in Denmark", TO_A_COMPANY, in_("SE", "DK", office=True), RECORDED, "NO_CONSENT"),
    row("R28", "nobody knows where", TO_A_COMPANY, in_(office=True), RECORDED, "NO_CONSENT"),
    row(
        "R28",
        "nobody says that it is a company",
        ask(channel="email"),
        SWEDISH_OFFICE,
        RECORDED,
        "NO_CONSENT",
    ),
    row("R28", "a person there", TO_A_COMPANY, SWEDEN, RECORDED, "NO_CONSENT"),
    row("R28", "a text message", ask(legal_person=True), SWEDISH_OFFICE, RECORDED, "NO_CONSENT"),
    row("R28", "the sender vouches for itself", TO_A_COMPANY, SWEDISH_OFFICE, CLEAR),
    row("R28", "a sector's register is stale", TO_A_COMPANY, SWEDISH_OFFICE, CASINO, "REG_STALE"),
]

EARLIER_WINS = [
    row("R25", "R12 comes before", CALL, NORWAY, objection(), "OBJ_DM"),
    row("R25", "R18 comes before", CALL, NORWAY, dnc(), "DNC_INTERNAL"),
    row("R26", "R12 comes before", CALL, DENMARK, objection(), "OBJ_DM"),
    row("R26", "R25 comes before", CALL, in_("NO", "DK"), "QUIET_TIME"),
    row("R28", "R17 comes before", TO_A_COMPANY, SWEDISH_OFFICE, optout(), RECORDED, "CHANNEL_OPTOUT"),
    row("R28", "R27 comes before", TO_A_COMPANY, SWEDISH_OFFICE, consent("email"), RECORDED, "CONSENT_VALID"),
    row(
        "R28",
        "R10 comes before",
        TO_A_COMPANY,
        SWEDISH_OFFICE,
        register("spelpaus_se", hit=True),
        CASINO,
        "SECTOR_EXCLUDED",
    ),
]
