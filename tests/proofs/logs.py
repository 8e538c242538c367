"""P9: no personal data in logs. Marked people go through every route and every way to fail, of a real
server.

Each request has marks wherever a caller can put text: body, path, query, headers, also where they do not
belong; as every role and as nobody, well formed and broken; in the end the database is killed in the middle.
Then the server's log at its most talkative, the database's log and the metrics are searched. Traces are not
written at all.
"""

import asyncio
import json
import os
import re
import signal
from collections import Counter
from pathlib import Path
from random import Random
from secrets import token_hex
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any
from urllib.parse import quote

import httpx2

from tests.architecture.repository import ROOT
from tests.contract.examples import operations, read
from tests.process.running import Running
from tests.registry_driver import Driver, Json, Party, question

DOCUMENT: Json = json.loads((ROOT / "openapi" / "openapi.json").read_text("utf-8"))
MARKED = ["+46701740697", "08-465 004 97", "0701740697", "marked.person@example.com", "Marked Person",
          "19900101-2385", "200002292399", "Markedgatan 97"]  # fmt: skip
"""What stands in for somebody. The first seven can be read as identifiers."""

TRACES = re.compile(r"701740697|46500497|465 ?004 ?97|marked|9900101-?2385|0002292399", re.IGNORECASE)
METRICS = {"Authorization": "Bearer metrics-token"}
AT_ONCE = 8
SIZES = {False: 1_000, True: 50_000}


