"""The journal watched once a second. What else the registry does by itself, it does only while its journal
is shown to continue what was seen of it: from a register that lost something nothing is washed or signed."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from app.usecases.watch_journal import JournalWatch

_PAUSE: Final = 1.0

_log = structlog.get_logger("sparr.journal")

Tasks = list[asyncio.Task[None]]


async def work(watch: JournalWatch, begin: Callable[[], Tasks]) -> None:
    """Until cancelled. `begin` starts the other work; it is ended as soon as something is wrong."""
    running: Tasks = []
    told: tuple[str | None, bool] = (None, True)
    try:
        while True:
            written = await _look(watch)
            if (watch.wrong, written) != told:
                told = (watch.wrong, written)
                _log.error("watched", wrong=watch.wrong, checkpoint_kept=written)
            if watch.proven and not running:
                running = begin()
            elif not watch.proven:
                await end(running)
            await asyncio.sleep(_PAUSE)
    finally:
        await end(running)


async def _look(watch: JournalWatch) -> bool:
    """False when the checkpoint could not be kept: the register is whole, and only its witness is behind."""
    try:
        await watch.look()
    except OSError:
        return False
    except Exception as failed:  # noqa: BLE001 - whatever it was, nothing is shown by a look that failed
        watch.wrong = f"the journal could not be looked at: {type(failed).__name__}"
    return True


async def end(tasks: Tasks) -> None:
    """What is in hand is let go of, or rolled back, for whoever comes next."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    tasks.clear()
