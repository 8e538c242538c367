"""The rules R01-R35 in their published order, one function each: the heart of the registry.

Each function looks at one situation and says nothing, decides, or goes on with a reason. The first that
decides gives the decision; every later match is listed among the reasons. docs/rules.md has the table with
the law behind each row. A new row is one function here or in its family (rules_consents.py,
rules_countries.py, rules_registers.py), its place in RULES, and a row of the table test.
R01 (may the caller ask at all) is `app.domain.parties.entitled`: it is judged before any question.
"""

from collections.abc import Callable
from dataclasses import replace

from app.domain.channels import CHANNELS, ChannelClass
from app.domain.entry import EntryKind
from app.domain.facts import Facts, Question
from app.domain.purposes import PURPOSES
from app.domain.rules_consents import (
    r12_objection,
    r13_weak_consent,
    r14_later_consent,
    r17_channel_optout,
    r18_dnc,
    r19_consent_withdrawn,
    r20_political_electronic,
    r27_consent,
    r28_office,
    r29_soft_opt_in,
    r30_no_consent,
    r31_consent_for_register,
)
from app.domain.rules_countries import r25_quiet_time, r26_danish_calls
from app.domain.rules_registers import (
    r10_self_exclusion,
    r32_register_stale,
    r33_register_customer,
    r34_register_hit,
    r35_nothing_found,
    reserved_at_source,
)
from app.domain.situation import Match, Situation, Verdict, allow, block

OBJECTIONS = (EntryKind.OBJECTION, EntryKind.OBJECTION_GENERAL)


def r02_input(question: Question, facts: Facts) -> Match | None:
    """R02: what cannot be read is not guessed at (GDPR Art. 25). For that item only; the batch goes on."""
    unknown = question.channel not in CHANNELS or question.purpose not in PURPOSES
    baseless = question.purpose == "legal_notice" and not question.legal_basis_ref
    return block("INPUT_INVALID") if unknown or baseless or not facts.readable else None


def r04_emergency(s: Situation) -> Match | None:
    """R04: vital interests come first (GDPR Art. 6(1)(d))."""
    return allow("EMERGENCY") if s.purpose.code == "emergency" else None


def r05_legal_notice(s: Situation) -> Match | None:
    """R05: a notice that the law requires, without promotion (GDPR Art. 6(1)(c))."""
    fits = s.purpose.code == "legal_notice" and bool(s.question.legal_basis_ref) and not s.question.promo
    return allow("LEGAL_NOTICE") if fits else None


def r06_rights_reply(s: Situation) -> Match | None:
    """R06: the one answer to the person's own request (GDPR Art. 12(3)), without promotion."""
    return allow("RIGHTS_REPLY") if s.purpose.code == "rights_reply" and not s.question.promo else None


def r07_mixed_content(s: Situation) -> Match | None:
    """R07: promotion makes the whole message marketing, whatever it is called (CJEU C-654/23)."""
    promotes = s.question.promo and not s.dm
    if not promotes and not s.purpose.marketing_in_disguise:
        return None
    return Match(Verdict.GO_ON, "MIXED_CONTENT", purpose=PURPOSES["marketing"])


def r08_source_blocked(s: Situation) -> Match | None:
    """R08: the person has blocked the source of this list, for this purpose; political dispatches too. A
    reservation in a register that addresses are taken from (SPAR) is such a block."""
    entry = s.first(EntryKind.SOURCE_BLOCK, test=s.names)
    return block("SOURCE_BLOCKED", entry) if entry or reserved_at_source(s) else None


def r09_source_unknown(s: Situation) -> Match | None:
    """R09: data from others whose source nobody names (GDPR Art. 14(2)(f)), for DM or political."""
    source = s.question.source
    foreign = source is not None and not source.named and source.kind in ("bought", "rented", "partner")
    return block("SOURCE_UNKNOWN") if foreign and (s.dm or s.political) else None


