"""docs/api.md shows how to recompute the digests of a receipt; the recipe is run as it stands there."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.architecture.repository import ROOT
from tests.registry_driver import PHONE, Driver, question

RECIPE = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def proves() -> Callable[[bytes, bytes], bool]:
    """The function of the page."""
    (recipe,) = RECIPE.findall((ROOT / "docs" / "api.md").read_text())
    names: dict[str, Any] = {}
    exec(recipe, names)  # noqa: S102 - our own page, run as a reader would
    made: Callable[[bytes, bytes], bool] = names["proves"]
    return made


@pytest.mark.parametrize("view", ["full", "compact"])
async def test_the_recipe_proves_what_was_asked_and_answered(
    view: str, registry: Driver, proves: Callable[[bytes, bytes], bool]
) -> None:
    sender = await registry.controller()
    request = json.dumps(question(sender.id, PHONE, "070-174 06 06", view=view)).encode()
    headers = {**sender.headers, "Content-Type": "application/json"}
    answer = await registry.client.post("/v1/lookups", content=request, headers=headers)
    assert proves(request, answer.content)
    assert not proves(request + b" ", answer.content)
    assert not proves(request, answer.content.replace(b'"asked":2', b'"asked":3'))
