"""The last moment, the longest sale, the register that nobody knows: one more step gives another answer."""

from datetime import UTC, datetime, timedelta

from app.domain.facts import RegisterFact
from tests.domain.recipients import (
    DAY,
    HOUR,
    NOW,
    RECORDED,
    ask,
    controller,
    customer,
    judged,
    register,
)

CALL = ask(channel="voice_live")
NIX = controller(registers=("nix_phone",))
TICK = timedelta(microseconds=1)


def test_a_list_may_be_used_up_to_its_last_moment_and_no_longer() -> None:
    last = datetime(2027, 1, 21, tzinfo=UTC)
    list_of_today = register("nix_phone")
    at_last, too_late = (ask(channel="voice_live", dispatch_at=at) for at in (last, last + TICK))
    assert judged(at_last, list_of_today, by=NIX).code == "NO_OBJECTION_FOUND"
    assert judged(too_late, list_of_today, by=NIX).code == "REG_STALE"


def test_a_list_of_no_date_or_of_no_known_register_is_none() -> None:
    assert judged(CALL, RegisterFact("nix_phone"), by=NIX).code == "REG_STALE"
    unknown = controller(registers=("unheard_of",))
    assert judged(CALL, register("unheard_of", hit=True), by=unknown).code == "REG_STALE"


def test_no_sender_is_told_to_ask_a_register_that_has_ended() -> None:
    assert judged(CALL, by=controller(country="FR")).obligations == ()


def test_of_two_sales_the_one_that_lasts_longer_carries_the_answer() -> None:
    asked, ending = ask(own_similar=True), NOW - 365 * DAY + 2 * HOUR
    lasting = customer(since=NOW - 900 * DAY)
    later = customer(since=NOW - 900 * DAY, ended_at=NOW - 100 * DAY)
    first = customer(since=NOW - 400 * DAY, ended_at=ending)
    for sales in ((first, lasting), (lasting, first), (first, later), (later, first)):
        decision = judged(asked, *sales, by=RECORDED)
        assert (decision.code, decision.valid_until) == ("SOFT_OPT_IN", NOW + DAY)
    assert judged(asked, first, by=RECORDED).valid_until == NOW + 2 * HOUR


def test_of_two_sales_the_one_that_lasts_longer_carries_a_call_past_a_register() -> None:
    asked, ending = ask(channel="voice_live", own_similar=True), NOW - 365 * DAY + 2 * HOUR
    lasting = customer(since=NOW - 900 * DAY)
    later = customer(since=NOW - 900 * DAY, ended_at=NOW - 100 * DAY)
    first = customer(since=NOW - 400 * DAY, ended_at=ending)
    hit = register("nix_phone", hit=True)
    for sales in ((first, lasting), (lasting, first), (first, later), (later, first)):
        decision = judged(asked, hit, *sales, by=NIX)
        assert (decision.code, decision.valid_until) == ("REG_CUSTOMER", NOW + DAY)
    assert judged(asked, hit, first, by=NIX).valid_until == NOW + 2 * HOUR
