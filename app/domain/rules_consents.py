"""The rules that look at what the person said to this controller: objections, consents, opt-outs.

A later consent masks an objection in its own scope and never ends it: when the consent ends, the objection
blocks again by itself. The newest act of the person in that exact scope wins.
"""

from datetime import datetime

from app.domain.channels import ChannelClass
from app.domain.entry import EntryFact, EntryKind
from app.domain.relationship import RelationshipFact, RelationshipKind
from app.domain.rules_countries import calls_end, to_an_office, unplaced
from app.domain.rules_registers import sector_unasked
from app.domain.situation import Match, Situation, Verdict, allow, block, earliest

OPT_OUT = "INCLUDE_OPT_OUT"
SENDER = "SENDER_ID"


def _in_force(s: Situation, entry: EntryFact) -> bool:
    return s.objects(entry) and not entry.contested and not s.provisional(entry)


def _unlifted(s: Situation) -> EntryFact | None:
    """The oldest Art. 21(2) objection in force that no later consent masks."""
    if not s.dm:
        return None
    return s.first(EntryKind.OBJECTION, test=lambda e: _in_force(s, e) and not s.lifted(e))


def _overrides(s: Situation) -> Match:
    until = s.consent.ended_at if s.consent else None
    return Match(Verdict.GO_ON, "CONSENT_OVERRIDES", until=until)


def _any_consent(s: Situation) -> bool:
    return any(consent.live(s.moment) for consent in s.facts.consents)


def r12_objection(s: Situation) -> Match | None:
    """R12: an objection in force, any class, customer or not (GDPR Art. 21(2), 21(3)): absolute. A withdrawn
    consent counts as none."""
    entry = _unlifted(s)
    return block("OBJ_DM", entry) if entry and not _any_consent(s) else None


def r13_weak_consent(s: Situation) -> Match | None:
    """R13: there is a consent, and it does not lift the objection: older than it, undated, somebody else's
    word, not to this controller, from a barred win-back, for another channel or purpose, or not shown."""
    entry = _unlifted(s)
    return block("OBJ_DM_CONSENT_INSUFFICIENT", entry) if entry and _any_consent(s) else None


def r14_later_consent(s: Situation) -> Match | None:
    """R14: the person consented after the objection, directly to this controller, for this channel and
    purpose, and that can be shown (GDPR Art. 7); the controller's policy allows it to count."""
    if not s.dm or _unlifted(s):
        return None
    masked = s.first(EntryKind.OBJECTION, test=lambda e: _in_force(s, e))
    return _overrides(s) if masked else None


def _own_list(s: Situation, kind: EntryKind, code: str) -> Match | None:
    if not s.dm:
        return None
    entry = s.first(kind, test=lambda e: not s.lifted(e))
    if entry:
        return block(code, entry)
    return _overrides(s) if s.first(kind) else None


def r17_channel_optout(s: Situation) -> Match | None:
    """R17: an opt-out of this channel at this controller (ePrivacy Art. 13(2)), and no later consent."""
    return _own_list(s, EntryKind.CHANNEL_OPTOUT, "CHANNEL_OPTOUT")


def r18_dnc(s: Situation) -> Match | None:
    """R18: the identifier is on the controller's own do-not-call list, and there is no later consent."""
    return _own_list(s, EntryKind.DNC, "DNC_INTERNAL")


def r19_consent_withdrawn(s: Situation) -> Match | None:
    """R19: a consent was withdrawn, and none given since (GDPR Art. 7(3)): no soft opt-in replaces it."""
    gone = s.electronic_dm and s.withdrawn is not None and s.consent is None
    return block("CONSENT_WITHDRAWN") if gone else None


def r20_political_electronic(s: Situation) -> Match | None:
    """R20: an electronic political message needs consent to this party or membership (IMY 2025)."""
    if not s.political or s.channel.kind is not ChannelClass.ELECTRONIC:
        return None
    if s.consent:
        return allow("POLITICAL_BASIS", until=s.consent.ended_at)
    ends = [
        r.ended_at for r in s.facts.relationships if r.kind is RelationshipKind.MEMBER and r.live(s.moment)
    ]
    if ends:
        return allow("POLITICAL_BASIS", until=None if None in ends else max(end for end in ends if end))
    legacy = s.facts.controller.policy.political == "legacy_2022"
    return allow("POLITICAL_INFO") if legacy else block("POLITICAL_NO_BASIS")


def _soft(s: Situation) -> RelationshipFact | None:
    """The sale that a soft opt-in rests on: the one that carries it longest."""
    if not s.question.own_similar:
        return None
    sales = [r for r in s.facts.relationships if r.soft_opt_in and r.recent(s.moment)]
    return max(sales, key=_lasts, default=None)


def _lasts(sale: RelationshipFact) -> tuple[bool, datetime]:
    return sale.ended_at is None, sale.ended_at or sale.since


def r27_consent(s: Situation) -> Match | None:
    """R27: policy `recorded`, and a consent for this channel and purpose (ePrivacy Art. 13(1))."""
    if not s.recorded or s.consent is None or sector_unasked(s):
        return None
    return allow("CONSENT_VALID", OPT_OUT, SENDER, until=s.consent.ended_at)


def r28_office(s: Situation) -> Match | None:
    """R28: policy `recorded`, and the office of a legal person in a country that protects persons alone."""
    fits = s.recorded and to_an_office(s) and not sector_unasked(s)
    return allow("B2B", OPT_OUT) if fits else None


def r29_soft_opt_in(s: Situation) -> Match | None:
    """R29: policy `recorded`, the seller's own similar goods, to whoever bought from it in the last twelve
    months, was told, and could refuse (ePrivacy Art. 13(2)). It lifts nothing: it comes after every block."""
    sale = _soft(s)
    if not s.recorded or sale is None or sector_unasked(s):
        return None
    return allow("SOFT_OPT_IN", OPT_OUT, SENDER, until=sale.recent_until)


def r30_no_consent(s: Situation) -> Match | None:
    """R30: policy `recorded`, an electronic DM message, and nothing on record that carries it."""
    carried = s.consent is not None or to_an_office(s) or _soft(s) is not None
    return block("NO_CONSENT") if s.recorded and not carried else None


def r31_consent_for_register(s: Situation) -> Match | None:
    """R31: an explicit consent for a call or a letter; national registers need not be asked then."""
    calls = s.channel.kind in {ChannelClass.LIVE_CALL, ChannelClass.POST}
    if not s.dm or not calls or s.consent is None or sector_unasked(s):
        return None
    return allow("REG_CONSENT", *unplaced(s), until=earliest(s.consent.ended_at, calls_end(s)))
