"""A running registry, as a command reaches it: over HTTP, with the rights of a credential."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self
from urllib.parse import urlsplit

import httpx2
import typer

from app.settings import load_settings, public_url

Url = Annotated[str | None, typer.Option(help="The registry. By default the one of this machine's settings.")]
Folder = Annotated[Path | None, typer.Option("--data-dir", help="Folder whose admin.json is used.")]
ClientId = Annotated[str | None, typer.Option(help="Another credential than that of admin.json.")]
ClientSecret = Annotated[str | None, typer.Option(help="Its secret.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_SECONDS = 30
_UPLOAD_SECONDS = 300
_FAILED = 1
_FIRST_ERROR = 400
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def fail(text: str) -> NoReturn:
    """End the command with one line that says why."""
    typer.echo(f"sparr: {text}", err=True)
    raise typer.Exit(_FAILED)


class Connection:
    """One registry and an access token for it. Whatever goes wrong ends the command with one line."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self.url = url.rstrip("/")
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        token = self._answer("/oauth/token", {"data": form})
        self.headers = {"Authorization": f"Bearer {token.get('access_token')}"}

    @classmethod
    def open(
        cls, url: str | None, data_dir: Path | None, client_id: str | None, client_secret: str | None
    ) -> Self:
        """As the options say; what they leave out is that of the registry of this machine."""
        settings = load_settings(data_dir=data_dir)
        if (client_id is None) != (client_secret is None):
            fail("--client-id and --client-secret belong together")
        if client_id is None or client_secret is None:
            client_id, client_secret = _read_credential(settings.data_dir / "admin.json")
        return cls(url or public_url(settings), client_id, client_secret)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the registry answers to an act that it did."""
        return self._answer(path, {"json": body, "headers": self.headers})

    def upload(self, path: str, content: Iterable[bytes], media: str) -> dict[str, Any]:
        """The same for a body that is sent as it is read, however long that takes."""
        headers = {**self.headers, "Content-Type": media}
        return self._answer(path, {"content": content, "headers": headers, "timeout": _UPLOAD_SECONDS})

    def get(self, path: str) -> str:
        """What the registry shows at a path, as text."""
        answer = self._sent("GET", path, {"headers": self.headers})
        if answer.status_code >= _FIRST_ERROR:
            fail(told_problem(self._read(answer)))
        return answer.text

    def _answer(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._sent("POST", path, request)
        told = self._read(answer)
        if answer.status_code >= _FIRST_ERROR or not isinstance(told, dict):
            fail(told_problem(told))
        return told

    def _sent(self, method: str, path: str, request: dict[str, Any]) -> httpx2.Response:
        # A proxy of the environment is for the world outside, not for a registry on this machine.
        outside = urlsplit(self.url).hostname not in _LOOPBACK
        try:
            with httpx2.Client(timeout=_SECONDS, trust_env=outside) as client:
                return client.request(method, self.url + path, **request)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            fail(f"no registry answers at {self.url}; `./sparr up` starts one")

    def _read(self, answer: httpx2.Response) -> Any:
        try:
            return answer.json()
        except ValueError:
            fail(f"what answers at {self.url} is not a registry")


def told_problem(problem: Any) -> str:
    """A problem document, or an error of the token endpoint, in one line."""
    if not isinstance(problem, dict):
        return "the registry gave no answer that can be read"
    if "error" in problem:
        return f"the credential is refused ({problem['error']})"
    wrong = [f"{error['pointer']}: {error['detail']}" for error in problem.get("errors", [])]
    return " ".join([f"{problem.get('code')}: {problem.get('detail')}", *wrong])


def _read_credential(path: Path) -> tuple[str, str]:
    try:
        credential = json.loads(path.read_text(encoding="utf-8"))
        return str(credential["client_id"]), str(credential["client_secret"])
    except OSError:
        fail(f"cannot read {path}; --data-dir names another folder, --client-id another credential")
    except (ValueError, KeyError, TypeError):
        fail(f"{path} is not a credential")
