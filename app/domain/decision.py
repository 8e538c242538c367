"""decide(question, facts, now): may this be sent? The first rule that decides gives the decision."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.channels import CHANNELS
from app.domain.consent import ConsentFact
from app.domain.entry import EntryFact
from app.domain.facts import ControllerProfile, Facts, Question
from app.domain.purposes import PURPOSES
from app.domain.rules import RULES, r02_input, r07_mixed_content, seen_as
from app.domain.rules_registers import consulted, r35_nothing_found
from app.domain.situation import Match, Situation, Verdict

VALID_FOR = timedelta(hours=24)
"""How long an answer may be relied on when nothing in it ends earlier (a default of ours)."""

BEFORE_ALL_FACTS = frozenset({"EMERGENCY", "LEGAL_NOTICE", "RIGHTS_REPLY"})
"""What R04-R06 allow, whatever the facts are. R23 comes after them: a service with an id may have been left
(R16), and a named source may be blocked (R08)."""


class Answer(StrEnum):
    """The two answers there are."""

    ALLOW = "allow"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer: its code, every reason in rule order, the entry it rests on, until when it holds, and
    where only the hour forbids it when to ask again."""

    answer: Answer
    code: str
    reasons: tuple[str, ...]
    obligations: tuple[str, ...]
    entry: EntryFact | None
    valid_until: datetime
    retry_after: datetime | None = None

    @property
    def allowed(self) -> bool:
        """Whether it may be sent."""
        return self.answer is Answer.ALLOW

    @property
    def refused(self) -> bool:
        """Whether somebody said no: by an entry, by withdrawing a consent, or in a national register. That
        nobody said yes is no refusal."""
        said = any(code == "CONSENT_WITHDRAWN" or code.startswith("REG_HIT:") for code in self.reasons)
        return not self.allowed and (said or self.entry is not None)

    def citing(self, entry: EntryFact) -> "Decision":
        """The same answer, resting on another entry that says the same."""
        said = self.answer, self.code, self.reasons, self.obligations
        return Decision(*said, entry, self.valid_until, self.retry_after)


def decide(question: Question, facts: Facts, now: datetime) -> Decision:
    """Judge one recipient. Pure: the same inputs give the same decision, now or in an audit years later."""
    unreadable = r02_input(question, facts)
    if unreadable:
        return _decision(unreadable, (), now)
    called = PURPOSES[question.purpose or ""]
    situation = Situation(question, CHANNELS[question.channel or ""], called, called, facts, now)
    deciding: Match | None = None
    used: list[datetime] = []
    reasons: list[str] = []
    for rule in RULES:
        if deciding is not None and rule is r35_nothing_found:
            break
        match = rule(situation)
        if match is None:
            continue
        reasons.append(match.code)
        situation = seen_as(situation, match)
        if deciding is None:
            used += [match.until] if match.until else []
            deciding = None if match.verdict is Verdict.GO_ON else match
    if deciding is None:
        raise LookupError("the last rule always decides")
    return _decision(deciding, tuple(dict.fromkeys(reasons)), now, used)


def registers_asked(question: Question, controller: ControllerProfile, now: datetime) -> list[str]:
    """The national registers of the controller's policy that cover a question, as the rules see it."""
    facts = Facts(controller)
    if r02_input(question, facts) or question.channel is None or question.purpose is None:
        return []
    called = PURPOSES[question.purpose]
    situation = Situation(question, CHANNELS[question.channel], called, called, facts, now)
    mixed = r07_mixed_content(situation)
    return consulted(seen_as(situation, mixed) if mixed else situation)


def decide_each(question: Question, recipients: Mapping[int, Facts], now: datetime) -> dict[int, Decision]:
    """The same as `decide` for each recipient. What facts say is judged once, however many people they say it
    of: only which entry is cited differs."""
    moment = max(now, question.dispatch_at or now)
    judged: _Judged = {}
    answers: dict[int, Decision] = {}
    for index, facts in recipients.items():
        entries = tuple(sorted(facts.entries, key=lambda e: e.age))
        related = tuple([one.wording(moment, now + VALID_FOR) for one in facts.relationships])
        # Whom the same controller asks about, and of whom registers say the same, share these objects. That
        # two equal ones would be judged apart costs time and nothing else.
        shared = id(facts.controller), id(facts.registers), facts.readable, facts.place
        wording = shared, related, _told(entries, facts.consents, now)
        found = judged.get(wording)
        if found is None:
            found = judged[wording] = _judge(question, facts, entries, now)
        decision, cited = found
        answers[index] = decision if cited is None else decision.citing(entries[cited])
    return answers


def decide_entries(
    question: Question, others: Facts, recipients: Mapping[int, Sequence[EntryFact]], now: datetime
) -> dict[int, Decision]:
    """The same for recipients of whom only entries differ: all else is as in `others`."""
    judged: _Judged = {}
    answers: dict[int, Decision] = {}
    for index, mine in recipients.items():
        entries = tuple(mine if len(mine) == 1 else sorted(mine, key=lambda e: e.age))
        wording = _told(entries, others.consents, now)
        found = judged.get(wording)
        if found is None:
            found = judged[wording] = _judge(question, others, entries, now)
        decision, cited = found
        answers[index] = decision if cited is None else decision.citing(entries[cited])
    return answers


_Judged = dict[Hashable, tuple[Decision, int | None]]


def _judge(
    question: Question, facts: Facts, entries: tuple[EntryFact, ...], now: datetime
) -> tuple[Decision, int | None]:
    """The decision, and the place of the entry that it cites."""
    decision = decide(question, replace(facts, entries=entries), now)
    return decision, entries.index(decision.entry) if decision.entry else None


def _told(entries: tuple[EntryFact, ...], consents: tuple[ConsentFact, ...], now: datetime) -> Hashable:
    """What entries and consents say. Of their times only the order matters, unless one lies ahead."""
    if not consents:
        return tuple([entry.wording for entry in entries])
    times = {now, *(e.since for e in entries)}
    times |= {time for one in consents for time in (one.given_at, one.ended_at) if time is not None}
    if max(times) > now:
        return entries, consents
    place: dict[datetime | None, int] = {time: rank for rank, time in enumerate(sorted(times))}
    return (
        tuple((entry.wording, place[entry.since]) for entry in entries),
        tuple(
            (one.channels, one.purposes, one.reliable, place.get(one.given_at), place.get(one.ended_at))
            for one in consents
        ),
    )


def _decision(
    match: Match, reasons: tuple[str, ...], now: datetime, used: Collection[datetime] = ()
) -> Decision:
    answer = Answer.ALLOW if match.verdict is Verdict.ALLOW else Answer.BLOCK
    listed = reasons if match.code in reasons else (*reasons, match.code)
    until = min([now + VALID_FOR, *used])
    valid_until = max(until, now)
    return Decision(
        answer, match.code, listed, match.obligations, match.entry, valid_until, match.retry_after
    )


def decide_without_facts(question: Question, facts: Facts, now: datetime) -> Decision | None:
    """R03: what may be answered while the facts cannot be read: only what R02, R04-R06 or R23 decide by
    themselves. None means that there is no certain answer, and so no answer (GDPR Art. 25, 32)."""
    decision = decide(question, facts, now)
    if decision.code == "INPUT_INVALID":
        return decision
    source_named = question.source is not None and question.source.named
    alone = question.service_id is None and not source_named
    if decision.code in BEFORE_ALL_FACTS or (decision.code == "SERVICE" and alone):
        return _decision(Match(Verdict.ALLOW, "DEGRADED_ALLOW"), (), now)
    return None
