"""A registry with an issuer, and what a person does between the two."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from app.console.issuer_settings import IssuerSettings, People
from app.console.words import word
from app.crypto.keys import KeyRing
from app.main import create_app, deployment
from app.storage.database import Database
from tests.console.browsing import Browser
from tests.console.issuer_server import CLIENT_ID, SECRET, IssuerServer
from tests.registry_driver import Party

URL = "https://registry.test"
ANSWER = "/sign-in/issuer/answer"
Open = Callable[..., httpx2.AsyncClient]


def opening(database: Database, ring: KeyRing) -> Open:
    """Opens a browser before a registry that believes an issuer about these people."""

    def start(issuer: str, people: dict[str, str], claim: str = "sub") -> httpx2.AsyncClient:
        known = People(claim, {name: UUID(client_id) for name, client_id in people.items()})
        through = IssuerSettings(issuer, CLIENT_ID, SECRET, known)
        app = create_app(deployment(database, ring, URL), through)
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url=URL)

    return start


@dataclass
class Place:
    """A registry with an issuer, somebody whom the issuer knows, and their browser."""

    issuer: IssuerServer
    who: Party
    browser: Browser

    async def leave(self, back: str = "") -> str:
        """Where the browser is led to from the sign-in page."""
        answer = await self.browser.get("/sign-in/issuer" + (f"?back={back}" if back else ""))
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def come(self, brought: dict[str, Any] | list[tuple[str, Any]]) -> httpx2.Response:
        """Back from the issuer with this."""
        return await self.browser.get(f"{ANSWER}?{httpx2.QueryParams(brought)}")

    async def walk(self) -> httpx2.Response:
        return await self.come(self.issuer.consent(await self.leave()))

    async def is_in(self) -> bool:
        return (await self.browser.get("/registers")).status_code == 200


async def refused(place: Place, answer: httpx2.Response, status: int, told: str) -> None:
    """Not signed in, told why in words, and nothing of what was brought stands on the page."""
    assert (answer.status_code, f"<code>{told}</code>" in answer.text) == (status, True), answer.text
    assert word("en", f"problem.{told}") in answer.text
    assert "code%3D" not in answer.text
    assert "state%3D" not in answer.text
    assert not await place.is_in()
