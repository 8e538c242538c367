"""A provider's call-back: what it says of people's wishes is put in force, once for each of its messages."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from app.domain.call_backs import Call, Draft, Meaning, UnreadableCallError
from app.domain.channels import CHANNELS
from app.domain.identifier import UnreadableIdentifier
from app.intake import WAYS
from app.storage.events import Event, record_events
from app.storage.intake import Connection, add_messages, find_connection, message_key, seen_messages
from app.storage.units import ReadUnit, WriteUnit
from app.storage.versions import lock_lists
from app.usecases.act import Act
from app.usecases.read_identifiers import GivenIdentifier, read_identifier
from app.usecases.record_wishes import Wish, record_wishes

RECEIVED = "intake.received"
REFUSED = "intake.refused"
_UNREADABLE_CALL = "unreadable_call"
_UNREADABLE_IDENTIFIER = "unreadable_identifier"


async def proven_connection(
    unit: ReadUnit, source: str, connection_id: UUID | None, call: Call
) -> Connection | None:
    """The connection that this call-back proves to come from. None for an unknown one as for a wrong
    signature, so that nobody learns which exist."""
    connection = await find_connection(unit, connection_id) if connection_id else None
    if connection is None or connection.source != source:
        return None
    return connection if WAYS[source].verify(call, connection.secrets) else None


async def refuse_call_back(unit: WriteUnit, act: Act, connection_id: UUID | None) -> None:
    """Journal a call-back that proved nothing."""
    digest = act.request_digest or None
    event = Event(act.event_id, act.now, REFUSED, None, connection_id, "UNAUTHENTICATED", digest)
    await record_events(unit, [event])


async def receive_call_back(unit: WriteUnit, act: Act, connection: Connection, call: Call) -> None:
    """Take in a verified call-back. A repeated message changes nothing. What cannot be read is counted in the
    journal, and not asked for again: it would come the same."""
    counts: Counter[str] = Counter()
    try:
        drafts = WAYS[connection.source].read(call)
    except UnreadableCallError:
        drafts, counts = [], Counter([_UNREADABLE_CALL])
    await lock_lists(unit, [connection.controller_no])
    fresh = await _fresh(unit, connection, drafts)
    wishes: list[Wish] = []
    for draft in fresh.values():
        counts[_read(act, connection, draft, wishes)] += 1
    if wishes:
        outcome = await record_wishes(unit, act, connection.controller_no, wishes)
        counts["new_entries"] = len(outcome.new)
    messages = [(key, draft.meaning.value) for key, draft in fresh.items()]
    await add_messages(unit, connection, messages, act.event_id)
    detail = {"source": connection.source, "repeated": len(drafts) - len(fresh), **counts}
    digest = act.request_digest or None
    event = Event(act.event_id, act.now, RECEIVED, None, connection.id, "done", digest, detail)
    await record_events(unit, [event])


async def _fresh(unit: ReadUnit, connection: Connection, drafts: Sequence[Draft]) -> dict[UUID, Draft]:
    keyed = {message_key(unit, draft.message_id): draft for draft in drafts}
    seen = await seen_messages(unit, connection, keyed)
    return {key: draft for key, draft in keyed.items() if key not in seen}


def _read(act: Act, connection: Connection, draft: Draft, wishes: list[Wish]) -> str:
    """What the message is counted as; an opt-out is added to the wishes."""
    if draft.meaning is not Meaning.OPT_OUT:
        return draft.meaning.value
    given = GivenIdentifier(draft.identifier_type, draft.identifier, region=connection.region)
    try:
        identifier = read_identifier(given, act.now.date())
    except UnreadableIdentifier:
        return _UNREADABLE_IDENTIFIER
    wishes.append(Wish(identifier, CHANNELS[draft.channel].bit, None, draft.occurred_at))
    return draft.meaning.value
