"""Every page of the console with a real address, so that walks go through all of them."""

from tests.console.conftest import World


def pages(world: World) -> list[str]:
    """What can be read by following links."""
    mandate, objection = world.mandate["id"], world.objection["id"]
    return [
        "/",
        "/mandates",
        "/mandates?state=active",
        "/mandates?state=contested",
        "/mandates?state=expired",
        f"/mandates?agent={world.agent.id}",
        f"/mandates/{mandate}",
        f"/mandates/{mandate}/history",
        f"/mandates/{world.contested_mandate['id']}",
        "/objections",
        "/objections?state=contested",
        f"/objections?mandate={mandate}",
        f"/objections/{objection}",
        f"/objections/{world.contested_objection['id']}",
        "/search",
        "/agents",
        f"/agents/{world.agent.id}",
        "/contested",
        "/registers",
        "/journal",
        "/controllers",
        f"/controllers/{world.controller.id}",
    ]
