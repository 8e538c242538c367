"""P6 in its short form: 100,000 places of batches say what the singles say."""

from tests.proofs import batches
from tests.registry_driver import Driver


async def test_a_batch_answers_exactly_as_its_singles(registry: Driver) -> None:
    result = await batches.check(registry, full=False, seed=1)
    assert result["violations"] == []
    assert result["items"] >= 100_000
    assert {"OBJ_DM", "DNC_INTERNAL", "CHANNEL_OPTOUT", "CONSENT_VALID", "INPUT_INVALID"} <= result[
        "codes"
    ].keys()


async def test_a_place_that_says_otherwise_would_be_seen(registry: Driver) -> None:
    sender = await registry.controller()
    people = ["+46701740698", "see notes", "+46701740699"]
    singles = [batches._told((await registry.look_up(sender, one))["results"][0]) for one in people]
    placed = list(zip(people, singles, strict=True))
    assert await batches._compared(registry, sender, 0, placed) == []
    swapped = [(people[0], singles[1]), *placed[1:]]
    assert len(await batches._compared(registry, sender, 0, swapped)) == 3
    other = [(one, {**told, "code": "OTHER"} if one == people[2] else told) for one, told in placed]
    assert len(await batches._compared(registry, sender, 0, other)) == 1
