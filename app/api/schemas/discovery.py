"""What this registry knows and accepts, for a program that wants to find out by itself."""

from pydantic import Field

from app.api.schemas.base import Answer


class ChannelAnswer(Answer):
    """A channel of a dispatch.

    Its class: E electronic message, T live call, P addressed post, X use without a message.
    """

    code: str
    kind: str = Field(serialization_alias="class")
    bare_identifier: str | None


class PurposeAnswer(Answer):
    """A purpose of a dispatch; `direct_marketing` is what an objection under GDPR Art. 21(2) reaches."""

    code: str
    direct_marketing: bool


class LimitsAnswer(Answer):
    """What is refused when it is larger, longer or more."""

    body_bytes: int
    large_body_bytes: int
    lookup_identifiers: int
    batch_items: int
    list_items: int
    text_characters: int
    json_depth: int
    validation_errors: int
    mandate_days: int
    streams_at_once: int
    stream_row_bytes: int
    wash_bytes: int


class LinksAnswer(Answer):
    """Where to go on, as paths of this service."""

    jwks: str
    authorization_server: str
    access_tokens: str
    openapi: str
    problems: str
    docs: str
    journal_key: str
    journal_checkpoint: str


class RegistryAnswer(Answer):
    """The closed tables of this registry. Codes never change their meaning; new ones are added."""

    name: str
    version: str
    channels: list[ChannelAnswer]
    purposes: list[PurposeAnswer]
    objection_kinds: list[str]
    objection_purposes: list[str]
    block_purposes: list[str]
    identifier_types: list[str]
    hashed_identifier_types: list[str]
    normaliser_version: str
    rights: list[str]
    excluded_rights: list[str]
    evidence_kinds: list[str]
    roles: list[str]
    limits: LimitsAnswer
    links: LinksAnswer
