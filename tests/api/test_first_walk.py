"""The whole way once: parties, a mandate, an objection, a lookup that blocks, a withdrawal, a lookup."""

from tests.registry_driver import PHONE, Driver


async def test_an_objection_blocks_the_very_next_lookup(registry: Driver) -> None:
    sender, agent = await registry.controller(), await registry.agent()
    mandate = await registry.mandate(agent)
    assert mandate["state"] == "active"
    assert await registry.code(sender) == ("allow", "NO_OBJECTION_FOUND")
    made = await registry.objection(agent, mandate, [sender.id])
    assert made["state"] == "active"
    assert made["identifiers"][0]["canonical"] == PHONE
    assert await registry.code(sender) == ("block", "OBJ_DM")
