"""What is asked about a file, and how it is read: kept beside the file, in whose folder alone it may lie."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.facts import Question, Source
from app.domain.recipient_lists import RecipientList
from app.domain.rows_of_csv import CsvList
from app.domain.rows_of_ndjson import NdjsonList
from app.storage.versions import AsOf
from app.usecases.lookup_command import LookupCommand


@dataclass(frozen=True, slots=True, repr=False)
class ListLayout:
    """How a list is read: NDJSON, or CSV with a column of identifiers of a type."""

    csv: bool
    kind: str | None = None
    column: str | None = None
    header: bool | None = None
    wrapped: bool = False

    def form(self) -> RecipientList:
        """A new reading from the beginning."""
        if not self.csv:
            return NdjsonList()
        return CsvList(self.kind, self.column, self.header, wrapped=self.wrapped)

    @property
    def titled(self) -> bool:
        """Whether the first line is no row."""
        numbered = (self.column or "").isdecimal()
        return self.csv and (not numbered if self.header is None else self.header)


@dataclass(frozen=True, slots=True, repr=False)
class WashPlan:
    """The question, the layout of the list, and the receipt that is wanted."""

    command: LookupCommand
    layout: ListLayout
    tree: bool = False
    """Whether the receipt is to sign the root of a tree over all rows."""

    def text(self) -> str:
        """As it is written down; the same plan is the same text."""
        command, question = self.command, asdict(self.command.question)
        sent = question["dispatch_at"]
        return json.dumps(
            {
                "controller_id": str(command.controller_id),
                "question": {**question, "dispatch_at": sent and sent.isoformat()},
                "region": command.region,
                "source_id": command.source_id and str(command.source_id),
                "min_as_of": command.min_as_of and str(command.min_as_of),
                "layout": asdict(self.layout),
                "tree": self.tree,
            },
            sort_keys=True,
        )

    @staticmethod
    def of(text: str) -> "WashPlan":
        """What was written down."""
        said = json.loads(text)
        question: dict[str, Any] = said["question"]
        sent, source = question["dispatch_at"], question["source"]
        question["dispatch_at"] = datetime.fromisoformat(sent) if sent else None
        question["source"] = Source(**source) if source else None
        command = LookupCommand(
            UUID(said["controller_id"]),
            Question(**question),
            (),
            said["region"],
            UUID(said["source_id"]) if said["source_id"] else None,
            AsOf.parse(said["min_as_of"]) if said["min_as_of"] else None,
        )
        return WashPlan(command, ListLayout(**said["layout"]), said.get("tree", False))
