"""Wrapping the data keys anew under another master key: the operator's own act, under the rights of the
tables' owner. No role of the service may change a key row, and none gets a way to ask for it.

What is sealed stays as it is; only the key that opens it is put into another envelope. So it takes a moment
for each person, and not for each value, and a lookup has nothing to do with it.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.crypto.instruments import Instruments
from app.crypto.vault import Unsealable, Vault
from app.domain.refusals import OperatorError, UnavailableError
from app.storage.database import SERVICE_ROLES, application, async_url
from app.storage.units import statement

_BATCH: Final = 1000
_OWNER = text("SET LOCAL ROLE sparr_owner")
_OTHERS = text("""
SELECT count(*) FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND usename = ANY (:roles) AND application_name <> :ours
""")
_PIECE = text("""
SELECT k.subject, k.wrapped FROM vault.subject_key k WHERE k.subject >= :first ORDER BY k.subject LIMIT :most
""")
_REWRAP = statement("rewrap_keys")
_FORGET = text("VACUUM vault.subject_key")


async def strangers(url: str, instruments: Instruments) -> int:
    """How many connections of the service come from processes that know other master keys than these."""
    engine = create_async_engine(async_url(url), poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            asked = {"roles": list(SERVICE_ROLES), "ours": application(instruments)}
            return int((await connection.execute(_OTHERS, asked)).scalar_one())
    except (SQLAlchemyError, OSError) as failed:
        raise UnavailableError(type(failed).__name__) from None
    finally:
        await engine.dispose()


async def rewrap_all(url: str, vault: Vault) -> int:
    """Wrap every data key under the key that wraps now; how many were not. It is repeated until a whole round
    finds none. A key that nothing here opens stops it: with the former key it would be lost for good."""
    engine = create_async_engine(async_url(url), poolclass=NullPool, hide_parameters=True)
    changed = 0
    try:
        while found := await _round(engine, vault):
            changed += found
        async with engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(_FORGET)
    except (SQLAlchemyError, OSError) as failed:
        raise UnavailableError(type(failed).__name__) from None
    finally:
        await engine.dispose()
    return changed


async def _round(engine: AsyncEngine, vault: Vault) -> int:
    """Look at every key once."""
    first: UUID | None = UUID(int=0)
    changed = 0
    while first is not None:
        async with engine.begin() as connection:
            await connection.execute(_OWNER)
            first, found = await _piece(connection, vault, first)
            changed += found
    return changed


async def _piece(connection: AsyncConnection, vault: Vault, first: UUID) -> tuple[UUID | None, int]:
    """Where the next piece begins, and how many keys of this one were wrapped anew. A key that is destroyed
    meanwhile stays destroyed: only what is still there as it was read is changed."""
    rows = (await connection.execute(_PIECE, {"first": first, "most": _BATCH})).all()
    try:
        made = [(row.subject, row.wrapped, vault.rewrap(row.subject, row.wrapped)) for row in rows]
    except Unsealable:
        raise OperatorError("a data key opens under no key of this ring; nothing was given up") from None
    changed = [one for one in made if one[2] is not None]
    if changed:
        subjects, known, wrapped = (list(column) for column in zip(*changed, strict=True))
        await connection.execute(_REWRAP, {"subjects": subjects, "known": known, "made": wrapped})
    following = UUID(int=rows[-1].subject.int + 1) if len(rows) == _BATCH else None
    return following, len(changed)
