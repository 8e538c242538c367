"""Whatever is left out of the migrations is noticed: each grant, revoke, policy and constraint in turn.

The scripts run in one transaction on a server of their own, without the piece; what they then make is
compared with the agreed schema (`tests/migrations/schema.txt`), and rolled back, roles and all. The server's
administrator was generous before, so that a missing REVOKE leaves a trace as well. A removal that stops the
scripts, or leaves a database that is not ready by the service's own check, is noticed without the
comparison; each counts where it was noticed first.
"""

import asyncio
import re
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, NamedTuple

import asyncpg
from alembic.script import ScriptDirectory

from app.storage import migrating
from app.storage.database import SERVICE_ROLES
from app.storage.embedded import EmbeddedPostgres
from tests.architecture.repository import ROOT
from tests.direct import superuser
from tests.migrations.schema_state import agreed, schema_of
from tests.migrations.test_schema import GENEROUS
from tests.proofs.sql_removals import Removal, removals
from tests.storage.catalogue import breaches

SHORT = 60
_VIEW = re.compile(r"CREATE (OR REPLACE )?VIEW ([\w.]+)")
_BEFORE = """
CREATE SCHEMA ops;
CREATE TABLE ops.schema_revision (
    version_num varchar(32) NOT NULL, CONSTRAINT schema_revision_pkc PRIMARY KEY (version_num));
"""


class Script(NamedTuple):
    name: str
    text: str


class Mutant(NamedTuple):
    script: int
    name: str
    removal: Removal
    made_anew: bool
    """A later script makes the same view anew, so that nothing is left of what was removed."""

    def __str__(self) -> str:
        return f"{self.name}:{self.removal.line}: {self.removal.kind}: {self.removal.removed[:200]}"


def scripts() -> list[Script]:
    """The scripts of all migrations in their order, and what is said to a database after them."""
    found = []
    revisions = ScriptDirectory(str(ROOT / "migrations")).walk_revisions()
    for revision in reversed(list(revisions)):
        folder = ROOT / "migrations" / "versions" / revision.revision
        parts = getattr(revision.module, "PARTS", None) or sorted(path.stem for path in folder.glob("*.sql"))
        files = [folder / f"{part}.sql" for part in parts]
        found += [Script(f"{folder.name}/{path.name}", path.read_text("utf-8")) for path in files]
    logins = [migrating._LOGIN.format(role=role, password="x") + ";" for role in SERVICE_ROLES]
    return [*found, Script("entrance", "\n".join([f"{migrating._ENTRANCE.text.strip()};", *logins]))]


def mutants(parts: list[Script]) -> list[Mutant]:
    return [
        Mutant(number, part.name, removal, _made_anew(parts, number, removal))
        for number, part in enumerate(parts)
        for removal in removals(part.text)
    ]


def _made_anew(parts: list[Script], number: int, removal: Removal) -> bool:
    line = parts[number].text.splitlines()[removal.line - 1]
    view = _VIEW.search(line if removal.kind == "option of a view" else removal.removed)
    if view is None or removal.kind not in {"option of a view", "statement"}:
        return False
    # What is made for the first time has its grants from then.
    first = removal.kind == "statement" and not view[1]
    return not first and any(f"OR REPLACE VIEW {view[2]} " in one.text for one in parts[number + 1 :])


async def noticed(connection: Any, parts: list[Script], mutant: Mutant | None) -> str | None:
    """By what a removal was noticed; None if by nothing. The database is as it was before."""
    changed = list(parts)
    if mutant:
        changed[mutant.script] = Script(mutant.name, mutant.removal.text)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(_BEFORE)
        for part in changed:
            # The driver cannot read the answer to a script of which nothing is left.
            await connection.execute(f"{part.text};\nSELECT 1")
        if await breaches(connection):
            return "a rule of the catalogue"
        return None if await schema_of(connection) == agreed() else "the agreed schema"
    except asyncpg.PostgresError as error:
        return f"the migration itself ({error.sqlstate})"
    finally:
        await transaction.rollback()


async def _examine(connection: Any, chosen: list[Mutant], parts: list[Script]) -> dict[str, Any]:
    found: Counter[str] = Counter()
    violations: list[str] = []
    if (whole := await noticed(connection, parts, None)) is not None:
        violations.append(f"the scripts as they are: noticed by {whole}")
    for mutant in chosen:
        by = await noticed(connection, parts, mutant)
        if by is None and not mutant.made_anew:
            violations.append(f"{mutant}: survived")
        found[by or "nothing, and it changes nothing"] += 1
    return {"removals": len(chosen), "noticed_by": dict(found.most_common()), "violations": violations}


async def _on_a_server(chosen: list[Mutant], parts: list[Script]) -> dict[str, Any]:
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "server") as address:
        connection = await superuser(address.url())
        await connection.execute(GENEROUS)
        try:
            return await _examine(connection, chosen, parts)
        finally:
            await connection.close()


def run(*, full: bool, seed: int) -> dict[str, Any]:
    """All removals, or a sample of them that the seed chooses."""
    began = monotonic()
    parts = scripts()
    everything = mutants(parts)
    chosen = everything if full else Random(seed).sample(everything, SHORT)  # noqa: S311 - a choice that can be repeated
    kinds = Counter(mutant.removal.kind for mutant in chosen)
    result = asyncio.run(_on_a_server(chosen, parts))
    seconds = round(monotonic() - began, 1)
    return {
        "seed": seed,
        "full": full,
        "seconds": seconds,
        "of": len(everything),
        "kinds": dict(kinds),
        **result,
    }
