"""The tables of erasure: who asked for it, how far it is, and whose keys it destroys."""

from app.storage.columns import table as _table

ERASURE = _table("registry.erasure", key="id", uuid="id what event_id", time="at")
ERASURE_STATE = _table(
    "registry.erasure_state",
    key="erasure_id ordinal",
    uuid="erasure_id actor_id event_id",
    int4="ordinal",
    text="state",
    time="at",
)
ERASURE_SUBJECT = _table("registry.erasure_subject", key="erasure_id subject", uuid="erasure_id subject")
