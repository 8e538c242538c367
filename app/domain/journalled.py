"""What the journal covers: the tables whose rows an event writes, and the key that names each row.

A row belongs to the event that wrote it, by its own `event_id` or by that of the row it hangs on. Left out
are the check value of the fingerprint key (another one stops the start), the figures of lookups (each has a
signed receipt), the lines of imported registers (millions, replaced with each list), and the journal itself.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_KEYS = {
    "acts_for": "processor_id controller_no",
    "agent_key": "agent_id kid",
    "agent_relying_party": "agent_id scheme subject",
    "consent": "controller_no id",
    "controller_policy": "controller_no version",
    "controller_version": "controller_no version",
    "credential": "id",
    "credential_revocation": "credential_id",
    "entry": "controller_no id",
    "entry_key": "controller_no fingerprint entry_id",
    "entry_release": "controller_no entry_id",
    "entry_state": "controller_no entry_id ordinal",
    "entry_tombstone": "controller_no entry_id",
    "entry_wish": "controller_no entry_id event_id",
    "erasure": "id",
    "erasure_state": "erasure_id ordinal",
    "erasure_subject": "erasure_id subject",
    "event": "id",
    "evidence_use": "evidence",
    "fact_end": "controller_no fact_id",
    "fact_key": "controller_no kind fingerprint fact_id",
    "holder": "controller_no",
    "holder_trait": "controller_no trait",
    "idempotency": "party_id key",
    "intake_connection": "id",
    "intake_message": "controller_no connection_id message_id",
    "intake_revocation": "connection_id",
    "mandate": "id",
    "mandate_check": "mandate_id position",
    "mandate_device": "mandate_id",
    "mandate_finding": "mandate_id ordinal",
    "mandate_identifier": "mandate_id fingerprint",
    "mandate_state": "mandate_id ordinal",
    "objection": "id",
    "objection_assessment": "controller_no objection_id ordinal",
    "objection_controller": "objection_id controller_no",
    "objection_identifier": "objection_id position",
    "objection_state": "objection_id ordinal",
    "opt_out_import": "controller_no id",
    "opt_out_import_revert": "controller_no import_id",
    "party": "id",
    "party_state": "party_id ordinal",
    "register_snapshot": "snapshot_no",
    "register_snapshot_dropped": "snapshot_no",
    "register_snapshot_ready": "snapshot_no",
    "relationship": "controller_no id",
}

JOURNALLED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {table: tuple(key.split()) for table, key in _KEYS.items()}
)
"""The primary key of each table that the journal covers."""

CHILDREN: Final[Mapping[str, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        "entry_key": (("entry", "p.controller_no = t.controller_no AND p.id = t.entry_id"),),
        "erasure_subject": (("erasure", "p.id = t.erasure_id"),),
        "fact_key": (
            ("consent", "t.kind = 1 AND p.controller_no = t.controller_no AND p.id = t.fact_id"),
            ("relationship", "t.kind = 2 AND p.controller_no = t.controller_no AND p.id = t.fact_id"),
        ),
        "holder": (("party", "p.id = t.party_id"),),
        "mandate_identifier": (("mandate", "p.id = t.mandate_id"),),
        "objection_controller": (("objection", "p.id = t.objection_id"),),
        "register_snapshot_ready": (("register_snapshot", "p.snapshot_no = t.snapshot_no"),),
    }
)
"""Tables without an event of their own: the tables that their rows hang on, and by what."""

NOT_JOURNALLED: Final = frozenset(
    {
        "fingerprint_key",
        "journal_checkpoint",
        "journal_leaf",
        "journal_node",
        "lookup_note",
        "register_entry",
    }
)
