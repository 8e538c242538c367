"""A sender can show one answer to an authority, and nothing of the others."""

import asyncio
import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.readme.serving import PROGRAM, environment
from tests.registry_driver import Driver, Json, Party, email, question

PERSON = "+46701740605"


async def answer_with_tree(registry: Driver, view: str = "full") -> tuple[bytes, bytes, Party]:
    """Request and answer as they were sent: four rows, of which the second is blocked."""
    desk = await registry.controller("customer_service")
    await registry.enter(desk, {"type": "phone", "value": PERSON})
    items = ["+46701740606", PERSON, {"type": "email", "value": email()["value"]}, "no number at all"]
    body = json.dumps(question(desk.id, *items, view=view, receipt="tree")).encode()
    headers = {**desk.headers, "Content-Type": "application/json"}
    answer = await registry.client.post("/v1/lookups", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return body, answer.content, desk


async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, "receipt", *arguments]
    return await asyncio.to_thread(
        subprocess.run, command, env=environment(), capture_output=True, text=True, check=False
    )


async def files(tmp_path: Path, registry: Driver, request: bytes, answer: bytes) -> dict[str, str]:
    """What a sender has kept, and the keys that anybody can get."""
    keys = (await registry.get("/.well-known/jwks.json")).content
    for name, content in {"asked": request, "answered": answer, "keys": keys}.items():
        (tmp_path / name).write_bytes(content)
    return {name: str(tmp_path / name) for name in ("asked", "answered", "keys", "row")}


async def open_(kept: dict[str, str], row: int) -> subprocess.CompletedProcess[str]:
    return await run(
        "open", kept["answered"], "--request", kept["asked"], "--row", str(row), "-o", kept["row"]
    )


async def checked(registry: Driver, given: Json) -> Json:
    found: Json = (await registry.post("/v1/receipts/verify", given)).json()
    return found


async def test_the_receipt_signs_the_root_and_the_answer_holds_the_seed(registry: Driver) -> None:
    _, answer, desk = await answer_with_tree(registry)
    found = json.loads(answer)
    claims = (await checked(registry, {"receipt": found["receipt"]}))["claims"]
    assert claims["tree"].keys() == {"rows", "page", "root"}
    assert (claims["tree"]["rows"], len(claims["tree"]["root"])) == (4, 64)
    bare = re.sub(rb',"receipt":"[^"]*"\}$', b"}", answer)
    assert claims["answer_sha256"] == hashlib.sha256(bare).hexdigest()
    kept = (await registry.get(f"/v1/receipts/{found['lookup_id']}", desk)).text
    assert found["receipt_seed"] not in kept + json.dumps(claims)


async def test_without_a_tree_there_is_no_seed(registry: Driver) -> None:
    sender = await registry.controller()
    found = (await registry.ask(sender, PERSON)).json()
    assert "receipt_seed" not in found


@pytest.mark.parametrize("view", ["full", "compact"])
async def test_one_row_is_opened_and_verified_offline(registry: Driver, tmp_path: Path, view: str) -> None:
    request, answer, _ = await answer_with_tree(registry, view)
    kept = await files(tmp_path, registry, request, answer)
    for row, (decision, code) in enumerate(
        [
            ("allow", "NO_OBJECTION_FOUND"),
            ("block", "DNC_INTERNAL"),
            ("allow", "NO_OBJECTION_FOUND"),
            ("block", "INPUT_INVALID"),
        ]
    ):
        done = await open_(kept, row)
        assert done.returncode == 0, done.stderr
        opened = json.loads(Path(kept["row"]).read_text())["row"]
        assert (opened["decision"], opened["code"]) == (decision, code)
        verified = await run("verify", kept["row"], "--jwks", kept["keys"])
        assert (verified.returncode, json.loads(verified.stdout)["code"]) == (0, "VALID")


async def test_an_authority_checks_the_row_over_http_and_sees_no_other(
    registry: Driver, tmp_path: Path
) -> None:
    request, answer, _ = await answer_with_tree(registry)
    kept = await files(tmp_path, registry, request, answer)
    assert (await open_(kept, 1)).returncode == 0
    given = json.loads(Path(kept["row"]).read_text())
    assert "+46701740606" not in json.dumps(given)
    assert json.loads(answer)["receipt_seed"] not in json.dumps(given)
    found = await checked(registry, given)
    assert (found["valid"], found["code"]) == (True, "VALID")
    changes: dict[str, Any] = {"item": "+46701740699", "code": "OBJ_DM", "position": 0}
    for member, value in changes.items():
        forged = {**given, "row": {**given["row"], member: value}}
        found = await checked(registry, forged)
        assert (found["valid"], found["code"]) == (False, "BAD_ROW")
    without = json.loads((await registry.ask(await registry.controller(), PERSON)).content)
    found = await checked(registry, {**given, "receipt": without["receipt"]})
    assert found["code"] == "BAD_ROW"


@pytest.mark.parametrize("row", [{}, {"position": 1}, "row"])
async def test_a_row_of_another_shape_is_refused(registry: Driver, row: Any) -> None:
    answer = await registry.post("/v1/receipts/verify", {"receipt": "x", "row": row})
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")


async def test_what_cannot_be_opened_says_so_in_one_line(registry: Driver, tmp_path: Path) -> None:
    request, answer, _ = await answer_with_tree(registry)
    kept = await files(tmp_path, registry, request, answer)
    beyond = await open_(kept, 4)
    other = {**json.loads(answer), "receipt_seed": "A" * 43}
    Path(kept["answered"]).write_text(json.dumps(other))
    wrong_seed = await open_(kept, 1)
    del other["receipt_seed"]
    Path(kept["answered"]).write_text(json.dumps(other))
    no_tree = await open_(kept, 1)
    for done in (beyond, wrong_seed, no_tree):
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        assert not Path(kept["row"]).exists()


async def test_a_large_answer_has_a_tree_too(registry: Driver) -> None:
    sender = await registry.controller()
    numbers = [f"+4670174{n:04}" for n in range(2000)]
    found = (await registry.ask(sender, *numbers, receipt="tree", view="compact")).json()
    claims = (await checked(registry, {"receipt": found["receipt"]}))["claims"]
    assert claims["tree"]["rows"] == 2000
