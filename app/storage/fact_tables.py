"""The tables of facts beside the entries: consents, relationships, assessments, lists of registers."""

from app.storage.columns import table as _table

CONSENT = _table(
    "registry.consent",
    key="controller_no id",
    optional="sealed_id given_at",
    uuid="id fingerprint sealed_id event_id",
    time="given_at recorded_at",
    int8="version",
    int4="controller_no channels purposes",
    flag="by_person names_controller evidenced barred",
    text="identifier_type",
)
RELATIONSHIP = _table(
    "registry.relationship",
    key="controller_no id",
    optional="sealed_id",
    uuid="id fingerprint sealed_id event_id",
    time="since recorded_at",
    int8="version",
    int4="controller_no",
    flag="collected_in_sale informed could_refuse",
    text="kind identifier_type",
)
FACT_KEY = _table(
    "registry.fact_key",
    key="controller_no kind fingerprint fact_id",
    uuid="fingerprint fact_id",
    int8="version",
    int4="controller_no",
    int2="kind",
)
FACT_END = _table(
    "registry.fact_end",
    key="controller_no fact_id",
    int4="controller_no",
    uuid="fact_id event_id",
    time="ended_at at",
    int8="version",
)
OBJECTION_ASSESSMENT = _table(
    "registry.objection_assessment",
    key="controller_no objection_id ordinal",
    int4="controller_no ordinal",
    uuid="objection_id event_id",
    text="outcome",
    time="at",
    int8="version",
)
REGISTER_SNAPSHOT = _table(
    "registry.register_snapshot",
    key="snapshot_no",
    int4="snapshot_no",
    uuid="id event_id",
    text="register_code",
    date="version_date",
)
REGISTER_SNAPSHOT_READY = _table(
    "registry.register_snapshot_ready",
    key="snapshot_no",
    int4="snapshot_no line_count",
    texts="identifier_types",
    blob="file_digest",
    time="at",
)
REGISTER_ENTRY = _table(
    "registry.register_entry",
    key="snapshot_no fingerprint line",
    int4="snapshot_no line",
    uuid="fingerprint",
    int2="flags",
)
REGISTER_SNAPSHOT_DROPPED = _table(
    "registry.register_snapshot_dropped",
    key="snapshot_no",
    int4="snapshot_no row_count",
    time="at",
    uuid="event_id",
)
