"""Objections of a group: judged by themselves, written together."""

from collections.abc import Sequence

from app.domain.refusals import RefusedError
from app.storage.units import WriteUnit
from app.usecases.objection_drafts import judge, load_surroundings
from app.usecases.objection_view import ObjectionView
from app.usecases.record_objection import Posted, aside, record_posted
from app.usecases.waiting_acts import Prepared, Waiting


async def prepare_objections(unit: WriteUnit, waiting: Sequence[Waiting]) -> list[Prepared | RefusedError]:
    """Judge each; mandates, controllers and policies are read once for all."""
    around = await load_surroundings(unit, [one.command for one in waiting])

    def judged(one: Waiting) -> Prepared | RefusedError:
        try:
            draft = judge(unit, one.act, one.command, around)
        except RefusedError as refused:
            return refused
        spellings = frozenset(each for read in draft.accepted for each in read.spellings)
        return Prepared(one.act, draft, frozenset(draft.numbers), spellings)

    return await aside(len(waiting), lambda: [judged(one) for one in waiting])


async def record_objection_group(unit: WriteUnit, prepared: Sequence[Prepared]) -> list[ObjectionView]:
    """Write what is new and recognise what is repeated, also among these."""
    return await record_posted(unit, [Posted(one.act, one.draft, one.act.event_id) for one in prepared])
