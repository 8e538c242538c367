"""The doors through which somebody can be asked about, each as a sender goes through it."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2

from tests.api.washes.driving import ended, hand_in
from tests.registry_driver import Driver, Json, Party, iso, question

Door = Callable[[Driver, Party, list[Json]], Awaitable[httpx2.Response]]


def _lookup(method: str = "POST", **fields: Any) -> Door:
    async def ask(registry: Driver, desk: Party, people: list[Json]) -> httpx2.Response:
        asked = [{"all": people}] if fields.get("together") else people
        body = question(desk.id, *asked, **{k: v for k, v in fields.items() if k != "together"})
        return await registry.client.request(method, "/v1/lookups", json=body, headers=desk.headers)

    return ask


async def _searched(registry: Driver, desk: Party, people: list[Json]) -> httpx2.Response:
    for one in people:
        answer = await registry.post("/v1/entries/search", {"identifier": one}, desk)
        assert answer.json()["items"] == []
    return answer


async def _normalized(registry: Driver, desk: Party, people: list[Json]) -> httpx2.Response:
    return await registry.post("/v1/identifiers/normalize", {"items": people}, desk)


async def _linked(registry: Driver, desk: Party, people: list[Json]) -> httpx2.Response:
    items = [{"identifier": one, "channels": ["email"]} for one in people if "value" in one]
    return await registry.post("/v1/unsubscribe-links/batch", {"items": items}, desk)


async def _tried(registry: Driver, desk: Party, people: list[Json]) -> httpx2.Response:
    rows = "".join(f"{one['value']},email\n" for one in people if one["type"] == "email" and "value" in one)
    headers = {**desk.headers, "Content-Type": "text/csv"}
    file = f"identifier,type,channel\n{rows}".replace(",email\n", ",email,email\n").encode()
    return await registry.client.post("/v1/imports?dry_run=true", content=file, headers=headers)


async def _audited(registry: Driver, desk: Party, people: list[Json]) -> httpx2.Response:
    auditor = await registry.staff("auditor")
    asked = {"controller_id": desk.id, "channel": "sms", "purpose": "marketing", "region": "SE"}
    asked |= {"at": iso(datetime.now(UTC))}
    for one in people:
        answer = await registry.post(
            "/v1/audit/decisions", {**asked, "identifier": one}, auditor, Sparr_Purpose="Case 4711"
        )
        assert answer.status_code == 200, answer.text
    return answer


def _list(media: str, people: list[Json]) -> bytes:
    lines = list(map(json.dumps, people))
    if media == "text/csv":
        lines = ["phone;id", *(f'"{one.get("value") or one["sha256"]}";1' for one in people)]
    return "\n".join(lines).encode()


def _washed(media: str, **fields: str) -> Door:
    """The files of a wash lie in its own folder, for a time, and nowhere else."""

    async def ask(registry: Driver, desk: Party, people: list[Json]) -> httpx2.Response:
        answer = await hand_in(registry, desk, _list(media, people), media, controller_id=desk.id, **fields)
        wash_id = answer.json()["id"]
        assert (await ended(registry, desk, wash_id))["state"] == "done"
        return await registry.get(f"/v1/washes/{wash_id}/files/annotated", desk)

    return ask


def _streamed(media: str, **fields: str) -> Door:
    async def ask(registry: Driver, desk: Party, people: list[Json]) -> httpx2.Response:
        params = {"channel": "sms", "purpose": "marketing", "controller_id": desk.id, **fields}
        content, headers = _list(media, people), {**desk.headers, "Content-Type": media}
        answer = await registry.client.post(
            "/v1/lookups/stream", content=content, headers=headers, params=params
        )
        assert '"summary"' in answer.text, answer.text
        return answer

    return ask


DOORS: dict[str, Door] = {
    "full": _lookup(),
    "compact": _lookup(view="compact"),
    "query": _lookup("QUERY"),
    "one recipient of several identifiers": _lookup(together=True),
    "without a receipt": _lookup(receipt="none"),
    "an emergency": _lookup(purpose="emergency"),
    "a live call": _lookup(channel="voice_live"),
    "entries searched": _searched,
    "normalised": _normalized,
    "a stream of JSON": _streamed("application/x-ndjson"),
    "a wash of JSON, with a tree": _washed("application/x-ndjson", receipt="tree"),
    "a wash of CSV": _washed("text/csv"),
    "a stream of CSV, with a tree": _streamed("text/csv", receipt="tree"),
    "links made": _linked,
    "a file that is only tried": _tried,
    "decisions audited": _audited,
}
"""Every door through which somebody can be asked about. A new one belongs here."""
