"""Work that takes long leaves the event loop to others."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MANY: Final = 2_000
"""From so many items on, a step of a lookup is taken aside; fewer take less time than going there."""

_ALIKE: Final = 6


def alike(size: int) -> int:
    """What so many items weigh in a step that looks at all of them at once, with arrays: as much as a few of
    them one by one. Ten thousand take a fraction of a millisecond; the way there and back takes as long."""
    return size // _ALIKE


# One thread: it shares the interpreter with the event loop, and several would all be in its way.
_LANE: Final = ThreadPoolExecutor(1, "aside")


async def aside(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do a piece of work for `size` items: at once for few, in turn with other such pieces for many."""
    if size < MANY:
        return work(*args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_LANE, lambda: work(*args, **kwargs))
