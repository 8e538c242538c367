"""P3: the journal cannot be altered unnoticed: whatever a superuser does to the register or its journal is
named by a verifier that knows no database.

Nine of ten alterations are of the register's rows, in every table and every column, the others of the journal
itself; then bits flip in an export on its way, and an older backup is put back.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from structlog.testing import capture_logs

from app.crypto.keys import KeyRing
from tests.proofs.own_registry import founded
from tests.storage.attacked_journal import alter_journal, alter_rows, flip_bits, journalled_registry, put_back

ALTERATIONS = {False: 500, True: 10_000}
FLIPS = {False: 150, True: 1_000}


async def check(url: str, ring: KeyRing, folder: Path, *, full: bool, seed: int) -> dict[str, Any]:
    wanted, export = ALTERATIONS[full], folder / "export"
    of_rows = await alter_rows(url, ring, export, wanted - wanted // 10, seed)
    of_journal = await alter_journal(url, ring, export, wanted // 10, seed)
    flipped = await flip_bits(url, ring, export, FLIPS[full], seed)
    back = await put_back(url, ring, folder)
    return {
        "alterations": of_rows.done + of_journal.done,
        "kinds": of_rows.kinds + of_journal.kinds,
        "flips": flipped.done,
        "backups_put_back": back.done,
        "violations": [*of_rows.unnamed, *of_journal.unnamed, *flipped.unnamed, *back.unnamed],
    }


def run(*, full: bool, seed: int) -> dict[str, Any]:
    """The seed chooses rows, values, places and bits."""
    began = monotonic()

    async def whole() -> dict[str, Any]:
        ring = KeyRing.generate()
        with capture_logs(), TemporaryDirectory() as folder:
            async with founded(ring) as url:
                made = await journalled_registry(url, ring)
                return await check(made, ring, Path(folder), full=full, seed=seed)

    found = asyncio.run(whole())
    return {"seed": seed, "full": full, "seconds": round(monotonic() - began, 1), **found}
