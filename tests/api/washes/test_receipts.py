"""The receipt of a list says which registers were asked, and with a tree it can be opened for single rows."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from app.crypto.keys import KeyRing
from app.domain.answered_lists import answered_list, parted
from app.domain.column import Column
from app.domain.decision import Decision, decide
from app.domain.facts import ControllerProfile, Facts, Question
from app.domain.rows_of_csv import CsvList
from app.main import create_app, deployment, open_database
from app.storage.database import Database
from app.usecases import run_wash
from app.usecases.commit_list import commit_part
from app.usecases.commit_rows import RowTree
from app.usecases.look_up import Found
from app.usecases.open_row import check_row, open_row
from app.usecases.receive_wash import Laundry
from tests.api.test_lookup_streams import numbers, stream
from tests.api.washes.driving import do_all, ended, file, handed_in
from tests.api.washes.test_restarted import KilledError
from tests.conftest import Clone
from tests.registry_driver import ISSUER, PHONE, Driver, Json, Party, first_admin

ROWS = 45_000
REGISTER = "nix_phone"
LANDLINE = "+46846500405"
CALL = {"channel": "voice_live"}


def claims_of(receipt: str) -> Json:
    payload = receipt.split(".")[1]
    found: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


async def receipt_of(registry: Driver, sender: Party, wash_id: str) -> str:
    answer = await registry.get(f"/v1/receipts/{wash_id}", sender)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["receipt"])


def all_open(answer: str, seed: str, receipt: str, rows: list[int], column: str | None = None) -> list[Json]:
    """These rows, opened with the answer and checked with the receipt."""
    items, verdicts = answered_list(answer, column, "phone")
    claims = claims_of(receipt)
    opened = [open_row(seed, items, verdicts, claims, row) for row in rows]
    for one in opened:
        check_row(one, claims)
    return opened


@pytest.mark.parametrize("media", ["csv", "ndjson"])
async def test_a_row_of_a_stream_is_opened(registry: Driver, desk: Party, media: str) -> None:
    items = numbers(21_000)
    lines = ["phone", *items] if media == "csv" else list(map(json.dumps, items))
    answer = await stream(registry, desk, "\n".join(lines), media, receipt="tree")
    rows, summary = parted(answer.text)
    opened = all_open(rows, summary["receipt_seed"], summary["receipt"], [0, 95, 20_999])
    assert [(one["item"], one["code"]) for one in opened] == [
        (PHONE, "DNC_INTERNAL"),
        (PHONE, "DNC_INTERNAL"),
        (items[-1], "NO_OBJECTION_FOUND"),
    ]
    assert claims_of(summary["receipt"])["tree"]["rows"] == 21_000


async def test_a_stream_without_a_tree_has_no_seed(registry: Driver, desk: Party) -> None:
    _, summary = parted((await stream(registry, desk, f'"{PHONE}"')).text)
    assert "receipt_seed" not in summary
    assert "tree" not in claims_of(summary["receipt"])


async def test_a_wash_that_was_cut_off_comes_to_the_tree_of_its_answer(
    registry: Driver, desk: Party, database: Database, laundry: Laundry, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = "id,phone\n" + "".join(f"{n},{one}\n" for n, one in enumerate(numbers(ROWS)))
    monkeypatch.setattr(run_wash, "_PAUSE", 0.0)
    wash_id = await handed_in(registry, desk, content.encode(), receipt="tree")
    assert (await registry.get(f"/v1/washes/{wash_id}", desk)).json()["receipt_seed"] is None
    note = run_wash._Run.note
    for after in (1, 2, 0):
        left = after

        async def killed(run: Any) -> None:
            nonlocal left
            if not left:
                # Whoever is killed here has written down a place that no figures belong to.
                run_wash.keep_state(run.folder, run.at + 1, run.washing)
                raise KilledError
            left -= 1
            await note(run)

        monkeypatch.setattr(run_wash._Run, "note", killed)
        wash = await run_wash.take_wash(database)
        assert wash is not None
        with pytest.raises(KilledError):
            await run_wash.run_wash(database, laundry, wash)
        async with database.write() as unit:
            await unit.run(text("UPDATE ops.wash SET claimed_until = created_at WHERE state = 'running'"))
    monkeypatch.setattr(run_wash._Run, "note", note)
    await do_all(database, laundry)
    found = await ended(registry, desk, wash_id)
    answer = (await file(registry, desk, wash_id, "annotated")).text
    receipt = await receipt_of(registry, desk, wash_id)
    assert (
        all_open(answer, found["receipt_seed"], receipt, [0, 20_001, ROWS - 1])[0]["code"] == "DNC_INTERNAL"
    )
    assert found["receipt_seed"] not in receipt
    again = (await registry.post(f"/v1/washes/{wash_id}/recheck", {}, desk)).json()["id"]
    await do_all(database, laundry)
    assert (await ended(registry, desk, again))["receipt_seed"] is None
    assert "tree" not in claims_of(await receipt_of(registry, desk, again))


async def test_the_receipt_says_which_registers_were_asked(
    clone: Clone, ring: KeyRing, laundry: Laundry
) -> None:
    """In a registry of its own: a national register is everybody's."""
    database = open_database(await clone(), ring, ISSUER)
    app = create_app(deployment(database, ring, ISSUER, laundry=laundry))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=ISSUER) as client:
        registry = Driver(client, await first_admin(database, ring))
        caller = await registry.controller(policy={"registers": [REGISTER]})
        headers = {**(await registry.admin()).headers, "Content-Type": "text/plain"}
        day = (datetime.now(UTC) - timedelta(days=10)).date()
        path = f"/v1/registers/{REGISTER}/imports?version_date={day}"
        assert (await client.post(path, content=LANDLINE.encode(), headers=headers)).status_code == 201
        used = (await registry.look_up(caller, LANDLINE, **CALL))["registers"]
        assert [one["code"] for one in used] == [REGISTER]
        _, summary = parted((await stream(registry, caller, f'"{LANDLINE}"', **CALL)).text)
        assert summary["registers"] == claims_of(summary["receipt"])["registers"] == used
        wash_id = await handed_in(registry, caller, f"phone\n{LANDLINE}\n".encode(), **CALL)
        await do_all(database, laundry)
        assert (await ended(registry, caller, wash_id))["state"] == "done"
        assert claims_of(await receipt_of(registry, caller, wash_id))["registers"] == used
    await database.dispose()


