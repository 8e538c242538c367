"""Rows about national registers: fresh or not, in them or not, and who may be contacted all the same."""

from tests.domain.recipients import (
    DAY,
    NOW,
    ask,
    consent,
    controller,
    customer,
    dnc,
    member,
    objection,
    register,
)
from tests.domain.rows import row

NIX = controller(registers=("nix_phone", "nix_post"))
DANISH = controller(registers=("robinson_dk",))
NORWEGIAN = controller(registers=("reservasjon_no",))
BRITISH = controller(registers=("tps_uk",))
FRENCH = controller(registers=("bloctel_fr",))
SPAR = controller(registers=("spar_se",))
CASINO = controller(sector="gambling", basis="recorded", registers=("spelpaus_se",))
OTHER = controller(registers=("spelpaus_se",))
CALL, LETTER = ask(channel="voice_live"), ask(channel="post_addressed")
SAME = ask(channel="voice_live", own_similar=True)
HIT = register("nix_phone", hit=True)
CLEAR = "NO_OBJECTION_FOUND"

DECIDES = [
    row(
        "R08",
        "reserved where addresses come from",
        LETTER,
        register("spar_se", hit=True),
        SPAR,
        "SOURCE_BLOCKED",
    ),
    row("R10", "shut off from gambling", ask(), register("spelpaus_se", hit=True), CASINO, "SECTOR_EXCLUDED"),
    row("R32", "too old", CALL, register("nix_phone", days=70), NIX, "REG_STALE"),
    row("R32", "too old, in it or not", CALL, register("nix_phone", hit=True, days=70), NIX, "REG_STALE"),
    row(
        "R32",
        "too old when it leaves",
        ask(channel="voice_live", dispatch_at=NOW + 40 * DAY),
        register("nix_phone", days=30),
        NIX,
        "REG_STALE",
    ),
    row("R32", "last quarter's", CALL, register("robinson_dk", days=60), DANISH, "REG_STALE"),
    row("R32", "a month and more", CALL, register("reservasjon_no", days=32), NORWEGIAN, "REG_STALE"),
    row("R32", "29 days", CALL, register("tps_uk", days=29), BRITISH, "REG_STALE"),
    row("R32", "consent replaces no sector's register", ask(), consent(), CASINO, "REG_STALE"),
    row("R33", "a customer", SAME, HIT, customer(), NIX, "REG_CUSTOMER"),
    row("R33", "eleven months ago", SAME, HIT, customer(ended_at=NOW - 335 * DAY), NIX, "REG_CUSTOMER"),
    row("R34", "in the register", CALL, HIT, NIX, "REG_HIT:nix_phone"),
    row(
        "R34",
        "a customer, in Denmark",
        SAME,
        register("robinson_dk", hit=True),
        customer(),
        DANISH,
        "REG_HIT:robinson_dk",
    ),
    row(
        "R34",
        "a customer, in a register that knows no customers too",
        SAME,
        HIT,
        register("robinson_dk", hit=True),
        customer(),
        controller(registers=("nix_phone", "robinson_dk")),
        "REG_HIT:robinson_dk",
    ),
    row(
        "R34",
        "no fundraising",
        ask("fundraising", "voice_live"),
        register("reservasjon_no", charity=True),
        NORWEGIAN,
        "REG_HIT:reservasjon_no",
    ),
    row(
        "R34",
        "a sector's register, asked by another",
        ask(),
        register("spelpaus_se", hit=True),
        OTHER,
        "REG_HIT:spelpaus_se",
    ),
    row("R35", "not in the register", CALL, register("nix_phone"), NIX, CLEAR),
    row(
        "R10",
        "and an objection stands",
        ask(),
        register("spelpaus_se", hit=True),
        objection(),
        CASINO,
        "SECTOR_EXCLUDED",
    ),
]

ONE_STEP_BESIDE = [
    row("R08", "not reserved", LETTER, register("spar_se"), SPAR, CLEAR),
    row("R10", "not shut off", ask(), register("spelpaus_se"), consent(), CASINO, "CONSENT_VALID"),
    row("R10", "not marketing", ask("service"), register("spelpaus_se", hit=True), CASINO, "SERVICE"),
    row("R32", "two months at the most", CALL, register("nix_phone", days=60), NIX, CLEAR),
    row("R32", "this quarter's", CALL, register("robinson_dk", days=50), DANISH, CLEAR),
    row("R32", "28 days", ask(channel="voice_live"), register("tps_uk", days=27), BRITISH, CLEAR),
    row("R32", "a register that has ended", CALL, FRENCH, CLEAR),
    row("R33", "other goods", CALL, HIT, customer(), NIX, "REG_HIT:nix_phone"),
    row("R33", "a member", SAME, HIT, member(), NIX, "REG_HIT:nix_phone"),
    row(
        "R33", "thirteen months ago", SAME, HIT, customer(ended_at=NOW - 396 * DAY), NIX, "REG_HIT:nix_phone"
    ),
    row("R34", "against charities alone", CALL, register("reservasjon_no", charity=True), NORWEGIAN, CLEAR),
    row("R34", "another channel", ask(), HIT, NIX, CLEAR),
]

EARLIER_WINS = [
    row(
        "R10",
        "R02 comes before",
        ask(channel=None),
        register("spelpaus_se", hit=True),
        CASINO,
        "INPUT_INVALID",
    ),
    row("R32", "R31 comes before", CALL, consent("voice_live"), NIX, "REG_CONSENT"),
    row("R33", "R18 comes before", SAME, HIT, customer(), dnc(), NIX, "DNC_INTERNAL"),
    row("R34", "R31 comes before", CALL, HIT, consent("voice_live"), NIX, "REG_CONSENT"),
]
