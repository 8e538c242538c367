"""P8: tenants cannot see or affect each other.

A stranger of every role tries every operation with the ids of everything that is there: it is answered like
an id that nobody has. A controller's day gives the same bytes whether or not another controller's data lies
beside it. And how long an answer takes does not tell whether another controller knows somebody.
"""

import asyncio
import json
import re
from random import Random
from secrets import token_hex
from statistics import median
from time import monotonic, perf_counter
from typing import Any
from urllib.parse import urlencode

from structlog.testing import capture_logs

from app.crypto.keys import KeyRing
from tests.architecture.repository import ROOT
from tests.conftest import Clone
from tests.contract.examples import TIMES, TOKENS, UUIDS, operations, read
from tests.direct import superuser
from tests.proofs.own_registry import founded
from tests.registry_driver import GIVEN, Driver, Json, Party, question, served
from tests.storage.busy import Busy, make_busy

UNKNOWN = "0198b1de-0000-7000-8000-000000000000"
DOCUMENT: Json = json.loads((ROOT / "openapi" / "openapi.json").read_text("utf-8"))
EVERYTHING = {
    "mandate_id": "SELECT id FROM registry.mandate m WHERE NOT EXISTS (SELECT FROM registry.objection o"
    " JOIN registry.objection_controller c ON c.objection_id = o.id WHERE o.mandate_id = m.id"
    " AND c.controller_no = 0)",
    "objection_id": "SELECT id FROM registry.objection o WHERE NOT EXISTS (SELECT FROM"
    " registry.objection_controller c WHERE c.objection_id = o.id AND c.controller_no = 0)",
    "entry_id": "SELECT id FROM registry.entry WHERE controller_no > 0 AND kind > 0",
    "consent_id": "SELECT id FROM registry.consent",
    "relationship_id": "SELECT id FROM registry.relationship",
    "lookup_id": "SELECT lookup_id FROM registry.lookup_note",
    "wash_id": "SELECT id FROM ops.wash",
    "import_id": "SELECT id FROM registry.opt_out_import",
    "source_id": "SELECT id FROM registry.party WHERE kind IN ('source', 'controller', 'agent')",
}
"""By the name of a parameter, all that a stranger could put there; but what was said to all is theirs too."""

MORE = {"read_mandate_evidence": {"Sparr-Purpose": "audit"}}


async def foreign_ids(busy: Busy, chance: Random, most: int) -> tuple[int, list[str]]:
    """How many tries there were, and those that were not answered like an unknown id."""
    driver, behind = busy.driver, await superuser(busy.url)
    ids = {name: [str(row[0]) for row in await behind.fetch(sql)] for name, sql in EVERYTHING.items()}
    await behind.close()
    strangers = await _strangers(driver)
    tried, found = 0, list[str]()
    for method, path, operation in operations(DOCUMENT):
        names = re.findall(r"\{(\w+)\}", path)
        for role in set(operation.get("x-roles", ())) & strangers.keys() if names else ():
            unknown = await _try(driver, strangers[role], (method, path, operation), UNKNOWN)
            if unknown[0] != 404:
                found.append(f"{method} {path} as {role}: an unknown id is answered {unknown[0]}")
            for one in _some(ids, names[0], chance, most):
                tried += 1
                if await _try(driver, strangers[role], (method, path, operation), one) != unknown:
                    found.append(
                        f"{method} {path} as {role}: a foreign id is not answered like an unknown one"
                    )
    return tried, found


def _some(ids: dict[str, list[str]], name: str, chance: Random, most: int) -> list[str]:
    """At most so many of the sort that is asked for, and one of every other sort."""
    own = chance.sample(ids[name], min(most, len(ids[name])))
    return [*own, *(found[-1] for kind, found in ids.items() if kind != name and found)]


async def _strangers(driver: Driver) -> dict[str, Party]:
    controller = await driver.controller()
    return {
        "sender": controller,
        "customer_service": await driver.desk(controller),
        "agent": await driver.agent(),
        "source": await driver.source(),
    }


