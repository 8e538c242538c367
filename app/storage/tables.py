"""The tables as SQLAlchemy Core sees them, columns grouped by type; a test compares them with the migrated
database, whose DDL and comments stand in migrations/versions."""

from app.storage import columns

METADATA = columns.METADATA
_table = columns.table

EVENT = _table(
    "registry.event",
    key="id",
    optional="actor_id actor_role credential_id object_id request_digest",
    uuid="id actor_id credential_id object_id",
    time="at",
    text="kind actor_role outcome",
    blob="request_digest",
    json="detail",
)
PARTY = _table(
    "registry.party", key="id", uuid="id event_id", text="kind name org_no country", time="created_at"
)
HOLDER = _table(
    "registry.holder",
    key="controller_no",
    optional="sector",
    int4="controller_no purposes",
    uuid="party_id",
    text="sector",
    flag="public_body",
)
PARTY_STATE = _table(
    "registry.party_state",
    key="party_id ordinal",
    uuid="party_id event_id",
    int4="ordinal",
    text="state reason",
    time="at",
)
AGENT_KEY = _table("registry.agent_key", key="agent_id kid", uuid="agent_id event_id", text="kid", json="jwk")
AGENT_RELYING_PARTY = _table(
    "registry.agent_relying_party",
    key="agent_id scheme subject",
    uuid="agent_id event_id",
    text="scheme subject",
    time="at",
)
EVIDENCE_USE = _table("registry.evidence_use", key="evidence", uuid="evidence mandate_id event_id")
MANDATE_DEVICE = _table("registry.mandate_device", key="mandate_id", uuid="mandate_id device event_id")
ACTS_FOR = _table(
    "registry.acts_for", key="processor_id controller_no", uuid="processor_id event_id", int4="controller_no"
)
CREDENTIAL = _table(
    "registry.credential",
    key="id",
    uuid="id party_id event_id",
    text="role",
    blob="secret_digest",
    time="created_at",
)
CREDENTIAL_REVOCATION = _table(
    "registry.credential_revocation", key="credential_id", uuid="credential_id event_id", time="at"
)
IDEMPOTENCY = _table(
    "registry.idempotency",
    key="party_id key",
    uuid="party_id event_id",
    text="key",
    blob="request_digest",
    int2="status",
)
FINGERPRINT_KEY = _table(
    "registry.fingerprint_key", key="version", int4="version", text="scheme check_value", time="created_at"
)
ASSERTION_SEEN = _table("ops.assertion_seen", key="jti", text="jti", time="expires_at")
WASH = _table(
    "ops.wash",
    key="controller_no id",
    optional="reference recheck_of code as_of_controller as_of_everybody decided_at valid_until ended_at"
    " claim",
    int4="controller_no",
    uuid="id party_id credential_id recheck_of claim",
    blob="reference list_key",
    text="media state code",
    int8="rows done blocked invalid as_of_controller as_of_everybody",
    time="decided_at valid_until created_at ended_at expires_at claimed_until",
    int8s="positions",
)
MANDATE = _table(
    "registry.mandate",
    key="id",
    optional="controllers template",
    uuid="id agent_id subject sealed_id event_id",
    texts="rights",
    ints="controllers",
    int4="channels",
    time="valid_from valid_to signed_at received_at",
    json="template",
    flag="keep_if_unknown",
    text="claims_digest evidence_kind",
    int2="level",
)
MANDATE_IDENTIFIER = _table(
    "registry.mandate_identifier",
    key="mandate_id fingerprint",
    uuid="mandate_id fingerprint",
    int4="position",
    flag="grantor",
)
MANDATE_CHECK = _table(
    "registry.mandate_check",
    key="mandate_id position",
    uuid="mandate_id event_id",
    int4="position",
    text="code outcome detail",
)
MANDATE_STATE = _table(
    "registry.mandate_state",
    key="mandate_id ordinal",
    uuid="mandate_id event_id",
    int4="ordinal",
    text="state",
    time="at",
)
OBJECTION = _table(
    "registry.objection",
    key="id",
    optional="mandate_id declared_at instructed_at",
    uuid="id party_id mandate_id subject will event_id",
    text="origin",
    texts="kinds",
    int4="purposes channels",
    int2="level",
    time="declared_at instructed_at received_at",
)
OBJECTION_CONTROLLER = _table(
    "registry.objection_controller",
    key="objection_id controller_no",
    uuid="objection_id",
    int4="controller_no",
)
OBJECTION_IDENTIFIER = _table(
    "registry.objection_identifier",
    key="objection_id position",
    uuid="objection_id fingerprint sealed_id event_id",
    int4="position",
    text="type",
    flag="proven",
    texts="warnings",
)
OBJECTION_STATE = _table(
    "registry.objection_state",
    key="objection_id ordinal",
    optional="actor_id",
    uuid="objection_id actor_id event_id",
    int4="ordinal",
    text="state",
    time="at",
)
CONTROLLER_VERSION = _table(
    "registry.controller_version",
    key="controller_no version",
    int4="controller_no",
    int8="version",
    uuid="event_id",
    time="at",
)
CONTROLLER_POLICY = _table(
    "registry.controller_policy",
    key="controller_no version",
    int4="controller_no",
    int8="version",
    json="policy",
    uuid="event_id",
)
HOLDER_TRAIT = _table(
    "registry.holder_trait", key="controller_no trait", int4="controller_no", text="trait", uuid="event_id"
)
ENTRY = _table(
    "registry.entry",
    key="controller_no id",
    optional="objection_id sealed_id occurred_at service_id",
    uuid="id fingerprint objection_id sealed_id event_id",
    time="since occurred_at",
    int8="version",
    int4="controller_no channels purposes",
    int2="kind level",
    text="binding identifier_type service_id",
)
ENTRY_KEY = _table(
    "registry.entry_key",
    key="controller_no fingerprint entry_id",
    uuid="fingerprint entry_id",
    int8="version",
    int4="controller_no",
)
ENTRY_STATE = _table(
    "registry.entry_state",
    key="controller_no entry_id ordinal",
    optional="level",
    int2="level",
    int4="controller_no ordinal",
    uuid="entry_id event_id",
    text="state",
    time="at",
    int8="version",
)
ENTRY_RELEASE = _table(
    "registry.entry_release",
    key="controller_no entry_id",
    int4="controller_no",
    uuid="entry_id event_id",
    text="reason",
    time="at",
    int8="version",
)
ENTRY_TOMBSTONE = _table(
    "registry.entry_tombstone",
    key="controller_no entry_id",
    int4="controller_no",
    uuid="entry_id event_id",
    time="at",
    int8="version",
)
LOOKUP_NOTE = _table(
    "registry.lookup_note",
    key="controller_no lookup_id",
    int4="controller_no asked blocked",
    uuid="lookup_id party_id",
    time="at",
    blob="receipt",
)
INTAKE_CONNECTION = _table(
    "registry.intake_connection",
    key="id",
    uuid="id sealed_id event_id",
    int4="controller_no",
    text="source",
    time="created_at",
)
INTAKE_REVOCATION = _table(
    "registry.intake_revocation", key="connection_id", uuid="connection_id event_id", time="at"
)
INTAKE_MESSAGE = _table(
    "registry.intake_message",
    key="controller_no connection_id message_id",
    int4="controller_no",
    uuid="connection_id message_id event_id",
    text="meaning",
)
ENTRY_WISH = _table(
    "registry.entry_wish",
    key="controller_no entry_id event_id",
    int4="controller_no",
    uuid="entry_id event_id",
)
OPT_OUT_IMPORT = _table(
    "registry.opt_out_import",
    key="controller_no id",
    int4="controller_no rows",
    uuid="id event_id",
    text="layout",
)
OPT_OUT_IMPORT_REVERT = _table(
    "registry.opt_out_import_revert",
    key="controller_no import_id",
    int4="controller_no",
    uuid="import_id event_id",
    time="at",
)
SUBJECT_KEY = _table("vault.subject_key", key="subject", uuid="subject", blob="wrapped", time="created_at")
SEALED = _table(
    "vault.sealed",
    key="id",
    optional="fingerprint",
    uuid="id subject fingerprint",
    text="kind",
    blob="ciphertext",
)
ANSWER = _table(
    "vault.answer",
    key="event_id position",
    optional="subject",
    uuid="event_id subject",
    int4="position",
    blob="ciphertext",
)
