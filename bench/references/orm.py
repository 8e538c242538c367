"""FastAPI and SQLAlchemy: one SELECT for each identifier; IN with phonenumbers; IN without parsing. And
FastAPI alone, which asks nobody: what no service on it can be faster than."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import phonenumbers
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.references.serving import argument, serve

_POOL = 8
_AT_ONCE = 10_000


class Base(DeclarativeBase):
    """The mapped classes."""


class Suppression(Base):
    """One identifier on one controller's list."""

    __tablename__ = "suppression"

    controller_id: Mapped[int] = mapped_column(primary_key=True)
    identifier: Mapped[str] = mapped_column(primary_key=True)


class Ask(BaseModel):
    """A list to wash."""

    controller_id: int
    identifiers: list[str]
    region: str = "SE"


class Told(BaseModel):
    """The positions of those who are on the list."""

    asked: int
    blocked: list[int]


def application(url: str) -> FastAPI:
    """Three ways to wash a list, and one that does not."""
    engine = create_async_engine(url, pool_size=_POOL, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    app = FastAPI()

    async def session() -> AsyncIterator[AsyncSession]:
        async with sessions() as opened:
            yield opened

    Session = Annotated[AsyncSession, Depends(session)]  # noqa: N806 - a type

    @app.post("/each")
    async def each(ask: Ask, db: Session) -> Told:
        blocked = [
            place
            for place, one in enumerate(ask.identifiers)
            if await db.scalar(
                select(Suppression.identifier).where(
                    Suppression.controller_id == ask.controller_id, Suppression.identifier == one
                )
            )
        ]
        return Told(asked=len(ask.identifiers), blocked=blocked)

    @app.post("/parsed")
    async def parsed(ask: Ask, db: Session) -> Told:
        numbers = [e164(one, ask.region) for one in ask.identifiers]
        return _told(numbers, await _on_list(db, ask.controller_id, numbers))

    @app.post("/plain")
    async def plain(ask: Ask, db: Session) -> Told:
        return _told(ask.identifiers, await _on_list(db, ask.controller_id, ask.identifiers))

    @app.post("/read")
    async def read(ask: Ask) -> Told:
        return Told(asked=len(ask.identifiers), blocked=[])

    return app


def e164(text: str, region: str) -> str:
    """A number in its one spelling; what is no number is left as it is."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


async def _on_list(db: AsyncSession, controller_id: int, identifiers: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for first in range(0, len(identifiers), _AT_ONCE):
        rows = await db.scalars(
            select(Suppression.identifier).where(
                Suppression.controller_id == controller_id,
                Suppression.identifier.in_(identifiers[first : first + _AT_ONCE]),
            )
        )
        found.update(rows)
    return found


def _told(identifiers: Sequence[str], found: set[str]) -> Told:
    return Told(
        asked=len(identifiers), blocked=[place for place, one in enumerate(identifiers) if one in found]
    )


if __name__ == "__main__":
    serve(application(argument("url")))
