"""Whether the service lives and may be asked."""

from typing import Literal

from app.api.schemas.base import Answer


class LiveAnswer(Answer):
    """The process answers."""

    status: Literal["alive"]


class CheckAnswer(Answer):
    """One thing that must be well before anything is answered."""

    name: str
    ok: bool


class ReadyAnswer(Answer):
    """All checks, in a fixed order."""

    status: Literal["ready", "unready"]
    checks: list[CheckAnswer]
