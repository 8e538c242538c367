"""The same will again: whether it is a repetition of what stands, or a new act of the person."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.domain.objection import ObjectionState
from app.storage.entries import broken_objections, erased_at
from app.storage.events import Event
from app.storage.facts import latest_consent
from app.storage.objections import standing_wills
from app.storage.parties import all_numbers
from app.storage.units import WriteUnit
from app.storage.versions import lock_lists
from app.usecases.act import Act
from app.usecases.objection_drafts import Draft


async def standing_objections(unit: WriteUnit, drafts: Sequence[Draft]) -> dict[UUID, tuple[UUID, datetime]]:
    """The wills among these that stand whole, and since when. One of which an entry was released does not:
    said again, it must block again. Nor does a contested one of the person's own: said again, it is the
    confirmation that ends the doubt."""
    numbers = {number for draft in drafts for number in draft.numbers}
    await lock_lists(unit, numbers)
    rows = await standing_wills(unit, {draft.will for draft in drafts})
    broken = await broken_objections(unit, numbers, {row.id for row in rows.values()})
    own = {draft.will for draft in drafts if draft.mandate is None}
    return {
        will: (row.id, row.received_at)
        for will, row in rows.items()
        if row.id not in broken and not (will in own and row.state == ObjectionState.CONTESTED)
    }


async def is_new_act(unit: WriteUnit, draft: Draft, objection_id: UUID, received_at: datetime) -> bool:
    """Whether the same will is a new act, and not a repetition: a consent or an erasure may have come in
    between, and the newest act of the person counts. An agent says when it was instructed, so that what it
    sends again by itself brings nothing of an erased person back; the person is standing there."""
    instructed = draft.command.instructed_at
    if instructed is None and draft.mandate is not None:
        return False
    if instructed is not None and instructed <= received_at:
        return False
    numbers = await all_numbers(unit) if draft.everywhere else draft.numbers
    spellings = {each for one in draft.accepted for each in one.spellings}
    turns = (await latest_consent(unit, numbers, spellings), await erased_at(unit, numbers, objection_id))
    turned = max((at for at in turns if at is not None), default=received_at)
    if turned <= received_at:
        return instructed is not None
    return instructed is None or instructed > turned


def repetition(act: Act, objection_id: UUID) -> Event:
    """What is left of the same will said again. A consent that becomes known late is held against it (see
    restate_wishes.py)."""
    stamp = act.event_id, act.now, "objection.repeated", act.caller, objection_id
    return Event(*stamp, "done", act.request_digest)
