"""Following the change feed over HTTP, as a sender does that keeps a list of its own."""

from secrets import token_hex
from typing import Any

import httpx2

from tests.registry_driver import Driver, Json, Party


async def ask_changes(registry: Driver, who: Party, **query: Any) -> httpx2.Response:
    return await registry.client.get("/v1/changes", params=query, headers=who.headers)


async def page(registry: Driver, who: Party, **query: Any) -> Json:
    answer = await ask_changes(registry, who, **query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def here(registry: Driver, who: Party, **query: Any) -> str:
    """The position of now."""
    return str((await rest(registry, who, None, **query))[1])


async def rest(
    registry: Driver, who: Party, after: str | None = None, limit: int = 1000, **query: Any
) -> tuple[list[Json], str | None]:
    """Everything after a position, page by page, and the position at the end."""
    items: list[Json] = []
    while True:
        asked = query | ({} if after is None else {"after": after})
        found = await page(registry, who, limit=limit, **asked)
        items += found["items"]
        after = found["as_of"]
        if found["next_cursor"] is None:
            return items, after


async def objects(registry: Driver, desk: Party, who: Json, **fields: Any) -> Json:
    """The person objects at a controller's customer service."""
    said: Json = {"kinds": ["art21_2"], "channels": "all", "controllers": [desk.id], "identifiers": [who]}
    said |= {"origin": "self", "evidence": {"method": "call", "reference": "4711"}} | fields
    answer = await registry.post("/v1/objections", said, desk, Idempotency_Key=token_hex(8))
    assert answer.status_code in {200, 201}, answer.text
    made: Json = answer.json()
    return made
