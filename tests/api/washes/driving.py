"""Handing files in to be washed, and waiting for them, as a sender does."""

import asyncio
from typing import Any

import httpx2

from app.storage.database import Database
from app.usecases import run_wash
from app.usecases.receive_wash import Laundry
from tests.registry_driver import PHONE, Driver, Json, Party

OTHER = "+46701740606"
LIST = f"id,phone\n1,{PHONE}\n2,{OTHER}\n3,nobody\n1,{PHONE}\n"


async def hand_in(
    registry: Driver, sender: Party, content: Any = LIST, media: str = "text/csv", **fields: Any
) -> httpx2.Response:
    encoding = fields.pop("encoding", None)
    headers = {**sender.headers, "Content-Type": media} | ({"Content-Encoding": encoding} if encoding else {})
    params = {"channel": "sms", "purpose": "marketing", "region": "SE", **fields}
    return await registry.client.post("/v1/washes", content=content, headers=headers, params=params)


async def handed_in(registry: Driver, sender: Party, *args: Any, **fields: Any) -> str:
    answer = await hand_in(registry, sender, *args, **fields)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/washes/{answer.json()['id']}"
    return str(answer.json()["id"])


async def ended(registry: Driver, sender: Party, wash_id: str) -> Json:
    async with asyncio.timeout(30):
        while True:
            found: Json = (await registry.get(f"/v1/washes/{wash_id}", sender)).json()
            if found["state"] in {"done", "failed"}:
                return found
            await asyncio.sleep(0.05)


async def file(registry: Driver, sender: Party, wash_id: str, name: str) -> httpx2.Response:
    return await registry.get(f"/v1/washes/{wash_id}/files/{name}", sender)


async def do_all(database: Database, laundry: Laundry) -> None:
    while wash := await run_wash.take_wash(database):
        await run_wash.run_wash(database, laundry, wash)
