"""What was found when mandates were checked again, as SQLAlchemy Core sees it."""

from app.storage import columns

MANDATE_FINDING = columns.table(
    "registry.mandate_finding",
    key="mandate_id ordinal",
    uuid="mandate_id event_id",
    int4="ordinal",
    int2="level",
    json="checks",
    time="at",
)
