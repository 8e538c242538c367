"""An agent posts objections: at whom, in which channels, and what is refused while the rest stands."""

from secrets import token_hex
from typing import Any
from uuid import uuid4

import httpx2

from tests.direct import row_counts
from tests.registry_driver import PHONE, Driver, Json, Party, org_no

OBJECTED = ("block", "OBJ_DM")
CLEAR = ("allow", "NO_OBJECTION_FOUND")
REFUSED_CONTROLLER = (403, "AUTH_CONTROLLER")


def somebody() -> Json:
    """Nobody else's address: what is posted to all controllers stays in force for every later test."""
    return {"type": "email", "value": f"p{token_hex(6)}@example.com"}


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_controllers_are_named_by_id_or_organisation_number(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    first, second = await registry.controller(), await registry.controller(org_no="SC-" + org_no())
    named = [first.id.upper(), f"org:{second.extra['org_no']}", first.id]
    made = await registry.objection(agent, mandate, named)
    assert sorted(one["controller_id"] for one in made["controllers"]) == sorted([first.id, second.id])
    assert [len(one["entry_ids"]) for one in made["controllers"]] == [1, 1]
    assert await registry.code(first) == await registry.code(second) == OBJECTED


async def test_an_objection_to_an_organisation_reaches_each_of_its_lists(
    registry: Driver, agent: Party, mandate: Json
) -> None:
    number = org_no()
    first, second = await registry.controller(org_no=number), await registry.controller(org_no=number)
    await registry.objection(agent, mandate, [f"org:{number}"])
    assert await registry.code(first) == await registry.code(second) == OBJECTED


async def test_an_unknown_controller_among_known_ones_is_refused_by_itself(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    unknown, nobody = str(uuid4()), f"org:{org_no()}"
    made = await registry.objection(agent, mandate, [unknown, sender.id, nobody, agent.id])
    assert made["refused"] == [
        {"part": "controller", "value": name, "code": "AUTH_CONTROLLER"}
        for name in (unknown, nobody, agent.id)
    ]
    assert [one["controller_id"] for one in made["controllers"]] == [sender.id]
    assert (await registry.get(f"/v1/objections/{made['id']}", agent)).json() == made
    assert await registry.code(sender) == OBJECTED


async def test_unknown_controllers_alone_are_refused(
    registry: Driver, agent: Party, mandate: Json, behind: Any
) -> None:
    before = await row_counts(behind)
    answer = await registry.object_to(agent, mandate, [str(uuid4()), f"org:{org_no()}"])
    assert refusal(answer) == REFUSED_CONTROLLER
    changed = {name for name, rows in (await row_counts(behind)).items() if rows != before[name]}
    assert changed == {"registry.event", "registry.idempotency", "vault.answer"}


async def test_one_row_blocks_at_all_controllers(
    registry: Driver, agent: Party, mandate: Json, sender: Party, behind: Any
) -> None:
    person, before = somebody(), await row_counts(behind)
    made = await registry.objection(agent, mandate, "all", identifiers=[person])
    after = await row_counts(behind)
    assert [one["controller_id"] for one in made["controllers"]] == ["all"]
    assert after["registry.entry"] - before["registry.entry"] == 1
    assert after["registry.objection_controller"] - before["registry.objection_controller"] == 1
    later = await registry.controller()
    for each in (sender, later):
        found = (await registry.look_up(each, person))["results"][0]
        assert (found["code"], found["entry_id"]) == ("OBJ_DM", made["controllers"][0]["entry_ids"][0])


async def test_a_mandate_for_some_controllers_reaches_no_other(
    registry: Driver, agent: Party, sender: Party
) -> None:
    limited, other = await registry.mandate(agent, controllers=[sender.id]), await registry.controller()
    made = await registry.objection(agent, limited, [other.id, sender.id])
    assert made["refused"] == [{"part": "controller", "value": other.id, "code": "MANDATE_SCOPE"}]
    assert (await registry.code(sender), await registry.code(other)) == (OBJECTED, CLEAR)
    assert refusal(await registry.object_to(agent, limited, [other.id])) == (403, "MANDATE_SCOPE")
    everywhere = await registry.object_to(agent, limited, "all", identifiers=[somebody()])
    assert refusal(everywhere) == (403, "MANDATE_SCOPE")


async def test_a_mandate_for_some_channels_reaches_no_other(
    registry: Driver, agent: Party, sender: Party
) -> None:
    limited = await registry.mandate(agent, channels=["sms", "email"])
    made = await registry.objection(agent, limited, [sender.id], channels=["sms", "voice_live"])
    assert made["channels"] == ["sms"]
    assert made["refused"] == [{"part": "channel", "value": "voice_live", "code": "MANDATE_SCOPE"}]
    assert await registry.code(sender) == OBJECTED
    assert await registry.code(sender, channel="voice_live") == CLEAR
    other = await registry.object_to(agent, limited, [sender.id], channels=["post_addressed"])
    assert refusal(other) == (403, "MANDATE_SCOPE")


async def test_all_channels_are_as_many_as_the_mandate_reaches(
    registry: Driver, agent: Party, sender: Party
) -> None:
    limited = await registry.mandate(agent, channels=["sms", "email"])
    made = await registry.objection(agent, limited, [sender.id], channels="all")
    assert (made["channels"], made["refused"]) == (["sms", "email"], [])


async def test_the_right_to_object_to_profiling_reaches_profiling_alone(
    registry: Driver, agent: Party, sender: Party
) -> None:
    profiling = await registry.mandate(agent, rights=["object_dm_profiling"])
    made = await registry.objection(agent, profiling, [sender.id])
    assert made["channels"] == ["profiling"]
    phone = {"type": "phone", "value": PHONE}
    assert await registry.code(sender, phone, channel="profiling") == OBJECTED
    assert await registry.code(sender) == CLEAR


async def test_an_agent_objects_to_direct_marketing_and_to_no_other_purpose(
    registry: Driver, agent: Party, mandate: Json, sender: Party
) -> None:
    both = await registry.objection(
        agent, mandate, [sender.id], purposes=["direct_marketing", "political"], kinds=["art21_2", "art21_1"]
    )
    assert both["refused"] == [
        {"part": "kind", "value": "art21_1", "code": "MANDATE_SCOPE"},
        {"part": "purpose", "value": "political", "code": "MANDATE_SCOPE"},
    ]
    assert (both["kinds"], both["purposes"]) == (["art21_2"], ["direct_marketing"])
    political = await registry.object_to(agent, mandate, [sender.id], purposes=["political"])
    assert refusal(political) == (403, "MANDATE_SCOPE")
