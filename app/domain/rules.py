"""The rules R01-R35 in their published order, one function each: the heart of the registry.

Each function looks at one situation and says nothing, decides, or goes on with a reason. The first that
decides gives the decision; every later match is listed among the reasons. docs/rules.md has the table with
the law behind each row. A new row is one function here, its place in RULES, and a row of the table test.
R01 (may the caller ask at all) is `app.domain.parties.entitled`: it is judged before any question.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.domain.channels import CHANNELS, Channel, ChannelClass
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import Facts, Question
from app.domain.purposes import ALL_PURPOSES, DM_MASK, PURPOSES, Purpose
from app.domain.registers import covering

OBJECTIONS = (EntryKind.OBJECTION, EntryKind.OBJECTION_GENERAL)
Test = Callable[[EntryFact], bool]


class Verdict(StrEnum):
    """What a matching rule does with the question."""

    ALLOW = "allow"
    BLOCK = "block"
    GO_ON = "go_on"


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched: its verdict and permanent code, the entry it rests on, and for a rule that goes
    on the purpose that the later rules see."""

    verdict: Verdict
    code: str
    entry: EntryFact | None = None
    purpose: Purpose | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A readable question: channel and purpose as rows of their tables, the facts, and the moment.

    `called` is the purpose as it was stated, `purpose` what the rules so far made of it (R07).
    """

    question: Question
    channel: Channel
    called: Purpose
    purpose: Purpose
    facts: Facts
    now: datetime

    @property
    def dm(self) -> bool:
        """Direct marketing: marketing and fundraising (GDPR Art. 21(2), recital 47)."""
        return self.purpose.direct_marketing

    @property
    def political(self) -> bool:
        """Political, or "societal information" by somebody who is no public body (R22)."""
        return self._political(self.purpose)

    def _political(self, purpose: Purpose) -> bool:
        societal = purpose.code == "societal_public" and not self.facts.controller.public_body
        return purpose.code == "political" or societal

    @property
    def served(self) -> int:
        """Every purpose of the message as a mask: promotion adds marketing to what it was called (R07), and
        what is treated as political is political. A scope that names one of them reaches the message."""
        political = PURPOSES["political"].bit if self._political(self.called) else 0
        return self.called.bit | self.purpose.bit | political

    def first(
        self, *kinds: EntryKind, test: Callable[[EntryFact], bool] = lambda _entry: True
    ) -> EntryFact | None:
        """The oldest entry of these kinds whose scope has this channel and that passes the test."""
        found = [
            e for e in self.facts.entries if e.kind in kinds and e.channels & self.channel.bit and test(e)
        ]
        return min(found, key=lambda e: e.age, default=None)

    def names(self, entry: EntryFact) -> bool:
        """Whether the scope of an entry has a purpose of this message."""
        return bool(entry.purposes & self.served)

    def names_beside_marketing(self, entry: EntryFact) -> bool:
        """Whether the scope of an entry names, and does not only include, a purpose here that is not DM."""
        return entry.purposes != ALL_PURPOSES and bool(entry.purposes & self.served & ~DM_MASK)

    def objects(self, entry: EntryFact) -> bool:
        """Whether the scope of an objection includes direct marketing."""
        return bool(entry.purposes & DM_MASK)

    def provisional(self, entry: EntryFact) -> bool:
        """Below the level that this controller demands of a mandate: still blocks, under its own code."""
        return entry.level < self.facts.controller.policy.minimum_level


def block(code: str, entry: EntryFact | None = None) -> Match:
    """Shorthand for a blocking match."""
    return Match(Verdict.BLOCK, code, entry)


def allow(code: str) -> Match:
    """Shorthand for an allowing match."""
    return Match(Verdict.ALLOW, code)


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
    """R08: the person has blocked the source of this list, for this purpose; political dispatches too."""
    entry = s.first(EntryKind.SOURCE_BLOCK, test=s.names)
    return block("SOURCE_BLOCKED", entry) if entry else None


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


def r12_objection(s: Situation) -> Match | None:
    """R12: an objection in force, any class, customer or not (GDPR Art. 21(2), 21(3)): absolute."""
    if not s.dm:
        return None
    entry = s.first(
        EntryKind.OBJECTION, test=lambda e: s.objects(e) and not e.contested and not s.provisional(e)
    )
    return block("OBJ_DM", entry) if entry else None


def r15_general_objection(s: Situation) -> Match | None:
    """R15: an Art. 21(1) objection that is open or upheld stops what rests on Art. 6(1)(e)/(f) until it is
    weighed (Art. 18(1)(d)); an objection whose scope names this purpose stops it whatever it is called."""
    scoped = s.first(*OBJECTIONS, test=s.names_beside_marketing)
    if scoped:
        return block("OBJ_SCOPE", scoped)
    general = s.first(EntryKind.OBJECTION_GENERAL, test=s.names) if s.purpose.interest_based else None
    return block("OBJ_GENERAL", general) if general else None


def r16_service_unsub(s: Situation) -> Match | None:
    """R16: the person has left this service; that service only."""
    wanted = s.question.service_id
    entry = s.first(EntryKind.SERVICE_UNSUB, test=lambda e: wanted is not None and e.service_id == wanted)
    return block("SERVICE_UNSUB", entry) if entry else None


def r17_channel_optout(s: Situation) -> Match | None:
    """R17: an opt-out of this channel at this controller (ePrivacy Art. 13(2))."""
    entry = s.first(EntryKind.CHANNEL_OPTOUT) if s.dm else None
    return block("CHANNEL_OPTOUT", entry) if entry else None


def r18_dnc(s: Situation) -> Match | None:
    """R18: the identifier is on the controller's own do-not-call list."""
    entry = s.first(EntryKind.DNC) if s.dm else None
    return block("DNC_INTERNAL", entry) if entry else None


