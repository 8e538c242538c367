"""Parties and credentials from the command line: the same requests that an admin sends over HTTP."""

import json
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from app.cli.agent_keys import make_key, read_keys
from app.cli.connection import ClientId, ClientSecret, Connection, Folder, Json, Url, fail
from app.domain.parties import Role

parties = typer.Typer(no_args_is_help=True)
credentials = typer.Typer(no_args_is_help=True)
_add = typer.Typer(no_args_is_help=True)
parties.add_typer(_add, name="add", help="Register a party.")

Name = Annotated[str, typer.Option(help="The organisation's name.")]
OrgNo = Annotated[str, typer.Option(help="Its organisation number.")]
Country = Annotated[str, typer.Option(help="Two letters (ISO 3166-1).")]
Keys = Annotated[
    list[Path] | None,
    typer.Option("--key", help="File with a JWK; only its public part is sent. Repeatable."),
]
NewKey = Annotated[Path | None, typer.Option(help="Make a new ES256 key and write it to this file (0600).")]
ActsFor = Annotated[list[UUID], typer.Option(help="Id of a controller that it asks for. Repeatable.")]
Purposes = Annotated[
    list[str] | None, typer.Option(help="A purpose that a block there stops; by default all. Repeatable.")
]


@_add.command("controller")
def add_controller(
    name: Name,
    org_no: OrgNo,
    country: Country = "SE",
    sector: Annotated[str | None, typer.Option(help="A sector with a register of its own.")] = None,
    *,
    public_body: Annotated[bool, typer.Option("--public-body", help="It is an authority.")] = False,
    url: Url = None,
    data_dir: Folder = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    as_json: Json = False,
) -> None:
    """Register a controller: an organisation that sends."""
    body = {"name": name, "org_no": org_no, "country": country, "sector": sector, "public_body": public_body}
    registry = Connection.open(url, data_dir, client_id, client_secret)
    _tell("controller", registry.post("/v1/controllers", body), as_json=as_json)


@_add.command("agent")
def add_agent(
    name: Name,
    org_no: OrgNo,
    country: Country = "SE",
    key: Keys = None,
    new_key: NewKey = None,
    *,
    url: Url = None,
    data_dir: Folder = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    as_json: Json = False,
) -> None:
    """Register an objection agent with the public keys that it signs with."""
    if not key and new_key is None:
        fail("an agent needs a key: --key FILE, or --new-key FILE to make one")
    keys = read_keys(key or [])
    registry = Connection.open(url, data_dir, client_id, client_secret)
    if new_key is not None:
        keys.append(make_key(new_key))
    body = {"name": name, "org_no": org_no, "country": country, "keys": keys}
    _tell("agent", registry.post("/v1/agents", body), as_json=as_json)


@_add.command("processor")
def add_processor(
    name: Name,
    org_no: OrgNo,
    acts_for: ActsFor,
    country: Country = "SE",
    *,
    url: Url = None,
    data_dir: Folder = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    as_json: Json = False,
) -> None:
    """Register a processor: it asks on behalf of controllers."""
    body = {"name": name, "org_no": org_no, "country": country, "acts_for": [str(one) for one in acts_for]}
    registry = Connection.open(url, data_dir, client_id, client_secret)
    _tell("processor", registry.post("/v1/processors", body), as_json=as_json)


@_add.command("source")
def add_source(
    name: Name,
    org_no: OrgNo,
    country: Country = "SE",
    default_purposes: Purposes = None,
    *,
    url: Url = None,
    data_dir: Folder = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    as_json: Json = False,
) -> None:
    """Register a source of addresses, at which people can have themselves blocked."""
    purposes = "all" if default_purposes in (None, ["all"]) else default_purposes
    body = {"name": name, "org_no": org_no, "country": country, "default_purposes": purposes}
    registry = Connection.open(url, data_dir, client_id, client_secret)
    _tell("source", registry.post("/v1/sources", body), as_json=as_json)


@credentials.command("issue")
def issue(
    role: Annotated[Role, typer.Option(help="What the credential allows.")],
    party: Annotated[UUID | None, typer.Option(help="Id of the party; none for admin and auditor.")] = None,
    *,
    url: Url = None,
    data_dir: Folder = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    as_json: Json = False,
) -> None:
    """Issue a credential. The secret is shown here and never again."""
    body = {"role": role.value} | ({"party_id": str(party)} if party else {})
    issued = Connection.open(url, data_dir, client_id, client_secret).post("/v1/credentials", body)
    shown = {name: issued[name] for name in ("client_id", "client_secret")}
    if as_json:
        typer.echo(json.dumps(shown))
    else:
        for name, value in shown.items():
            typer.echo(f"{name}: {value}")
        typer.echo("sparr: keep the secret now, it is not shown again", err=True)


@credentials.command("revoke")
def revoke(
    credential: Annotated[UUID, typer.Argument(metavar="CLIENT_ID", help="The credential to revoke.")],
    *,
    url: Url = None,
    data_dir: Folder = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    as_json: Json = False,
) -> None:
    """Revoke a credential: its secret and its tokens stop working at once."""
    registry = Connection.open(url, data_dir, client_id, client_secret)
    revoked = registry.post(f"/v1/credentials/{credential}/revoke", {})
    typer.echo(json.dumps(revoked) if as_json else f"sparr: {revoked['client_id']} is revoked")


def _tell(kind: str, made: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(made))
    else:
        typer.echo(f"sparr: {kind} {made['name']} ({made['org_no']}) is registered: {made['id']}")
