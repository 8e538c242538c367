"""Who stands behind the credentials of the requests that wait: one question for all of them.

The register is asked after a request came in, so that a revocation holds at once; requests that come while it
is being asked share the next question.
"""

import asyncio
from uuid import UUID

from app.domain.parties import Caller
from app.domain.refusals import UnavailableError
from app.storage.database import ANSWER_SECONDS, Database
from app.usecases.identify_caller import identify_callers

_Place = tuple[UUID, "asyncio.Future[Caller | None]"]


class AskingWho:
    """The one in a process who asks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Place] = []
        self._asking: asyncio.Task[None] | None = None

    async def who(self, credential_id: UUID) -> Caller | None:
        """The caller as of now, or None when the credential is unknown or revoked (OWASP API2)."""
        answer: asyncio.Future[Caller | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((credential_id, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await answer
        except TimeoutError:
            raise UnavailableError("the register of credentials does not answer") from None

    async def _ask_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                found = await self._ask({credential_id for credential_id, _ in group})
                for credential_id, answer in group:
                    if not answer.done():
                        answer.set_result(found.get(credential_id))
            except Exception as raised:  # noqa: BLE001 -- whoever waits hears of it, each for itself
                told = str(raised) if isinstance(raised, UnavailableError) else type(raised).__name__
                for _, answer in group:
                    if not answer.done():
                        answer.set_exception(UnavailableError(told))
            finally:
                for _, answer in group:
                    answer.cancel()

    async def _ask(self, ids: set[UUID]) -> dict[UUID, Caller]:
        async with self._database.glance() as unit:
            return await identify_callers(unit, ids)
