"""What every party has, and the two kinds that say little of themselves: processors and sources."""

from collections.abc import Collection
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Answer, Request, Time, limited
from app.domain.purposes import BLOCK_PURPOSES
from app.usecases.register_processor import NewProcessor, RegisteredProcessor
from app.usecases.register_source import NewSource, RegisteredSource

CONTROLLERS_OF_PROCESSOR = 1000

Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
    ),
    Field(examples=["Nordfisk AB"]),
]
"""The name of an organisation, which is not personal data."""

OrgNo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,30}$"), Field(examples=["5560000001"])]
"""An organisation number as its country writes it. Hyphens and case do not matter when matched."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(examples=["SE"])]
"""ISO 3166-1 alpha-2."""


def word_of(words: Collection[str]) -> Any:
    """A word of a closed table, beside `words_schema` in the metadata of an annotated text."""

    def known(word: str) -> str:
        if word not in words:
            raise PydanticCustomError("enum", "not a word of the table")
        return word

    return AfterValidator(known)


def words_schema(words: Collection[str]) -> WithJsonSchema:
    """How such a word is documented."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


BlockPurpose = Annotated[str, word_of(BLOCK_PURPOSES), words_schema(BLOCK_PURPOSES)]


class ProcessorRequest(Request):
    """A processor and the controllers it asks for (GDPR Art. 28)."""

    name: Name
    org_no: OrgNo
    country: Country | None = None
    acts_for: Annotated[list[UUID], limited(CONTROLLERS_OF_PROCESSOR, 1)]

    def new(self) -> NewProcessor:
        """As the use case takes it."""
        return NewProcessor(self.name, self.org_no, self.country, self.acts_for)


class ProcessorAnswer(Answer):
    """A registered processor."""

    id: UUID
    name: str
    org_no: str
    country: str | None
    acts_for: list[UUID]
    created_at: Time
    event_id: UUID

    @classmethod
    def of(cls, made: RegisteredProcessor) -> Self:
        """As the use case gives it."""
        return cls(
            id=made.id,
            name=made.new.name,
            org_no=made.new.org_no,
            country=made.new.country,
            acts_for=list(made.new.acts_for),
            created_at=made.created_at,
            event_id=made.event_id,
        )


class SourceRequest(Request):
    """A source of addresses. `default_purposes` is what a block there stops when it names none."""

    name: Name
    org_no: OrgNo
    country: Country | None = None
    default_purposes: Literal["all"] | Annotated[list[BlockPurpose], limited(len(BLOCK_PURPOSES), 1)]

    def new(self) -> NewSource:
        """As the use case takes it."""
        purposes = None if self.default_purposes == "all" else self.default_purposes
        return NewSource(self.name, self.org_no, self.country, purposes)


class SourceAnswer(Answer):
    """A registered source."""

    id: UUID
    name: str
    org_no: str
    country: str | None
    default_purposes: Literal["all"] | list[str]
    created_at: Time
    event_id: UUID

    @classmethod
    def of(cls, made: RegisteredSource) -> Self:
        """As the use case gives it."""
        purposes = made.new.default_purposes
        return cls(
            id=made.id,
            name=made.new.name,
            org_no=made.new.org_no,
            country=made.new.country,
            default_purposes="all" if purposes is None else list(purposes),
            created_at=made.created_at,
            event_id=made.event_id,
        )
