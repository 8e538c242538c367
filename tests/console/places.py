"""Every page of the console with a real address, so that walks go through all of them."""

from tests.console.conftest import World


def details(world: World) -> list[str]:
    """One of each thing, and what has more to show."""
    return [
        f"/mandates/{world.mandate['id']}",
        f"/mandates/{world.mandate['id']}/history",
        f"/mandates/{world.contested_mandate['id']}",
        f"/objections/{world.objection['id']}",
        f"/objections/{world.contested_objection['id']}",
        f"/agents/{world.agent.id}",
        f"/agents/{world.agent.id}/suspension",
        f"/controllers/{world.controller.id}",
    ]


def pages(world: World) -> list[str]:
    """What can be read by following links."""
    return [
        "/",
        "/mandates",
        "/mandates?state=active",
        "/mandates?state=contested",
        "/mandates?state=expired",
        f"/mandates?agent={world.agent.id}",
        "/objections",
        "/objections?state=contested",
        f"/objections?mandate={world.mandate['id']}",
        "/search",
        "/decisions",
        f"/decisions?controller={world.controller.id}",
        "/agents",
        "/contested",
        "/deadlines",
        "/deadlines?due=7",
        "/deadlines?due=over",
        "/registers",
        "/journal",
        "/controllers",
        *details(world),
    ]
