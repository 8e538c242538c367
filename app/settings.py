"""The settings: environment variables SPARR_*, read once by cli and main. An unknown one stops the start.

docs/operations.md lists them; a test fails when one is missing there.
"""

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.refusals import OperatorError

PREFIX = "SPARR_"


class Settings(BaseSettings):
    """One frozen set of settings. Everything else is handed values."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Number of server processes.")
    data_dir: Path = Field(Path(".sparr"), description="Folder of the embedded server, keys and credentials.")
    database_url: str | None = Field(
        None,
        description="An outside PostgreSQL (17 or later) in place of the embedded one, with a superuser: the "
        "service itself logs in with roles of its own.",
        repr=False,
    )
    pg_bin: Path | None = Field(None, description="Folder of another PostgreSQL's binaries.")
    keys_file: Path | None = Field(None, description="The key ring; by default keys.json in the data folder.")
    public_url: str | None = Field(
        None,
        description="The URL that clients know: issuer of tokens and receipts. By default host and port.",
    )
    metrics_token: str | None = Field(
        None, description="Bearer token that opens /metrics; without it /metrics is closed.", repr=False
    )
    witness: Path | None = Field(
        None,
        description="File in which the journal's newest checkpoint is kept outside the database; by default "
        "checkpoint beside the key ring.",
    )
    wash_dir: Path | None = Field(
        None, description="Folder of the files that are washed; by default washes in the data folder."
    )
    wash_hours: int = Field(24, ge=1, le=24 * 31, description="Hours until the files of a wash are erased.")
    head_seconds: int = Field(
        10, ge=1, le=120, description="Seconds in which the head of a request must come."
    )
    body_seconds: int = Field(
        30,
        ge=1,
        le=600,
        description="Seconds that a body has, and one more for each 16 KiB of it; and that a client has "
        "to take 16 KiB of its answer.",
    )
    connections: int = Field(
        800,
        ge=10,
        le=100_000,
        description="Connections of each worker; beyond them the longest idle one goes.",
    )
    quota_items: int = Field(
        60_000_000,
        ge=1,
        description="Items a minute of each party in each worker: 16 bytes of a body are one, or a request.",
    )
    quota_requests: int = Field(512, ge=1, description="Requests of each party in hand in each worker.")
    quota_body: int = Field(64, ge=1, description="MiB of bodies of each party in hand in each worker.")
    pool: int = Field(8, ge=1, le=100, description="Database connections of each role in each worker.")
    bankid_roots: Path | None = Field(
        None,
        description="PEM file with the root certificates that BankID signatures are believed under. Without "
        "it evidence of the kind bankid_se is refused.",
    )
    bankid_test: bool = Field(
        default=False,
        description="Believe BankID's test environment, where anybody gets any name. Never in earnest.",
    )
    eid_issuers: Path | None = Field(
        None,
        description="JSON file with the issuers of signed statements, and their keys, that are believed "
        "about Freja and MitID. Without it evidence of the kinds freja_se and mitid_dk is refused.",
    )
    console_oidc_issuer: str | None = Field(
        None,
        description="An OpenID issuer through whom people sign in to the console. It needs the client id, "
        "one of the secrets, and the people.",
    )
    console_oidc_client_id: str | None = Field(None, description="What the issuer knows the registry as.")
    console_oidc_client_secret: str | None = Field(
        None, description="The secret that goes with it.", repr=False
    )
    console_oidc_client_secret_file: Path | None = Field(
        None, description="File with that secret, in place of it."
    )
    console_oidc_people: Path | None = Field(
        None,
        description="JSON file that says which credential each person whom the issuer names signs in with.",
    )
    client_secret: str | None = Field(
        None, description="The secret of the credential that `sparr wash` uses.", repr=False
    )
    index_memory: int = Field(
        512,
        ge=0,
        description="MiB that the presence index of each worker may take; 0 switches it off.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")


class BadSettingError(OperatorError):
    """A SPARR_ variable that no setting has (probably misspelt, and then silently without effect), or a value
    that it cannot take."""


def load_settings(**given: object) -> Settings:
    """Settings from the environment; what the command line gives wins over it."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise BadSettingError(f"unknown setting {', '.join(unknown)}; docs/operations.md lists them all")
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**wanted)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as invalid:
        names = ", ".join(sorted(PREFIX + str(error["loc"][0]).upper() for error in invalid.errors()))
        raise BadSettingError(
            f"a value of {names} cannot be used; docs/operations.md says what can"
        ) from None


def keys_path(settings: Settings) -> Path:
    """Where the key ring lies."""
    return settings.keys_file or settings.data_dir / "keys.json"


def witness_path(settings: Settings) -> Path:
    """Where the journal's newest checkpoint lies outside the database."""
    return settings.witness or keys_path(settings).with_name("checkpoint")


def public_url(settings: Settings) -> str:
    """The issuer: as set, or as this machine would call it."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - comparing only
    return f"http://{host}:{settings.port}"
