"""`sparr party` and `sparr credential`, against a registry that really listens."""

import json
import socket
import stat
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import typer
import uvicorn
from joserfc.jwk import ECKey
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from app.cli.parties import credentials, parties
from app.crypto.keys import KeyRing
from app.main import create_app, deployment, open_database
from app.storage.database import Database
from tests.registry_driver import Json, first_admin, org_no

program = typer.Typer()
program.add_typer(parties, name="party")
program.add_typer(credentials, name="credential")


@pytest.fixture(scope="module")
def url(database_url: str, ring: KeyRing) -> Iterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = create_app(deployment(open_database(database_url, ring, issuer, pool=2), ring, issuer))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    # The server's log would mix with what the commands print: here both are in one process.
    with capture_logs():
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield issuer
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
async def folder(database: Database, ring: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the first admin's credential."""
    made = tmp_path_factory.mktemp("data")
    (made / "admin.json").write_text(json.dumps(await first_admin(database, ring)))
    return made


class Terminal:
    def __init__(self, url: str, folder: Path) -> None:
        self._where = ["--url", url, "--data-dir", str(folder)]

    def type(self, *words: str) -> Result:
        return CliRunner().invoke(program, [*words, *self._where])

    def json(self, *words: str) -> Json:
        result = self.type(*words, "--json")
        assert result.exit_code == 0, result.output
        made: Json = json.loads(result.stdout)
        return made

    def add(self, kind: str, *words: str) -> Json:
        return self.json("party", "add", kind, "--name", "Nordfisk AB", "--org-no", org_no(), *words)


@pytest.fixture
def terminal(url: str, folder: Path) -> Terminal:
    return Terminal(url, folder)


def failed(result: Result) -> str:
    """The one line that the command ended with."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("sparr: ")
    return lines[0]


def test_the_four_kinds_of_party_are_added(terminal: Terminal, tmp_path: Path) -> None:
    controller = terminal.add("controller", "--sector", "gambling", "--public-body", "--country", "NO")
    assert (controller["sector"], controller["public_body"], controller["country"]) == (
        "gambling",
        True,
        "NO",
    )
    second = terminal.add("controller")
    processor = terminal.add("processor", "--acts-for", controller["id"], "--acts-for", second["id"])
    assert processor["acts_for"] == [controller["id"], second["id"]]
    assert terminal.add("source")["default_purposes"] == "all"
    chosen = terminal.add("source", "--default-purposes", "political", "--default-purposes", "research")
    assert chosen["default_purposes"] == ["political", "research"]
    agent = terminal.add("agent", "--new-key", str(tmp_path / "agent.json"))
    assert agent["state"] == "active"


def test_without_json_a_line_for_a_person_is_printed(terminal: Terminal) -> None:
    result = terminal.type("party", "add", "controller", "--name", "Nordfisk AB", "--org-no", "5560000001")
    assert result.exit_code == 0
    assert result.stdout.startswith("sparr: controller Nordfisk AB (5560000001) is registered: 01")


def test_a_new_key_is_written_for_its_owner_alone(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "agent.json"
    agent = terminal.add("agent", "--new-key", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = ECKey.import_key(json.loads(file.read_text()))
    assert key.is_private
    assert agent["keys"] == [
        {"alg": "ES256", "use": "sig", "kid": key.thumbprint(), **key.as_dict(private=False)}
    ]


def test_a_new_key_never_replaces_another(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "agent.json"
    file.write_text("the only copy of a key")
    result = terminal.type("party", "add", "agent", "--name", "A", "--org-no", "1", "--new-key", str(file))
    assert "exists already" in failed(result)
    assert file.read_text() == "the only copy of a key"


def test_of_a_key_file_only_the_public_part_is_sent(terminal: Terminal, tmp_path: Path) -> None:
    first, second, third = (ECKey.generate_key("P-256", {"kid": f"k{n}"}) for n in range(3))
    private = tmp_path / "private.json"
    private.write_text(json.dumps(first.as_dict(private=True)))
    several = tmp_path / "jwks.json"
    several.write_text(json.dumps({"keys": [second.as_dict(private=False), third.as_dict(private=False)]}))
    agent = terminal.add("agent", "--key", str(private), "--key", str(several))
    assert [key["kid"] for key in agent["keys"]] == ["k0", "k1", "k2"]
    assert all("d" not in key for key in agent["keys"])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is not JSON"),
        ("[5]", "holds no JWK"),
        ("{}", "kty must be EC"),
        (json.dumps(ECKey.generate_key("P-384", {"kid": "k"}).as_dict(private=False)), "crv must be P-256"),
        (json.dumps(ECKey.generate_key("P-256").as_dict(private=False)), "kid must be"),
    ],
)
def test_a_file_without_a_usable_key_is_told_in_one_line(
    terminal: Terminal, tmp_path: Path, content: str, told: str
) -> None:
    file = tmp_path / "key.json"
    file.write_text(content)
    result = terminal.type("party", "add", "agent", "--name", "A", "--org-no", "1", "--key", str(file))
    assert told in failed(result)


def test_an_agent_without_a_key_is_told_how_to_get_one(terminal: Terminal, tmp_path: Path) -> None:
    assert "--new-key FILE" in failed(terminal.type("party", "add", "agent", "--name", "A", "--org-no", "1"))
    missing = str(tmp_path / "nothing.json")
    words = ["party", "add", "agent", "--name", "A", "--org-no", "1", "--key", missing]
    assert "cannot read" in failed(terminal.type(*words))


def test_a_credential_is_issued_used_and_revoked(terminal: Terminal, url: str) -> None:
    party = terminal.add("controller")
    issued = terminal.json("credential", "issue", "--party", party["id"], "--role", "sender")
    assert set(issued) == {"client_id", "client_secret"}
    words = ["party", "add", "controller", "--name", "A", "--org-no", "1", "--url", url]
    own = ["--client-id", issued["client_id"], "--client-secret", issued["client_secret"]]
    assert "ROLE_DENIED" in failed(CliRunner().invoke(program, words + own))
    revoked = terminal.type("credential", "revoke", issued["client_id"])
    assert revoked.stdout == f"sparr: {issued['client_id']} is revoked\n"
    assert "invalid_client" in failed(CliRunner().invoke(program, words + own))
    assert "STATE_CONFLICT" in failed(terminal.type("credential", "revoke", issued["client_id"]))


def test_an_admin_credential_needs_no_party_and_its_secret_is_shown_once(terminal: Terminal) -> None:
    result = terminal.type("credential", "issue", "--role", "admin")
    assert result.exit_code == 0
    assert [line.partition(": ")[0] for line in result.stdout.splitlines()] == ["client_id", "client_secret"]
    assert "not shown again" in result.stderr


def test_a_refusal_of_the_registry_is_one_line_with_its_code(terminal: Terminal) -> None:
    words = ["party", "add", "controller", "--name", "A", "--org-no", "with spaces", "--country", "se"]
    told = failed(terminal.type(*words))
    assert "VALIDATION" in told
    assert "/org_no" in told
    assert "/country" in told
    unknown = terminal.type("credential", "issue", "--party", str(uuid4()), "--role", "sender")
    assert "UNKNOWN_REFERENCE" in failed(unknown)


def test_a_registry_that_does_not_run_is_told(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody = Terminal(f"http://127.0.0.1:{port}", folder)
    assert "sparr up" in failed(nobody.type("credential", "issue", "--role", "admin"))


@pytest.mark.parametrize("page", [b"<html>502 Bad Gateway</html>", b"[]"])
def test_something_else_behind_the_url_is_told(folder: Path, page: bytes) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + page)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        terminal = Terminal(f"http://127.0.0.1:{server.server_port}", folder)
        told = failed(terminal.type("credential", "issue", "--role", "admin"))
    assert "not a registry" in told or "no answer that can be read" in told


@pytest.mark.parametrize("content", [None, "{", "{}", "[]"])
def test_a_folder_without_an_admin_credential_is_told(url: str, tmp_path: Path, content: Any) -> None:
    if content is not None:
        (tmp_path / "admin.json").write_text(content)
    told = failed(Terminal(url, tmp_path).type("credential", "issue", "--role", "admin"))
    assert "admin.json" in told


def test_half_a_credential_is_refused(terminal: Terminal) -> None:
    result = terminal.type("credential", "issue", "--role", "admin", "--client-id", "x")
    assert "belong together" in failed(result)
