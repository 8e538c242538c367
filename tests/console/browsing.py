"""Somebody at a browser: keeps cookies, follows links, fills in forms as they stand on the page."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx2

from tests.registry_driver import ISSUER, Driver, Party

NEXT = re.compile(r'rel="next" href="([^"]+)"')
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')
FORM = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<(?:input|textarea|select)[^>]*\bname="([^"]+)"([^>]*)>')


@dataclass
class Browser:
    """One person's browser. `language` is what it says that its person reads."""

    client: httpx2.AsyncClient
    language: str = "en"
    last: str = ""
    seen: list[str] = field(default_factory=list)

    async def get(self, path: str) -> httpx2.Response:
        """A page; the path is that below /console, or whole."""
        whole = path if path.startswith("/console") else f"/console{path}"
        answer = await self.client.get(whole, headers={"Accept-Language": self.language})
        self._note(whole, answer)
        return answer

    async def whole(self, path: str) -> str:
        """A list to its end, page by page."""
        text, address = "", path
        while address:
            page = (await self.get(address)).text
            text += page
            onward = NEXT.search(page)
            address = path.partition("?")[0] + unescape(onward[1]) if onward else ""
        return text

    async def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> httpx2.Response:
        """A form of the page that was looked at last, with its token."""
        found = TOKEN.search(self.last)
        whole = path if path.startswith("/console") else f"/console{path}"
        sent = {"form_token": found[1] if found else "", **(fields or {})}
        said = {"Accept-Language": self.language, **{k.replace("_", "-"): v for k, v in headers.items()}}
        answer = await self.client.post(whole, data=sent, headers=said)
        self._note(whole, answer)
        return answer

    async def sign_in(self, who: Party) -> httpx2.Response:
        await self.get("/sign-in")
        return await self.post("/sign-in/open", {**who.credential, "back": "/console"})

    def forms(self) -> list[str]:
        """Where the forms of the last page lead."""
        return [unescape(action) for action, _ in FORM.findall(self.last)]

    def _note(self, path: str, answer: httpx2.Response) -> None:
        self.seen.append(path)
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.last = answer.text


def browser(registry: Driver, language: str = "en", issuer: str = ISSUER) -> Browser:
    """A fresh browser before the same registry."""
    client = httpx2.AsyncClient(transport=registry.client._transport, base_url=issuer)
    return Browser(client, language)
