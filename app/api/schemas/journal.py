"""The journal as it is shown: leaves as they were hashed, and hashes in base64."""

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.api.schemas.base import Answer, Time


class JournalEventAnswer(Answer):
    """What a leaf says openly. Controllers are pseudonyms; the commitment covers every row of the event."""

    id: UUID
    kind: str
    at: Time
    controllers: list[str]
    commitment: str


class JournalEntryAnswer(Answer):
    """A leaf: its hash in the tree is SHA-256(0x00 ‖ leaf)."""

    index: int
    leaf: str
    event: JournalEventAnswer

    @staticmethod
    def of(row: Any) -> "JournalEntryAnswer":
        said = json.loads(row.leaf)
        named = {name: said[name] for name in ("kind", "at", "controllers", "commitment")}
        event = JournalEventAnswer(id=said["event"], **named)
        return JournalEntryAnswer(index=row.position, leaf=b64encode(row.leaf).decode(), event=event)


class JournalEntriesAnswer(Answer):
    """Leaves in their order; fewer than asked for when there are more than fit or fewer were signed."""

    entries: list[JournalEntryAnswer]


class JournalProofAnswer(Answer):
    """The hashes of a proof in the order of RFC 9162 section 2.1."""

    hashes: list[str]

    @staticmethod
    def of(hashes: Sequence[bytes]) -> "JournalProofAnswer":
        return JournalProofAnswer(hashes=[b64encode(one).decode() for one in hashes])
