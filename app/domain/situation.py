"""A readable question as the rules see it, and what a rule says when it matches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.channels import Channel, ChannelClass
from app.domain.consent import ConsentFact
from app.domain.entry import EntryFact, EntryKind
from app.domain.facts import Facts, Question
from app.domain.purposes import ALL_PURPOSES, DM_MASK, PURPOSES, Purpose


class Verdict(StrEnum):
    """What a matching rule does with the question."""

    ALLOW = "allow"
    BLOCK = "block"
    GO_ON = "go_on"


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched: its verdict and permanent code, the entry it rests on, for a rule that goes on the
    purpose that the later rules see, what the sender then must do, until when what it used holds, and for a
    block by the hour when to ask again."""

    verdict: Verdict
    code: str
    entry: EntryFact | None = None
    purpose: Purpose | None = None
    obligations: tuple[str, ...] = ()
    until: datetime | None = None
    retry_after: datetime | None = None


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
    def electronic_dm(self) -> bool:
        """Direct marketing by an electronic message (ePrivacy Art. 13)."""
        return self.dm and self.channel.kind is ChannelClass.ELECTRONIC

    @property
    def recorded(self) -> bool:
        """Whether the registry itself judges the basis of an electronic DM message (R27-R30)."""
        return self.electronic_dm and self.facts.controller.policy.basis == "recorded"

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

    @property
    def moment(self) -> datetime:
        """When the message will leave: what it rests on must hold then too."""
        return max(self.now, self.question.dispatch_at or self.now)

    def _covers(self, consent: ConsentFact) -> bool:
        return bool(consent.channels & self.channel.bit and consent.purposes & self.purpose.bit)

    @property
    def withdrawn(self) -> datetime | None:
        """When the person last withdrew a consent for this channel and purpose (GDPR Art. 7(3))."""
        ends = [c.ended_at for c in self.facts.consents if self._covers(c) and not c.live(self.moment)]
        return max((end for end in ends if end), default=None)

    @property
    def consent(self) -> ConsentFact | None:
        """The newest live consent that can be relied on for this channel and purpose: dated, the person's
        own, naming this controller, with evidence, and later than any withdrawal in the same scope."""
        withdrawn = self.withdrawn
        sound = [
            (c.given_at, c.consent_id, c)
            for c in self.facts.consents
            if c.given_at is not None and self._covers(c) and c.live(self.moment)
            if c.given_at <= self.now and c.reliable and (withdrawn is None or c.given_at > withdrawn)
        ]
        return max(sound, default=(None, None, None), key=lambda one: one[:2])[2] if sound else None

    def lifted(self, entry: EntryFact) -> bool:
        """Whether the person consented after this entry, and the policy lets that count (R14)."""
        consent = self.consent if self.facts.controller.policy.consent_lifts_objection else None
        return consent is not None and consent.given_at is not None and consent.given_at > entry.since

    def provisional(self, entry: EntryFact) -> bool:
        """Below the level that this controller demands of a mandate: still blocks, under its own code."""
        return entry.level < self.facts.controller.policy.minimum_level


def block(code: str, entry: EntryFact | None = None) -> Match:
    """Shorthand for a blocking match."""
    return Match(Verdict.BLOCK, code, entry)


def earliest(*ends: datetime | None) -> datetime | None:
    """The first of some ends that there are."""
    return min((end for end in ends if end), default=None)


def allow(code: str, *obligations: str, until: datetime | None = None) -> Match:
    """Shorthand for an allowing match."""
    return Match(Verdict.ALLOW, code, obligations=obligations, until=until)