def marked(value: Any, chance: Random) -> Any:
    """A body with marks in place of texts, mostly where texts can be anything."""
    if isinstance(value, dict):
        return {
            key: marked(each, chance) if chance.random() < 0.9 else _mark(chance)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [marked(each, chance) for each in value]
    return _mark(chance) if isinstance(value, str) and chance.random() < 0.4 else value


def _mark(chance: Random) -> str:
    return chance.choice(MARKED)


def _content(example: Any, chance: Random) -> tuple[bytes, str]:
    """A body, and what it is said to be; now and then broken."""
    body = json.dumps(marked(example, chance) if chance.random() < 0.8 else example).encode()
    way = chance.random()
    if way < 0.1:
        return body[: chance.randrange(len(body) + 1)] + _mark(chance).encode(), "application/json"
    if way < 0.2:
        return body, chance.choice(["text/csv", "application/x-ndjson", "multipart/form-data", _mark(chance)])
    if way < 0.25:
        return (
            f'{{"{_mark(chance)}": "{_mark(chance)}", "{_mark(chance)}": NaN}}'.encode(),
            "application/json",
        )
    return body, "application/json"


async def _one(
    client: httpx2.AsyncClient, chance: Random, tried: Counter[int], who: list[Party | None]
) -> None:
    method, path, operation = chance.choice(_OPERATIONS)
    allowed = [one for one in who if one and one.role in operation.get("x-roles", ())]
    asker = chance.choice(allowed if allowed and chance.random() < 0.8 else who)
    headers = {"Idempotency-Key": chance.choice([token_hex(8), quote(_mark(chance))])}
    headers |= {
        "User-Agent": quote(_mark(chance)),
        "X-Request-Id": quote(_mark(chance)),
        "Sparr-Purpose": "audit",
    }
    headers |= {"Cookie": f"a={quote(_mark(chance))}", "Referer": f"http://x/{quote(_mark(chance))}"}
    headers |= asker.headers if asker else {"Authorization": f"Bearer {quote(_mark(chance))}"}
    unknown = "0198b1de-0000-7000-8000-000000000000"
    place = re.sub(r"\{\w+\}", lambda _: chance.choice([unknown, quote(_mark(chance))]), path)
    if chance.random() < 0.3:
        place += (
            f"?{quote(chance.choice(['cursor', 'q', 'controller_id', _mark(chance)]))}={quote(_mark(chance))}"
        )
    example = read(operation).get("request") if "requestBody" in operation else None
    content, media = _content(example, chance) if example is not None else (None, "")
    sent = {**headers, **({"Content-Type": media} if media else {})}
    try:
        answer = await client.request(method, place, content=content, headers=sent)
        tried[answer.status_code] += 1
    except httpx2.HTTPError:
        tried[0] += 1


_OPERATIONS = list(operations(DOCUMENT))


async def _genuine(driver: Driver) -> list[Party | None]:
    """What really is about the marked people, so that they are stored, sealed, asked for and found."""
    desk = await driver.controller("customer_service")
    sender, agent = await driver.credential(desk.id, "sender"), await driver.agent()
    given: list[Json] = [{"type": "phone", "value": MARKED[0]}, {"type": "email", "value": MARKED[3]}]
    mandate = await driver.mandate(agent, identifiers=given, reference=MARKED[4])
    await driver.objection(agent, mandate, [desk.id], identifiers=given)
    for person in given:
        await driver.enter(desk, person, reference=MARKED[4])
        await driver.consent(desk, person)
    await driver.look_up(sender, *MARKED)
    csv = {**desk.headers, "Content-Type": "text/csv"}
    rows = "phone,name\n" + "\n".join(f"{one},{MARKED[4]}" for one in MARKED)
    params = {"channel": "sms", "purpose": "marketing", "region": "SE"}
    for path in ("/v1/lookups/stream", "/v1/washes"):
        await driver.client.post(path, content=rows.encode(), headers=csv, params=params)
    await driver.client.post("/oauth/token", data={"client_id": MARKED[3], "client_secret": MARKED[0]})
    staff = [await driver.admin(), await driver.staff("auditor")]
    return [desk, sender, agent, await driver.source(), *staff, None]


async def _without_database(running: Running, driver: Driver, sender: Party) -> int:
    """How many lookups failed when the database was killed under them."""

    async def ask() -> bool:
        body = question(sender.id, *MARKED)
        try:
            return (await driver.post("/v1/lookups", body, sender)).status_code != 200
        except httpx2.HTTPError:
            return True

    asking = [asyncio.create_task(ask()) for _ in range(10)]
    os.kill(running.postmaster(), signal.SIGKILL)
    failed = sum(await asyncio.gather(*asking))
    for _ in range(200):
        failed += await ask()
        if failed and (await driver.client.get("/readyz")).status_code == 200:
            return failed
        await asyncio.sleep(0.05)
    return failed


async def _through(running: Running, total: int, seed: int) -> dict[str, Any]:
    chance, tried = Random(seed), Counter[int]()  # noqa: S311 - a choice that can be repeated
    async with running.client() as client:
        driver = running.driver(client)
        who = await _genuine(driver)
        for _ in range(total // AT_ONCE):
            await asyncio.gather(*(_one(client, chance, tried, who) for _ in range(AT_ONCE)))
            if tried[401] > total // 4 and chance.random() < 0.01:
                who = await _genuine(driver)
        sender = await driver.controller()
        failed = await _without_database(running, driver, sender)
        metrics = (await client.get("/metrics", headers=METRICS)).text
    return {"statuses": dict(sorted(tried.items())), "failed_without_database": failed, "metrics": metrics}


def found_in(texts: dict[str, str]) -> list[str]:
    """Where a mark was found: which text, which line, and its event alone."""
    return [
        f"{name}, line {number}: …{found.group()[:4]}…"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (found := TRACES.search(line))
    ]


def run(*, full: bool, seed: int) -> dict[str, Any]:
    began = monotonic()
    with TemporaryDirectory() as folder:
        settings = {"SPARR_METRICS_TOKEN": "metrics-token", "SPARR_LOG_LEVEL": "DEBUG"}
        running = Running(Path(folder) / "d", settings=settings)
        try:
            told = asyncio.run(_through(running, SIZES[full], seed))
        finally:
            running.stop()
        database = (running.data_dir / "pg.log").read_text(errors="replace")
        texts = {
            "the server's log": running.said(),
            "the database's log": database,
            "metrics": told.pop("metrics"),
        }
    sizes = {name: len(text.splitlines()) for name, text in texts.items()}
    seconds = round(monotonic() - began, 1)
    answered = sum(count for status, count in told["statuses"].items() if status)
    counts = {"requests": answered, "lines": sizes, **told}
    return {"seed": seed, "full": full, "seconds": seconds, **counts, "violations": found_in(texts)}
