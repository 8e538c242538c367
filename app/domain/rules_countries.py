"""The rules of single countries: when and whether somebody may be called there, and the offices of companies.

Whoever has identifiers of several countries is judged by the rules of each. Where nobody tells the country, a
call is judged as one at home and carries the obligation to check, and nothing is allowed on that ground.
"""

from datetime import datetime

from app.domain.calling_hours import calling_ends, next_calls
from app.domain.channels import CHANNELS, ChannelClass
from app.domain.facts import Question
from app.domain.purposes import PURPOSES
from app.domain.situation import Match, Situation, Verdict, block

PRODUCTS = ("books", "newspaper_subscription", "insurance", "rescue", "other")
UNBANNED = frozenset(PRODUCTS) - {"other"}
"""What may be offered in Denmark by an unasked call (forbrugeraftaleloven § 4)."""

OFFICES = frozenset({"SE", "NO"})
"""Where a company's office may be written to without consent; in Denmark it needs one as anybody does."""


def place_matters(question: Question) -> bool:
    """Whether a rule may look at where the recipient is: in a live call, or a mail to a company, that is or
    may turn out to be direct marketing."""
    channel, purpose = CHANNELS.get(question.channel or ""), PURPOSES.get(question.purpose or "")
    if channel is None or purpose is None or not (question.promo or purpose.direct_marketing):
        return False
    return channel.kind is ChannelClass.LIVE_CALL or (channel.code == "email" and question.legal_person)


def _call(s: Situation) -> bool:
    return s.dm and s.channel.kind is ChannelClass.LIVE_CALL


def _call_to(s: Situation, country: str) -> bool:
    """Whether the call goes there, or is taken to: a sender of that country is taken to call at home."""
    return _call(s) and country in (s.facts.place.countries or {s.facts.controller.country})


def unplaced(s: Situation) -> tuple[str, ...]:
    """`CHECK_COUNTRY` when nobody told where somebody is called: the law there may forbid it."""
    return ("CHECK_COUNTRY",) if _call(s) and not s.facts.place.countries else ()


def calls_end(s: Situation) -> datetime | None:
    """Until when the hour allows this call; None where no hours are kept."""
    return calling_ends(s.moment) if _call_to(s, "NO") else None


def r25_quiet_time(s: Situation) -> Match | None:
    """R25: nobody is called in Norway on Saturdays, Sundays and public holidays, or before 9 and after 21
    o'clock there (markedsføringsloven § 14), consent or not."""
    if not _call_to(s, "NO") or calls_end(s) is not None:
        return None
    again = next_calls(s.moment)
    return Match(Verdict.BLOCK, "QUIET_TIME", until=again, retry_after=again)


def r26_danish_calls(s: Situation) -> Match | None:
    """R26: a consumer in Denmark is called only if it asked for that, which is a consent on record, or for
    what the ban leaves out (forbrugeraftaleloven § 4). That somebody is no consumer the sender states."""
    lawful = s.question.legal_person or s.question.product in UNBANNED or s.consent is not None
    return block("DK_CALL_BAN") if _call_to(s, "DK") and not lawful else None


def to_an_office(s: Situation) -> bool:
    """Whether a mail goes to a company's office, where that needs no consent: its address says so, and the
    sender too, and an identifier or the sender tells a country that protects persons alone (ePrivacy Art.
    13(5))."""
    stated = s.channel.code == "email" and s.question.legal_person and s.facts.place.office
    return stated and bool(s.facts.place.countries) and s.facts.place.countries <= OFFICES
