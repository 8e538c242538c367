"""What an agent does with its private key, offline, before it sends a mandate."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.cli.agent_keys import read_keys
from app.cli.connection import fail
from app.crypto import base64url
from app.crypto.claims import NotCanonical, claims_digest
from app.crypto.keys import SigningKey
from app.crypto.tokens import sign

mandates = typer.Typer(no_args_is_help=True)

_EVIDENCE_TYPE: Final = "objection-mandate+jws"


@mandates.command("sign")
def sign_mandate(
    file: Annotated[typer.FileText, typer.Argument(help="The request as JSON; - reads standard input.")],
    key: Annotated[Path, typer.Option(help="File with the agent's private key, a JWK.")],
) -> None:
    """Print a mandate request with its evidence filled in: the agent's signature over what it claims."""
    try:
        request = json.load(file)
    except ValueError:
        fail("the request is not JSON")
    if not isinstance(request, dict):
        fail("a mandate request is a JSON object")
    try:
        signed = with_evidence(request, private_key(key))
    except NotCanonical as refused:
        fail(str(refused))
    typer.echo(json.dumps(signed, ensure_ascii=False, indent=2))


def with_evidence(request: Mapping[str, Any], key: SigningKey) -> dict[str, Any]:
    """The request with evidence of the kind agent_jws: a compact JWS (RFC 7515, ES256) over the digest of
    everything in it but `evidence` and `reference`. NotCanonical for what has no canonical JSON."""
    jws = sign(key, _EVIDENCE_TYPE, {"claims_digest": claims_digest(request)})
    return {**request, "evidence": {"kind": "agent_jws", "jws": jws}}


def private_key(file: Path) -> SigningKey:
    """The private key in a JWK file, as `party add agent --new-key` writes it, under the kid it has there."""
    found = json.loads(file.read_text(encoding="utf-8")) if (keys := read_keys([file])) else {}
    scalar = found.get("d") if isinstance(found, dict) else None
    try:
        number = int.from_bytes(base64url.decode(scalar if isinstance(scalar, str) else ""))
        private = ec.derive_private_key(number, ec.SECP256R1())
    except ValueError:
        fail(f"{file} holds no private key")
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return SigningKey(keys[0]["kid"], pem, datetime.now(UTC))
