"""Paging through the change feed: nothing is left out and nothing comes twice, whoever writes meanwhile."""

import asyncio
from typing import Any

import pytest

from tests.api.following import ask_changes, here, objects, page, rest
from tests.registry_driver import Driver, Json, Party, email


@pytest.fixture
async def desk(registry: Driver) -> Party:
    return await registry.controller("customer_service")


def ids(items: list[Json]) -> list[str]:
    return [one["id"] for one in items]


async def many(registry: Driver, desk: Party, count: int) -> list[str]:
    """Wishes of one batch: they are one version of the list."""
    items = [{"kind": "dnc", "identifier": email()} for _ in range(count)]
    answer = await registry.post("/v1/entries/batch", {"items": items}, desk)
    assert answer.status_code == 200, answer.text
    return [one["entry"]["id"] for one in answer.json()["results"]]


async def test_without_a_position_the_feed_begins_at_the_beginning(registry: Driver, desk: Party) -> None:
    entry = (await registry.enter(desk, email())).json()
    items, end = await rest(registry, desk)
    assert entry["id"] in {one["entry_id"] for one in items}
    assert len(set(ids(items))) == len(items)
    assert (await page(registry, desk, after=end))["items"] == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_a_batch_is_one_version_and_can_be_read_in_pieces(
    registry: Driver, desk: Party, limit: int
) -> None:
    start = await here(registry, desk)
    entries = await many(registry, desk, 6)
    whole, end = await rest(registry, desk, start)
    assert {one["entry_id"] for one in whole} == set(entries)
    pieces, last = await rest(registry, desk, start, limit)
    assert (pieces, last) == (whole, end)


async def test_the_feed_goes_on_after_each_item_by_its_own_position(registry: Driver, desk: Party) -> None:
    start = await here(registry, desk)
    await many(registry, desk, 3)
    await registry.enter(desk, email())
    whole, _ = await rest(registry, desk, start)
    assert len(whole) == 4
    for n, item in enumerate(whole, 1):
        later, _ = await rest(registry, desk, item["as_of"])
        assert ids(later) == ids(whole)[n:]


async def test_the_cursor_is_the_position_and_null_at_the_end(registry: Driver, desk: Party) -> None:
    start = await here(registry, desk)
    await many(registry, desk, 3)
    first = await page(registry, desk, after=start, limit=2)
    assert first["next_cursor"] == first["as_of"] == first["items"][-1]["as_of"]
    second = await page(registry, desk, after=start, cursor=first["next_cursor"], limit=2)
    assert (len(second["items"]), second["next_cursor"]) == (1, None)
    assert not set(ids(first["items"])) & set(ids(second["items"]))


async def test_the_position_of_any_answer_is_one_to_go_on_from(registry: Driver, desk: Party) -> None:
    before = (await registry.look_up(desk, email(), channel="email"))["as_of"]
    entry = (await registry.enter(desk, email())).json()
    items, _ = await rest(registry, desk, before)
    assert [one["entry_id"] for one in items] == [entry["id"]]


async def test_a_lookup_that_demands_a_position_of_the_feed_reflects_it(
    registry: Driver, desk: Party
) -> None:
    start, person = await here(registry, desk), email()
    await registry.enter(desk, person)
    [item] = (await rest(registry, desk, start))[0]
    found = await registry.look_up(desk, person, channel="email", min_as_of=item["as_of"])
    assert found["results"][0]["decision"] == "block"


async def test_what_a_consent_masks_is_read_in_pieces_too(registry: Driver, desk: Party) -> None:
    person = email()
    await objects(registry, desk, person)
    await registry.enter(desk, person)
    await registry.enter(desk, person, "channel_optout", channels=["email"])
    start = await here(registry, desk)
    await registry.consent(desk, person, channels=["email"])
    whole, _ = await rest(registry, desk, start)
    assert [one["change"] for one in whole] == ["masked"] * 3
    assert (await rest(registry, desk, start, 1))[0] == whole


@pytest.mark.parametrize(("limit", "items"), [("0", 1), ("-3", 1), ("2", 2), ("99999", 3)])
async def test_a_limit_is_brought_into_its_range(
    registry: Driver, desk: Party, limit: str, items: int
) -> None:
    start = await here(registry, desk)
    await many(registry, desk, 3)
    assert len((await page(registry, desk, after=start, limit=limit))["items"]) == items


@pytest.mark.parametrize("query", [{"limit": "many"}, {"wait": "long"}, {"wait": "1.5"}])
async def test_what_is_no_number_is_refused(registry: Driver, desk: Party, query: dict[str, str]) -> None:
    answer = await ask_changes(registry, desk, **query)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")


