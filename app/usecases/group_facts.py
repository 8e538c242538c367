"""Consents and relationships of a group, list by list."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.fact_kind import FactKind
from app.domain.refusals import RefusedError
from app.storage.units import WriteUnit
from app.usecases.fact_view import FactView
from app.usecases.record_fact import FactCommand, Told, draft_fact, record_told
from app.usecases.record_objection import aside
from app.usecases.waiting_acts import Prepared, Waiting


@dataclass(frozen=True, slots=True)
class OwnFact:
    """A consent or a relationship asked for, and the number of the list that it is to stand in."""

    number: int
    command: FactCommand


async def prepare_facts(unit: WriteUnit, waiting: Sequence[Waiting]) -> list[Prepared | RefusedError]:
    """Read each; what cannot be read, or begins in the future, is refused."""

    def read(one: Waiting) -> Prepared | RefusedError:
        try:
            draft = draft_fact(unit, one.act, one.command.command)
        except RefusedError as refused:
            return refused
        return Prepared(one.act, draft, frozenset({one.command.number}), frozenset(draft.spellings))

    return await aside(len(waiting), lambda: [read(one) for one in waiting])


async def record_fact_group(unit: WriteUnit, prepared: Sequence[Prepared]) -> list[FactView]:
    """Write what is new in each list and recognise what is repeated, also among these."""
    lists: dict[tuple[int, FactKind], list[Prepared]] = {}
    for one in prepared:
        (number,) = one.numbers
        lists.setdefault((number, one.draft.command.kind), []).append(one)
    views: dict[Prepared, FactView] = {}
    for (number, _), mine in lists.items():
        told = [Told(one.act, one.draft, one.act.event_id) for one in mine]
        views |= zip(mine, await record_told(unit, number, told), strict=True)
    return [views[one] for one in prepared]
