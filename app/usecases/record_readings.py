"""Who reads what is not for everybody leaves a trace, with the purpose that was stated (GDPR Art. 5(2))."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from app.storage.events import Event, record_events
from app.storage.sealed import REGISTRY_SUBJECT, Plain, seal
from app.storage.units import WriteUnit
from app.usecases.act import Act

_NOTHING: Mapping[str, str] = MappingProxyType({})


async def record_readings(
    unit: WriteUnit, act: Act, events: Sequence[Event], said: Mapping[str, str] = _NOTHING
) -> None:
    """These events, each with its purpose and what else was said: free text in which somebody may name the
    person, so that it is sealed."""
    await record_events(unit, events)
    told = dict(said) if act.stated_purpose is None else {**said, "purpose": act.stated_purpose}
    if told:
        await seal(unit, [Plain(one.id, REGISTRY_SUBJECT, "purpose", told) for one in events], act.now)