async def _try(driver: Driver, who: Party, asked: tuple[str, str, Json], id_: str) -> tuple[int, str]:
    """Status and body of an answer, without the address that was asked."""
    method, path, operation = asked
    filled = re.sub(r"\{\w+\}", id_, path, count=1)
    filled = re.sub(r"\{name\}", "annotated", filled)
    body = read(operation).get("request") if "requestBody" in operation else None
    headers = {**who.headers, "Idempotency-Key": token_hex(8), **MORE.get(operation["operationId"], {})}
    query = (
        {"controller_id": who.id} if "controller_id" in json.dumps(operation.get("parameters", [])) else {}
    )
    place = f"{filled}?{urlencode(query)}" if query else filled
    answer = await driver.client.request(method, place, json=body, headers=headers)
    said = answer.json() if answer.content and "json" in answer.headers["content-type"] else {}
    return answer.status_code, json.dumps({**said, "instance": None}) if isinstance(said, dict) else "…"


# --- the same day, with and without somebody else's ---

SINCE = "2026-01-01T00:00:00Z"
PEOPLE: list[Json] = [{"type": "email", "value": f"tenant{number}@example.com"} for number in range(12)]


async def day(driver: Driver, *, beside: bool) -> list[str]:
    """All that a controller is answered in a day; `beside` another does everything with the same people."""
    mine = await driver.controller("customer_service", org_no="5560000001", policy={"basis": "recorded"})
    sender, agent = await driver.credential(mine.id, "sender"), await driver.agent()
    other = await driver.controller("customer_service", org_no="5560000002") if beside else None
    mandate = await driver.mandate(agent, identifiers=PEOPLE)
    said: list[str] = []
    for number, person in enumerate(PEOPLE):
        if other:
            await _act(driver, other, agent, mandate, person, number + 1)
        said += await _act(driver, mine, agent, mandate, person, number)
    said += await _asked(driver, sender, mine)
    return [_same_in_each_run(one) for one in said]


async def _act(
    driver: Driver, desk: Party, agent: Party, mandate: Json, person: Json, number: int
) -> list[str]:
    own: Json = {"kinds": ["art21_2"], "controllers": [desk.id], "identifiers": [person], "channels": "all"}
    given = {"identifier": person, "channels": ["sms"], "purposes": ["marketing"]}
    acts: list[tuple[Party, str, Json]] = [
        (desk, "/v1/entries", {"kind": "dnc", "identifier": person}),
        (agent, "/v1/objections", {**own, "mandate_id": mandate["id"]}),
        (desk, "/v1/objections", {**own, "origin": "self", "evidence": {"method": "call", "reference": "1"}}),
        (desk, "/v1/consents", {**given, **GIVEN}),
        (desk, "/v1/relationships", {"identifier": person, "kind": "member", "since": SINCE}),
    ]
    who, path, body = acts[number % len(acts)]
    answer = await driver.post(path, body, who, Idempotency_Key=f"{desk.id}-{number}")
    searched = await driver.post("/v1/entries/search", {"identifier": person}, desk)
    return [f"{one.status_code}\n{one.text}" for one in (answer, searched)]


async def _asked(driver: Driver, sender: Party, desk: Party) -> list[str]:
    answers = [
        await driver.post("/v1/lookups", question(sender.id, *PEOPLE, "see notes"), sender),
        await driver.post("/v1/lookups", question(sender.id, *PEOPLE, channel="sms", view="compact"), sender),
        await driver.get(f"/v1/changes?controller_id={sender.id}", sender),
        await driver.get(f"/v1/changes?controller_id={sender.id}&limit=3", desk),
        *[await driver.post("/v1/consents/search", {"identifier": one}, desk) for one in PEOPLE],
        *[await driver.post("/v1/relationships/search", {"identifier": one}, desk) for one in PEOPLE],
        await driver.get(f"/v1/entries/{UNKNOWN}", desk),
    ]
    return [f"{one.status_code}\n{one.text}" for one in answers]


