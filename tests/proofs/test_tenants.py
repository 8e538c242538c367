"""P8 in its short form: every route and every foreign id, a day with and without somebody else, and the
time.
"""

from app.crypto.keys import KeyRing
from tests.conftest import Clone
from tests.proofs.tenants import DOCUMENT, EVERYTHING, _same_in_each_run, on_clones
from tests.registry_driver import Driver, email


async def test_tenants_cannot_see_or_affect_each_other(clone: Clone, ring: KeyRing) -> None:
    result = await on_clones(clone, ring, full=False, seed=1)
    assert result["violations"] == [], result
    assert result["foreign_ids_tried"] > 200
    assert result["answers_compared"] > 40


async def test_an_answer_that_differs_would_be_seen(registry: Driver) -> None:
    """Ids and times are the same in each run; states, codes, counts and positions are not taken away."""
    desk, person = await registry.controller("customer_service"), email()
    asked = {"identifier": person}
    before = await registry.post("/v1/entries/search", asked, desk)
    await registry.enter(desk, person)
    after = [await registry.post("/v1/entries/search", asked, desk) for _ in range(2)]
    spoken = [_same_in_each_run(one.text) for one in (before, *after)]
    assert spoken[0] != spoken[1] == spoken[2]
    assert '"as_of"' in spoken[1]


def test_every_parameter_that_names_something_of_a_tenant_is_tried() -> None:
    named = {part[1:-1] for path in DOCUMENT["paths"] for part in path.split("/") if part.startswith("{")}
    of_staff = {"agent_id", "client_id", "connection_id", "controller_id", "code", "export"}
    assert named == EVERYTHING.keys() | of_staff | {"name"}
