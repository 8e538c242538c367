"""One request to the console: who comes, in which language, what was sent, and how a page is answered."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.console.parts import ISSUER_ANSWER, Parts
from app.console.rendering import HEADERS, rendered
from app.console.sessions import form_token
from app.console.words import LANGUAGES, has_word, word
from app.domain.mandate import Outcome
from app.domain.parties import Caller, Role
from app.domain.refusals import Refusal, RefusedError, UnavailableError
from app.domain.registers import REGISTERS
from app.storage.units import ReadUnit, WriteUnit
from app.usecases.act import Act
from app.usecases.journal_refusal import journal_refusal
from app.usecases.open_session import Stay

T = TypeVar("T")

ROOT = "/console"
LONGEST_TEXT = 500
"""Reasons, purposes and references, as everywhere in the registry."""

_LATELY: Final = timedelta(days=30)
"""The days that a form offers first."""


class MissingTextError(Exception):
    """A field of a form that has to be filled in was left empty, or is too long; `field` is its name."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(slots=True)
class Visit:
    """`names` are the parts of the path; `form` what was posted. `caller` is None for a visitor."""

    request: Request
    parts: Parts
    now: datetime
    language: str
    stay: Stay
    caller: Caller | None
    names: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def who(self) -> Caller:
        """The caller of a page that only a known one sees."""
        if self.caller is None:
            raise RefusedError(Refusal.ROLE_DENIED)
        return self.caller

    def id(self, name: str) -> UUID:
        return UUID(self.names[name])

    def asked(self, name: str) -> str:
        """A parameter of the query; "" when it is not there."""
        return self.request.query_params.get(name, "")

    def asked_id(self, name: str) -> UUID | None:
        """An id in the query. NOT_FOUND for what is none: somebody has altered the address."""
        text = self.asked(name).strip()
        if not text:
            return None
        try:
            return UUID(text)
        except ValueError:
            raise RefusedError(Refusal.NOT_FOUND) from None

    def text(self, name: str) -> str:
        """A field that has to be filled in."""
        value = self.form.get(name, "").strip()
        if not value or len(value) > LONGEST_TEXT:
            raise MissingTextError(name)
        return value

    def begin(self, purpose: str | None = None) -> Act:
        """An act of this visit; its digest is that of what was posted."""
        digest = hashlib.sha256(self.body).digest() if self.body else b""
        return Act.begin(self.now, self.caller, digest, purpose)

    async def act(
        self, kind: str, work: Callable[[WriteUnit, Act], Awaitable[T]], purpose: str | None = None
    ) -> T:
        """Do something in one unit. A refusal is journalled and raised again."""
        act = self.begin(purpose)
        try:
            async with self.parts.database.write() as unit:
                return await work(unit, act)
        except RefusedError as refused:
            async with self.parts.database.write() as unit:
                await journal_refusal(unit, act, kind, refused.code.value)
            raise

    async def in_time(self, work: Callable[[ReadUnit], Awaitable[T]]) -> T | None:
        """What is read for a page that goes without it when the register does not answer in time."""
        try:
            async with self.parts.database.read() as unit:
                return await work(unit)
        except UnavailableError:
            return None

    def word(self, key: str, **values: object) -> str:
        return word(self.language, key, **values)

    def code(self, group: str, code: str) -> str:
        """A permanent code in words, or as it is where this version has none for it."""
        key = f"{group}.{code}"
        return word(self.language, key) if has_word(key) else code

    def meaning(self, group: str, code: str) -> str:
        """What the code of a decision means; one that names a register says which. "" where this version has
        no words for it."""
        head, _, name = code.partition(":")
        key = f"{group}.{head}"
        register = REGISTERS[name].name if name in REGISTERS else name
        return word(self.language, key, register=register) if has_word(key) else ""

    def finding(self, code: str, outcome: str) -> str:
        """Why a check did not pass; "" when it did, and where this version has no words for it."""
        if outcome == Outcome.FAILED:
            return self.meaning("check_failed", code)
        if outcome == Outcome.INDETERMINATE:
            return self.meaning("check_untried", code) or self.word("check_untried.OTHER")
        return ""

    @property
    def here(self) -> str:
        """The page that this visit belongs to; a form is posted to a place below its page."""
        path = self.request.url.path
        if path == ROOT + ISSUER_ANSWER:
            return f"{ROOT}/sign-in"  # A page with the issuer's code in its links would give it away.
        if self.request.method == "POST":
            return path.rpartition("/")[0]
        return f"{path}?{self.request.url.query}" if self.request.url.query else path

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """An answer with everything that the frame around each page needs."""
        frame = {
            "t": self.word,
            "code": self.code,
            "meaning": self.meaning,
            "finding": self.finding,
            "lately": (self.now.date() - _LATELY, self.now.date()),
            "language": self.language,
            "languages": LANGUAGES,
            "here": quote(self.here, safe=""),
            "path": self.request.url.path,
            "root": ROOT,
            "caller": self.caller,
            "is_admin": self.caller is not None and self.caller.role is Role.ADMIN,
            "form_token": form_token(self.stay),
            "done": _done(self.asked("done")),
            "linked": partial(linked, self.request),
        }
        headers = {**HEADERS, "Content-Language": self.language}
        return HTMLResponse(rendered(template, frame | values), status, headers)

    def go(self, path: str, done: str = "") -> Response:
        """To another page by GET (RFC 9110 section 15.4.4), which says what was done."""
        target = f"{ROOT}{path}" + (f"?done={done}" if done else "")
        return RedirectResponse(target, 303, dict(HEADERS))


def linked(request: Request, **changes: object) -> str:
    """The address of this page with other parameters; one that is None or empty is left out."""
    kept = {name: value for name, value in request.query_params.items() if name != "done"}
    wanted = {**kept, **{name: str(value) for name, value in changes.items() if value}}
    query = "&".join(
        f"{name}={quote(value, safe='')}" for name, value in wanted.items() if value and changes.get(name, 1)
    )
    return f"?{query}" if query else request.url.path


def _done(code: str) -> str:
    """What was done, if it is something that can be done here."""
    return code if code and has_word(f"done.{code}") else ""
