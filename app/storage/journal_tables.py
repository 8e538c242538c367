"""The journal's own tables, as SQLAlchemy Core sees them."""

from app.storage.columns import table as _table

JOURNAL_LEAF = _table(
    "registry.journal_leaf", key="position", int8="position", uuid="event_id", blob="leaf hash"
)
JOURNAL_NODE = _table(
    "registry.journal_node", key="level position", int2="level", int8="position", blob="hash"
)
JOURNAL_CHECKPOINT = _table(
    "registry.journal_checkpoint", key="size", int8="size", blob="root", time="at", text="note"
)
JOURNAL_OPENING = _table("vault.journal_opening", key="event_id", uuid="event_id", blob="salt rows")