@pytest.mark.parametrize(
    "token", ["", "17", "1.2.", "1.2.!", "-1.2", "1.2.AAAA", "9" * 200, "1.2.3.4", "\u0661.\u0662"]
)
async def test_what_is_no_position_is_refused(registry: Driver, desk: Party, token: str) -> None:
    answer = await ask_changes(registry, desk, after=token)
    assert (answer.status_code, answer.json()["code"]) == (422, "BAD_CURSOR")


@pytest.mark.parametrize("ahead", [(1, 0), (0, 1), (10**18, 10**18)])
async def test_a_position_of_the_future_is_refused(
    registry: Driver, desk: Party, ahead: tuple[int, int]
) -> None:
    own, everybody, *_ = (await here(registry, desk)).split(".")
    token = f"{int(own) + ahead[0]}.{int(everybody) + ahead[1]}"
    answer = await ask_changes(registry, desk, after=token)
    assert (answer.status_code, answer.json()["code"]) == (409, "UNKNOWN_POSITION")


async def test_a_position_of_another_controller_is_refused(registry: Driver, desk: Party) -> None:
    other = await registry.controller()
    answer = await ask_changes(registry, desk, after=await here(registry, other))
    assert (answer.status_code, answer.json()["code"]) == (409, "UNKNOWN_POSITION")


async def test_a_position_that_was_tampered_with_is_refused(registry: Driver, desk: Party) -> None:
    await many(registry, desk, 2)
    own, everybody, seal = (await here(registry, desk)).split(".")
    answer = await ask_changes(registry, desk, after=f"{int(own) - 1}.{everybody}.{seal}")
    assert (answer.status_code, answer.json()["code"]) == (409, "UNKNOWN_POSITION")


async def test_a_position_of_another_history_is_refused(registry: Driver, desk: Party, behind: Any) -> None:
    """As after the registry was restored and went another way: the same version, another event."""
    entry = (await registry.enter(desk, email())).json()
    at = await here(registry, desk)
    changed = await behind.execute(
        "UPDATE registry.controller_version SET event_id = gen_random_uuid() WHERE event_id = $1::text::uuid",
        entry["event_id"],
    )
    assert changed == "UPDATE 1"
    answer = await ask_changes(registry, desk, after=at)
    assert (answer.status_code, answer.json()["code"]) == (409, "UNKNOWN_POSITION")


async def follow(registry: Driver, who: Party, at: str, limit: int, done: asyncio.Event) -> list[Json]:
    """Read on in pieces until the writers are done and nothing is left."""
    items: list[Json] = []
    while True:
        last = done.is_set()
        found = await page(registry, who, after=at, limit=limit)
        items += found["items"]
        at = found["as_of"]
        if last and not found["items"] and found["next_cursor"] is None:
            return items


async def write(registry: Driver, desk: Party, agent: Party, done: asyncio.Event) -> set[str]:
    """Entries of the controller's own list and of that of all controllers, alone and in batches, at once."""
    written: set[str] = set()

    async def enters() -> None:
        for _ in range(12):
            written.add((await registry.enter(desk, email())).json()["id"])
            written.update(await many(registry, desk, 5))

    async def objects_everywhere() -> None:
        for _ in range(8):
            person = email()
            mandate = await registry.mandate(agent, identifiers=[person])
            made = await registry.objection(agent, mandate, "all", identifiers=[person])
            written.update(made["controllers"][0]["entry_ids"])

    await asyncio.gather(enters(), enters(), objects_everywhere())
    done.set()
    return written


def versions(items: list[Json], *, everywhere: bool) -> list[int]:
    """The versions of one list in the order in which its changes came."""
    place = 1 if everywhere else 0
    return [int(one["as_of"].split(".")[place]) for one in items if one["everywhere"] is everywhere]


async def test_while_others_write_nothing_is_left_out_and_nothing_comes_twice(
    registry: Driver, agent: Party
) -> None:
    """Three readers follow in pieces of different size."""
    desk, done = await registry.controller("customer_service"), asyncio.Event()
    start = await here(registry, desk)
    following = [asyncio.create_task(follow(registry, desk, start, limit, done)) for limit in (1, 4, 1000)]
    written = await write(registry, desk, agent, done)
    feeds = [await one for one in following]
    for items in feeds:
        assert len(set(ids(items))) == len(items)
        assert {one["entry_id"] for one in items} == written
        for everywhere in (True, False):
            came = versions(items, everywhere=everywhere)
            assert came == sorted(came)
    assert {frozenset(ids(items)) for items in feeds} == {frozenset(ids(feeds[0]))}
