"""The rules that look at national registers: what is consulted, whether it is fresh enough, who is in it.

A register that a controller consults decides only through a version that is valid when the message leaves;
without one the question is blocked, never answered from nothing.
"""

from datetime import datetime

from app.domain.facts import RegisterFact
from app.domain.registers import REGISTERS, Register, covering
from app.domain.relationship import RelationshipFact, RelationshipKind
from app.domain.rules_countries import calls_end, unplaced
from app.domain.situation import Match, Situation, allow, block, earliest


def consulted(s: Situation) -> list[str]:
    """The consulted registers that cover this question."""
    if not s.dm:
        return []
    codes = s.facts.controller.policy.registers
    return covering(codes, s.channel.code, s.purpose.code, s.moment.date())


def _version(s: Situation, code: str) -> RegisterFact | None:
    """What the newest imported version of a register says of the recipient."""
    return next((fact for fact in s.facts.registers if fact.code == code), None)


def _valid_until(s: Situation, code: str) -> datetime | None:
    """Until when the version at hand may be used; None when there is none, or nobody knows its date."""
    fact, register = _version(s, code), REGISTERS.get(code)
    if fact is None or register is None or fact.version_date is None:
        return None
    return register.valid_until(fact.version_date)


def _stale(s: Situation, code: str) -> bool:
    until = _valid_until(s, code)
    return until is None or until < s.moment


def _hits(s: Situation) -> list[Register]:
    """The consulted registers that have the recipient, for this purpose."""
    rows = [REGISTERS[code] for code in consulted(s) if code in REGISTERS]
    return [row for row in rows if (fact := _version(s, row.code)) and fact.reserved(s.purpose.code, row)]


def _customer(s: Situation) -> RelationshipFact | None:
    """A customer, now or within twelve months, who is offered the same kind of goods."""
    if not s.question.own_similar:
        return None
    kind = RelationshipKind.CUSTOMER
    found = [r for r in s.facts.relationships if r.kind is kind and r.recent(s.moment)]
    return max(found, key=lambda r: (r.ended_at is None, r.ended_at or r.since), default=None)


def sector_unasked(s: Situation) -> bool:
    """Whether a sector's own register is consulted and cannot be asked: no consent makes it needless."""
    return any(code not in REGISTERS or REGISTERS[code].sector for code in consulted(s) if _stale(s, code))


def used_until(s: Situation) -> datetime | None:
    """The earliest expiry among the versions that this question was judged by."""
    ends = [_valid_until(s, code) for code in consulted(s)]
    return min((end for end in ends if end), default=None)


def unasked(s: Situation) -> tuple[str, ...]:
    """`CHECK_REGISTER:<code>` for each register that the law of the controller's country would have asked
    and that its policy does not name."""
    by = s.facts.controller
    codes = tuple(code for code, row in REGISTERS.items() if row.demanded_of(by.country, by.sector))
    if not s.dm:
        return ()
    wanted = covering(codes, s.channel.code, s.purpose.code, s.moment.date())
    return tuple(f"CHECK_REGISTER:{code}" for code in wanted if code not in by.policy.registers)


def reserved_at_source(s: Situation) -> bool:
    """Whether the recipient is reserved in a register that addresses are taken from (R08)."""
    return any(row.source for row in _hits(s))


def r10_self_exclusion(s: Situation) -> Match | None:
    """R10: the person has shut itself off from the sector that this controller is in (Spelpaus)."""
    sector = s.facts.controller.sector
    hit = any(row.sector is not None and row.sector == sector for row in _hits(s))
    return block("SECTOR_EXCLUDED") if hit else None


def r32_register_stale(s: Situation) -> Match | None:
    """R32: a consulted register has no version that is fresh enough when the message leaves. The register
    says which channels it covers: national ones calls and post, a sector's own all of them."""
    return block("REG_STALE") if any(_stale(s, code) for code in consulted(s)) else None


def r33_register_customer(s: Situation) -> Match | None:
    """R33: in the register, and a customer who is offered the same kind of goods; where the law allows."""
    hits, customer = _binding(s), _customer(s)
    if not hits or customer is None or not all(row.customers for row in hits):
        return None
    until = earliest(used_until(s), customer.recent_until, calls_end(s))
    return allow("REG_CUSTOMER", *unasked(s), *unplaced(s), until=until)


def r34_register_hit(s: Situation) -> Match | None:
    """R34: in the register otherwise (in Sweden MFL 21 §)."""
    customer = _customer(s) is not None
    hit = next((row for row in _binding(s) if not (customer and row.customers)), None)
    return block(f"REG_HIT:{hit.code}") if hit else None


def r35_nothing_found(s: Situation) -> Match:
    """R35: nothing above. Only reached after every fact was read with its canary."""
    until = earliest(used_until(s), calls_end(s))
    return allow("NO_OBJECTION_FOUND", *unasked(s), *unplaced(s), until=until)


def _binding(s: Situation) -> list[Register]:
    return [row for row in _hits(s) if not row.source]
