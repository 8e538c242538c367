"""Nothing is ever deleted, and whoever tries leaves a trace: a DELETE by a known caller is journalled."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.types import Scope

from app.api.state import Deployment
from app.crypto.tokens import BadToken
from app.domain.refusals import UnavailableError
from app.usecases.act import Act
from app.usecases.identify_caller import identify_caller
from app.usecases.journal_refusal import journal_refusal


def journal_refused_delete(deployment: Deployment) -> Callable[[Scope], Awaitable[None]]:
    """What to do with a refused DELETE. The path is not kept: somebody may have put an identifier in it."""

    async def journal(scope: Scope) -> None:
        token = Request(scope).headers.get("authorization", "").partition(" ")[2]
        now = datetime.now(UTC)
        try:
            claims = deployment.verified_tokens.claims(token, now)
            async with deployment.database.write() as unit:
                caller = await identify_caller(unit, UUID(claims.subject))
                if caller is not None:
                    await journal_refusal(
                        unit, Act.begin(now, caller), "delete.refused", "METHOD_NOT_ALLOWED"
                    )
        except (BadToken, UnavailableError):
            return

    return journal