async def test_the_rows_of_a_wash_are_counted_as_those_of_lookups(
    registry: Driver, desk: Party, database: Database, laundry: Laundry
) -> None:
    counted: list[tuple[int, int]] = []
    await handed_in(registry, desk, f"phone\n{PHONE}\n{PHONE}\n+46701740606\n".encode())
    wash = await run_wash.take_wash(database)
    assert wash is not None
    await run_wash.run_wash(database, laundry, wash, lambda *told: counted.append(told))
    assert counted == [(3, 2)]


@pytest.mark.parametrize("odd", ["a\\b", "a\0", "\0\0", "a\tb", "å\u2028", "", "'", "a/b", "+46 70"])
def test_texts_are_committed_the_same_whichever_way_they_came(odd: str) -> None:
    decision = decide_for_all()
    found = Found(decision, {}, 3, None, 1, datetime.now(UTC))
    one, other = RowTree(bytes(32)), RowTree(bytes(32))
    commit_part(one, [PHONE, odd, PHONE], found)
    commit_part(other, Column.of([PHONE, odd, PHONE]), found)
    form = CsvList("phone", "1", header=False)
    form.read("a\n", last=False)
    laid = form.lines(f"{PHONE}\n{odd}\n{PHONE}\n".encode())
    assert laid is not None
    third = RowTree(bytes(32))
    commit_part(third, laid.items, found)
    assert one.claims() == other.claims() == third.claims()


def decide_for_all() -> Decision:
    return decide(Question("sms", "marketing"), Facts(ControllerProfile()), datetime.now(UTC))
