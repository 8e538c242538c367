"""The journal: one of the workers puts what was committed in order, ten times a second."""

import asyncio
from typing import Final

import structlog

from app.domain.refusals import UnavailableError
from app.storage.journal import BrokenJournalError
from app.usecases.sequence_events import Sequencer

_PAUSE: Final = 0.1
_OTHERS_TURN: Final = 1.0
_LONG_PAUSE: Final = 5.0

_log = structlog.get_logger("sparr.journal")


async def work(sequencer: Sequencer) -> None:
    """Until cancelled. A round that is cut off has added nothing, or all of it. Whoever finds the journal
    taken looks again after a second; a journal that does not fit together is left alone and told of."""
    while True:
        pause = _PAUSE
        try:
            limit = sequencer.limit
            added = await sequencer.round()
            if added is None:
                pause = _OTHERS_TURN
            elif added >= limit:
                pause = 0.0
        except BrokenJournalError:
            _log.error("broken", failure="BrokenJournalError")
            pause = _LONG_PAUSE
        except UnavailableError:
            pause = _LONG_PAUSE
        except Exception as failed:  # noqa: BLE001 - whatever it was, the next round is to be tried
            _log.error("failed", failure=type(failed).__name__)
            pause = _LONG_PAUSE
        await asyncio.sleep(pause)
