"""An organisation that is registered twice has two lists, and its number reaches both."""

from tests.registry_driver import Driver, org_no


async def test_an_objection_at_an_organisation_number_blocks_at_every_registration_of_it(
    registry: Driver,
) -> None:
    number = org_no()
    twice = [await registry.controller(org_no=spelt) for spelt in (number, f"{number[:6]}-{number[6:]}")]
    other = await registry.controller()
    agent = await registry.agent()
    mandate = await registry.mandate(agent)
    made = await registry.objection(agent, mandate, [f"org:{number}"])
    assert {one["controller_id"] for one in made["controllers"]} == {party.id for party in twice}
    assert [await registry.code(party) for party in twice] == [("block", "OBJ_DM")] * 2
    assert await registry.code(other) == ("allow", "NO_OBJECTION_FOUND")


async def test_a_mandate_for_an_organisation_number_reaches_every_registration_of_it(
    registry: Driver,
) -> None:
    number = org_no()
    twice = [await registry.controller(org_no=number) for _ in range(2)]
    agent = await registry.agent()
    mandate = await registry.mandate(agent, controllers=[f"org:{number}"])
    assert set(mandate["controllers"]) == {party.id for party in twice}
    made = await registry.objection(agent, mandate, [party.id for party in twice])
    assert len(made["controllers"]) == 2
    assert made["refused"] == []
