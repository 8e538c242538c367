"""P10: a stolen database gives back no number: of 10,000 planted people none is recovered without the key.

Whoever has a dump and the code tries every planted value, as it might have been written and hashed, against
every column, every piece of text in it and every sixteen bytes of each
(`tests/storage/test_stolen_dump.py`). One leak that is planted on purpose must be found, or the search shows
nothing.
"""

import asyncio
from time import monotonic
from typing import Any
from unittest.mock import patch

from app.crypto.keys import KeyRing
from tests.direct import superuser
from tests.proofs.own_registry import founded
from tests.registry_driver import served
from tests.storage import test_stolen_dump as dump

PEOPLE = {False: 2_000, True: 10_000}


async def check(url: str, ring: KeyRing, *, full: bool) -> dict[str, Any]:
    others = len(dump.PHONES) + len(dump.PERSONAL_NUMBERS)
    mails = [f"stolen-{number}@example.com" for number in range(PEOPLE[full] - others)]
    with patch.object(dump, "EMAILS", mails):
        async with served(url, ring) as driver:
            bodies = [*await dump.plant(driver), *await dump.import_lists(driver)]
        behind = await superuser(url)
        wanted = dump.digests([*dump.spellings(), *bodies])
        places = await dump.recovered(behind, wanted)
        leak = dump.LEAKS["a digest in JSON"]
        async with behind.transaction():
            await behind.execute(leak)
            seen = await dump.recovered(behind, wanted, within="registry.event")
        await behind.close()
    violations = [f"something was recovered from {place}" for place in sorted(places)]
    violations += [] if seen else ["a leak that was planted on purpose was not found"]
    return {"planted": others + len(mails), "digests_tried": len(wanted), "violations": violations}


def run(*, full: bool, seed: int) -> dict[str, Any]:
    """The seed changes nothing: everybody who was planted is looked for."""
    began = monotonic()

    async def whole() -> dict[str, Any]:
        ring = KeyRing.generate()
        async with founded(ring) as url:
            return await check(url, ring, full=full)

    found = asyncio.run(whole())
    return {"seed": seed, "full": full, "seconds": round(monotonic() - began, 1), **found}