def r20_political_electronic(s: Situation) -> Match | None:
    """R20: an electronic political message needs consent to this party or membership (IMY 2025). Neither
    is on record as long as this registry keeps no consents, so the strict policy blocks."""
    if not s.political or s.channel.kind is not ChannelClass.ELECTRONIC:
        return None
    legacy = s.facts.controller.policy.political == "legacy_2022"
    return allow("POLITICAL_INFO") if legacy else block("POLITICAL_NO_BASIS")


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


def r30_no_consent(s: Situation) -> Match | None:
    """R30: policy `recorded`, an electronic DM message, and no consent on record (ePrivacy Art. 13(1))."""
    recorded = s.facts.controller.policy.basis == "recorded"
    return block("NO_CONSENT") if recorded and s.dm and s.channel.kind is ChannelClass.ELECTRONIC else None


def r32_register_stale(s: Situation) -> Match | None:
    """R32: a consulted register has no snapshot that is fresh enough, so it cannot have been asked. The
    register says which channels it covers: national ones calls and post, a sector's own all of them."""
    if not s.dm:
        return None
    stale = covering(s.facts.controller.policy.registers, s.channel.code, s.purpose.code)
    return block("REG_STALE") if stale else None


NOTHING_FOUND = allow("NO_OBJECTION_FOUND")
"""R35: nothing above. Only reached after every fact was read with its canary."""


Rule = Callable[[Situation], Match | None]

RULES: tuple[Rule, ...] = (
    r04_emergency,
    r05_legal_notice,
    r06_rights_reply,
    r07_mixed_content,
    r08_source_blocked,
    r09_source_unknown,
    r11_provisional,
    r12_objection,
    r15_general_objection,
    r16_service_unsub,
    r17_channel_optout,
    r18_dnc,
    r20_political_electronic,
    r21_political_other,
    r22_societal,
    r23_service,
    r24_research,
    r30_no_consent,
    r32_register_stale,
)


def seen_as(situation: Situation, match: Match) -> Situation:
    """The situation as the later rules see it, after a rule that went on."""
    return replace(situation, purpose=match.purpose) if match.purpose else situation