def r11_provisional(s: Situation) -> Match | None:
    """R11: an objection still being verified, below the controller's level, or contested, blocks already
    (GDPR Art. 12(2), 12(6)): doubt about a mandate is no licence to send."""
    if not s.dm:
        return None
    contested = s.first(EntryKind.OBJECTION, test=lambda e: s.objects(e) and e.contested)
    if contested:
        return block("OBJ_CONTESTED", contested)
    entry = s.first(EntryKind.OBJECTION, test=lambda e: s.objects(e) and s.provisional(e))
    return block("OBJ_PROVISIONAL", entry) if entry else None


def r15_general_objection(s: Situation) -> Match | None:
    """R15: an Art. 21(1) objection that is open or upheld stops what rests on Art. 6(1)(e)/(f) until it is
    weighed (Art. 18(1)(d)); an objection whose scope names this purpose stops it whatever it is called. One
    rejected with reasons no longer does, save for DM: there an objection is not weighed (Art. 21(3))."""
    scoped = s.first(*OBJECTIONS, test=lambda e: s.names_beside_marketing(e) and (s.dm or not e.rejected))
    if scoped:
        return block("OBJ_SCOPE", scoped)
    general = None
    if s.purpose.interest_based:
        general = s.first(EntryKind.OBJECTION_GENERAL, test=lambda e: s.names(e) and (s.dm or not e.rejected))
    return block("OBJ_GENERAL", general) if general else None


def r16_service_unsub(s: Situation) -> Match | None:
    """R16: the person has left this service; that service only."""
    wanted = s.question.service_id
    entry = s.first(EntryKind.SERVICE_UNSUB, test=lambda e: wanted is not None and e.service_id == wanted)
    return block("SERVICE_UNSUB", entry) if entry else None


def r21_political_other(s: Situation) -> Match | None:
    """R21: political calls and post are free of national registers; use without a message has no basis."""
    if not s.political or s.channel.kind is ChannelClass.ELECTRONIC:
        return None
    return block("POLITICAL_NO_BASIS") if s.channel.kind is ChannelClass.USE else allow("POLITICAL_INFO")


def r22_societal(s: Situation) -> Match | None:
    """R22: information by a public body (GDPR Art. 6(1)(e)); a DM objection does not reach it."""
    fits = s.purpose.code == "societal_public" and s.facts.controller.public_body and not s.question.promo
    return allow("SOCIETAL_INFO") if fits else None


def r23_service(s: Situation) -> Match | None:
    """R23: an objection never ends membership or contract mail (GDPR Art. 6(1)(b))."""
    return allow("SERVICE") if s.purpose.code == "service" and not s.question.promo else None


def r24_research(s: Situation) -> Match | None:
    """R24: research without promotion (GDPR Art. 21(6) is reached by an objection that names it: R15)."""
    return allow("RESEARCH") if s.purpose.code == "research" and not s.question.promo else None


Rule = Callable[[Situation], Match | None]

RULES: tuple[Rule, ...] = (
    r04_emergency,
    r05_legal_notice,
    r06_rights_reply,
    r07_mixed_content,
    r08_source_blocked,
    r09_source_unknown,
    r10_self_exclusion,
    r11_provisional,
    r12_objection,
    r13_weak_consent,
    r14_later_consent,
    r15_general_objection,
    r16_service_unsub,
    r17_channel_optout,
    r18_dnc,
    r19_consent_withdrawn,
    r20_political_electronic,
    r21_political_other,
    r22_societal,
    r23_service,
    r24_research,
    r25_quiet_time,
    r26_danish_calls,
    r27_consent,
    r28_office,
    r29_soft_opt_in,
    r30_no_consent,
    r31_consent_for_register,
    r32_register_stale,
    r33_register_customer,
    r34_register_hit,
    r35_nothing_found,
)


def seen_as(situation: Situation, match: Match) -> Situation:
    """The situation as the later rules see it, after a rule that went on."""
    return replace(situation, purpose=match.purpose) if match.purpose else situation