_KEYED = re.compile(r'"(request_sha256|answer_sha256|next_cursor|cursor|as_of|etag)": ?"[^"]*"')


def _same_in_each_run(text: str) -> str:
    """Without what is another in every registry: ids (told by their order), times and signatures."""
    seen: dict[str, str] = {}
    text = UUIDS.sub(lambda found: seen.setdefault(found.group(), f"id-{len(seen)}"), text)
    positions = [
        re.sub(r"\.[\w-]{16,}", "", found.group()) for found in re.finditer(r'"as_of": ?"[^"]*"', text)
    ]
    return TOKENS.sub("token", TIMES.sub("time", _KEYED.sub("", text))) + "".join(positions)


# --- how long it takes ---


async def timing(driver: Driver, chance: Random, pairs: int) -> tuple[float, dict[str, float]]:
    """How often an answer about somebody whom another controller knows took longer than one about nobody
    (0.5: it does not tell), and the medians in milliseconds."""
    asker, other = await driver.controller(), await driver.controller("customer_service")
    known = [{"type": "email", "value": f"known{number}@example.com"} for number in range(pairs)]
    nobody = [{"type": "email", "value": f"nobody{number}@example.com"} for number in range(pairs)]
    items = {"items": [{"kind": "dnc", "identifier": one} for one in known]}
    assert (await driver.post("/v1/entries/batch", items, other)).status_code == 200
    took: dict[str, list[float]] = {"known": [], "nobody": []}
    await driver.look_up(asker, *known[:3])
    for number in range(pairs):
        two = [("known", known[number]), ("nobody", nobody[number])]
        for name, person in chance.sample(two, 2):
            began = perf_counter()
            await driver.look_up(asker, person)
            took[name].append(perf_counter() - began)
    longer = sum(a > b for a in took["known"] for b in took["nobody"]) / pairs**2
    return longer, {name: round(median(values) * 1000, 3) for name, values in took.items()}


async def check(urls: tuple[str, str, str], ring: KeyRing, *, full: bool, seed: int) -> dict[str, Any]:
    """On three databases that are founded and empty."""
    began, chance = monotonic(), Random(seed)  # noqa: S311 - a choice that can be repeated
    busy = await make_busy(urls[0], ring)
    tried, violations = await foreign_ids(busy, chance, 1000 if full else 2)
    pairs = 1000 if full else 120
    longer, medians = await timing(busy.driver, chance, pairs)
    if not 0.35 < longer < 0.65:
        violations.append(f"the time of an answer tells who is known to others: {longer:.2f}")
    await busy.close()
    days = []
    for url, beside in ((urls[1], False), (urls[2], True)):
        async with served(url, ring) as driver:
            days.append(await day(driver, beside=beside))
    differing = [n for n, (one, other) in enumerate(zip(*days, strict=True)) if one != other]
    violations += [f"answer {n} is another one beside somebody else's data" for n in differing]
    return {
        "seed": seed,
        "full": full,
        "seconds": round(monotonic() - began, 1),
        "foreign_ids_tried": tried,
        "answers_compared": len(days[0]),
        "timing_pairs": pairs,
        "known_took_longer": round(longer, 3),
        "median_ms": medians,
        "violations": violations,
    }


async def on_clones(clone: Clone, ring: KeyRing, *, full: bool, seed: int) -> dict[str, Any]:
    with capture_logs():
        return await check((await clone(), await clone(), await clone()), ring, full=full, seed=seed)


def run(*, full: bool, seed: int) -> dict[str, Any]:
    async def whole() -> dict[str, Any]:
        ring = KeyRing.generate()
        async with founded(ring) as url:
            behind = await superuser(url, "postgres")
            name = url.rpartition("/")[2].partition("?")[0]

            async def clone() -> str:
                copy = f"clone_{token_hex(6)}"
                await behind.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
                return url.replace(f"/{name}?", f"/{copy}?")

            try:
                return await on_clones(clone, ring, full=full, seed=seed)
            finally:
                await behind.close()

    return asyncio.run(whole())
