"""Customer service finds the entries of a person, its own and those for all controllers."""

from uuid import uuid4

from tests.registry_driver import Driver, Json, Party, email


async def search(registry: Driver, desk: Party, identifier: Json, query: str = "") -> Json:
    answer = await registry.post(f"/v1/entries/search{query}", {"identifier": identifier}, desk)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_a_search_finds_every_entry_of_the_identifier_in_the_order_they_were_made(
    registry: Driver,
) -> None:
    desk, person = await registry.controller("customer_service"), email()
    made = [
        (await registry.enter(desk, person)).json(),
        (await registry.enter(desk, person, "channel_optout", channels=["sms"])).json(),
        (await registry.enter(desk, person, "service_unsub", service_id="news")).json(),
    ]
    await registry.enter(desk, email())
    found = await search(registry, desk, {"type": "email", "value": person["value"].upper()})
    assert found == {"items": made, "next_cursor": None}
    assert (await search(registry, desk, email()))["items"] == []


async def test_a_search_is_paged_without_gaps(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    made = [
        (await registry.enter(desk, person, "service_unsub", service_id=str(n))).json()["id"]
        for n in range(5)
    ]
    seen: list[str] = []
    query = "?limit=2"
    while query:
        page = await search(registry, desk, person, query)
        assert len(page["items"]) <= 2
        seen += [one["id"] for one in page["items"]]
        query = f"?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert seen == made


async def test_a_search_finds_by_any_spelling_an_entry_is_kept_under(registry: Driver) -> None:
    desk, person = await registry.controller("customer_service"), email()
    local, _, domain = person["value"].partition("@")
    entry = (await registry.enter(desk, {"type": "email", "value": f"{local}+news@{domain}"})).json()
    assert [one["id"] for one in (await search(registry, desk, person))["items"]] == [entry["id"]]
    items = (await registry.post("/v1/identifiers/normalize", {"items": [person]}, desk)).json()["items"]
    hashed = {"type": "email", "sha256": items[0]["sha256"]}
    assert [one["id"] for one in (await search(registry, desk, hashed))["items"]] == [entry["id"]]


async def test_a_search_shows_what_blocks_everywhere_and_nothing_of_another_controller(
    registry: Driver,
) -> None:
    desk, other = [await registry.controller("customer_service") for _ in range(2)]
    agent, person = await registry.agent(), email()
    mandate = await registry.mandate(agent, identifiers=[person])
    await registry.enter(other, person)
    mine = await registry.objection(agent, mandate, [desk.id, other.id], identifiers=[person])
    everywhere = await registry.objection(agent, mandate, "all", identifiers=[person])
    found = (await search(registry, desk, person))["items"]
    ids = {one["controller_id"]: one["entry_ids"] for one in mine["controllers"]}
    assert [one["id"] for one in found] == [*ids[desk.id], *everywhere["controllers"][0]["entry_ids"]]
    assert [(one["kind"], one["scope"]) for one in found] == [
        ("objection", "controller"),
        ("objection", "all"),
    ]
    assert [one["purposes"] for one in found] == [["direct_marketing"]] * 2
    for secret in (agent.id, mandate["id"], "Anna", other.id):
        assert secret not in str(found)


async def test_an_identifier_that_cannot_be_read_cannot_be_searched(registry: Driver) -> None:
    desk = await registry.controller("customer_service")
    answer = await registry.post(
        "/v1/entries/search", {"identifier": {"type": "phone", "value": "112"}}, desk
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_IDENTIFIER")


async def test_a_controller_reads_its_own_entry_and_no_other(registry: Driver) -> None:
    desk, other = [await registry.controller("customer_service") for _ in range(2)]
    entry = (await registry.enter(desk, email())).json()
    assert (await registry.get(f"/v1/entries/{entry['id']}", desk)).json() == entry
    foreign = await registry.get(f"/v1/entries/{entry['id']}", other)
    unknown = await registry.get(f"/v1/entries/{uuid4()}", other)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "NOT_FOUND")
    assert {**foreign.json(), "instance": ""} == {**unknown.json(), "instance": ""}


async def test_the_canary_of_a_list_is_nobodys_entry(registry: Driver) -> None:
    """It is made with the controller, and no path of the API shows, finds or releases it."""
    desk = await registry.controller("customer_service")
    assert (await search(registry, desk, email()))["items"] == []
    assert (await registry.get(f"/v1/entries/{desk.id}", desk)).status_code == 404
