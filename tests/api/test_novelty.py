"""Whoever asks about everybody is slowed and flagged; who asks about its customers notices nothing."""

import json
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from app.domain.column import Column
from app.storage.database import Database
from app.storage.novelty import AskedAbout, NoveltyWatch
from app.usecases.weigh_novelty import note_novelty
from tests.api.fiction import numbers
from tests.registry_driver import Driver, Party, question

LARGE = 10_000
_FLAGGED = text("""
SELECT kind, actor_id, detail FROM registry.event WHERE object_id = :id AND kind LIKE 'lookups.%'
""")


@pytest.fixture
async def small(registry: Driver) -> Party:
    """A controller of a thousand customers."""
    return await registry.controller(policy={"customer_base": 1_000})


async def wash(registry: Driver, sender: Party, count: int, **fields: object) -> tuple[int, str | None]:
    answer = await registry.ask(sender, *numbers(count), **{"view": "compact", **fields})
    return answer.status_code, answer.json().get("code")


async def test_a_controller_that_asks_beyond_its_customers_is_slowed_and_an_admin_sees_it(
    registry: Driver, database: Database, small: Party
) -> None:
    assert (await wash(registry, small, 2_000))[0] == 200
    assert (await wash(registry, small, 3_000))[0] == 200
    refused = await registry.ask(small, *numbers(3_000))
    assert (refused.status_code, refused.json()["code"]) == (429, "NOVELTY_EXCEEDED")
    assert int(refused.headers["Retry-After"]) > 1
    await note_novelty(database, datetime.now(UTC))
    async with database.read() as unit:
        flagged = await unit.rows(_FLAGGED, {"id": small.id})
    assert [(one.kind, one.actor_id, one.detail["customer_base"]) for one in flagged] == [
        ("lookups.slowed", None, 1_000)
    ]
    assert flagged[0].detail["identifiers"] == pytest.approx(2_000, rel=0.06)
    others = await registry.controller()
    assert (await wash(registry, others, 3_000))[0] == 200


async def test_an_admin_who_declares_more_customers_lets_it_go_on(registry: Driver, small: Party) -> None:
    for _ in range(2):
        await wash(registry, small, 2_000)
    assert (await wash(registry, small, 2_000))[0] == 429
    changed = await registry.client.patch(
        f"/v1/controllers/{small.id}/policy",
        json={"customer_base": 1_000_000},
        headers=(await registry.admin()).headers,
    )
    assert changed.json()["customer_base"] == 1_000_000
    demanded = {"min_as_of": changed.json()["as_of"]}
    assert (await wash(registry, small, 2_000, **demanded))[0] == 200


async def test_a_warning_of_danger_reaches_everybody(registry: Driver, small: Party) -> None:
    for _ in range(2):
        await wash(registry, small, 2_000)
    assert (await wash(registry, small, 2_000, purpose="emergency"))[0] == 200
    promoted = {"purpose": "emergency", "promo": True}
    assert (await wash(registry, small, 2_000, **promoted))[0] == 429


async def test_a_list_of_any_length_ends_where_its_controller_is_slowed(
    registry: Driver, small: Party
) -> None:
    body = "".join(f"{json.dumps(number)}\n" for number in numbers(50_000)).encode()
    headers = {**small.headers, "Content-Type": "application/x-ndjson"}
    path = f"/v1/lookups/stream?controller_id={small.id}&channel=sms&purpose=marketing"
    answers = [await registry.client.post(path, content=body, headers=headers) for _ in range(2)]
    assert json.loads(answers[0].content.splitlines()[-1])["error"]["code"] == "NOVELTY_EXCEEDED"
    assert answers[1].status_code == 429


async def test_one_recipient_in_several_spellings_is_one(registry: Driver) -> None:
    sender = await registry.controller(policy={"customer_base": 1_000})
    spelt = [f"person{n}+tag@example.com" for n in range(1_200)]
    for _ in range(3):
        answer = await registry.ask(sender, *spelt, channel="email", view="compact")
        assert answer.status_code == 200


async def test_it_costs_a_large_lookup_next_to_nothing(registry: Driver, database: Database) -> None:
    """The best of some rounds each, in the same run: 10,000 numbers in E.164, compact, with a receipt."""
    sender = await registry.controller()
    asked = [f"+467{'02369'[n % 5]}{n * 7_919 % 10**7:07}" for n in range(LARGE)]
    body = json.dumps({**question(sender.id, *asked), "view": "compact"}).encode()
    headers = {**sender.headers, "Content-Type": "application/json"}
    whole, parts, watch = [], [], NoveltyWatch()
    fingerprints = database.instruments.fingerprints.texts("phone", asked)
    about = AskedAbout([(Column.of(asked), fingerprints)], [])
    for _ in range(12):
        begun = time.perf_counter()
        assert (await registry.client.post("/v1/lookups", content=body, headers=headers)).status_code == 200
        whole.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        assert watch.admits(1, UUID(sender.id), None, about)
        parts.append(time.perf_counter() - begun)
    share = min(parts) / min(whole)
    print(f"{min(parts) * 1e6:.0f} µs of {min(whole) * 1e3:.1f} ms: {share:.1%}")
    assert share < 0.05
