"""A tour of a registry in one minute: parties, signed mandates, objections, and a list washed before sending.

All of it goes over HTTP, as an agent, a sender and a customer service would do it themselves.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from rich.console import Console
from rich.table import Table

from app.cli.connection import Connection, Folder, Url, fail
from app.cli.demo_list import (
    ANNA,
    ANNA_EMAIL,
    BERT,
    CALLED_TOO_OFTEN,
    TIRED_OF_SMS,
    Row,
    e164,
    national,
    read_csv,
    sample_csv,
)
from app.cli.mandates import with_evidence
from app.crypto.keys import SigningKey
from app.settings import PREFIX, load_settings, public_url
from app.storage.embedded.identity import Identity

_START_SECONDS: Final = 60
_READY = re.compile(r"ready at (\S+)")
_MEANINGS: Final = {
    "NO_OBJECTION_FOUND": "nothing stands against it",
    "OBJ_DM": "an objection to direct marketing",
    "DNC_INTERNAL": "on the controller's do-not-call list",
    "CHANNEL_OPTOUT": "left this channel at this controller",
    "INPUT_INVALID": "cannot be read, so it is not guessed at",
    "SERVICE": "an objection never ends a contract's mail",
}


def demo(url: Url = None, data_dir: Folder = None) -> None:
    """Show on a running registry (--url, --data-dir), or on one of its own, what Sparr does."""
    console = Console(highlight=False)
    if url is not None or data_dir is not None:
        _tour(console, _Registry.reached(url, data_dir)).leave()
        console.print("The demo's objections are withdrawn again; their history stays.")
        return
    with _own_registry(console) as (own_url, folder):
        _tour(console, _Registry.reached(own_url, folder))


@contextmanager
def _own_registry(console: Console) -> Iterator[tuple[str, Path]]:
    """A registry of its own in a folder of its own: `sparr up` on a free port, ended with this program."""
    with tempfile.TemporaryDirectory(prefix="sparr-demo-") as name:
        folder = Path(name)
        told = folder / "told"
        kept = {n: v for n, v in os.environ.items() if not n.startswith(PREFIX) or n == f"{PREFIX}PG_BIN"}
        up = ["-P", "-m", "app", "up", "--port", "0", "--data-dir", str(folder / "data")]
        itself = Identity("self", os.geteuid(), os.getegid())
        command = itself.command(Path(sys.executable), *up, at_parent_death=signal.SIGINT)
        console.print("Starting a registry of its own in an empty folder …")
        with told.open("w") as file:
            # A session of its own: Ctrl-C reaches this program alone, which then ends the registry.
            started = subprocess.Popen(  # noqa: S603 - the command is ours
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=kept, start_new_session=True
            )
        try:
            yield _wait_until_ready(started, told), folder / "data"
        finally:
            started.send_signal(signal.SIGINT)
            started.wait(_START_SECONDS)


def _wait_until_ready(started: subprocess.Popen[bytes], told: Path) -> str:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and started.poll() is None:
        if ready := _READY.search(told.read_text(encoding="utf-8")):
            return ready[1]
        time.sleep(0.05)
    said = told.read_text(encoding="utf-8").splitlines() or ["nothing was said"]
    return fail(f"the registry did not start: {said[-1]}")


@dataclass(frozen=True, slots=True)
class _Registry:
    """A running registry and its admin."""

    url: str
    admin: Connection

    @classmethod
    def reached(cls, url: str | None, data_dir: Path | None) -> Self:
        """As the options say, or as the settings of this machine do."""
        found = url or public_url(load_settings(data_dir=data_dir))
        return cls(found, Connection.open(found, data_dir, None, None))

    def credential(self, party_id: str, role: str) -> Connection:
        """Somebody who speaks for a party."""
        issued = self.admin.post("/v1/credentials", {"party_id": party_id, "role": role})
        return Connection(self.url, issued["client_id"], issued["client_secret"])

    def controller(self, name: str, org_no: str) -> "_Controller":
        """A new controller."""
        made = self.admin.post("/v1/controllers", {"name": name, "org_no": org_no, "country": "SE"})
        sender, service = (self.credential(made["id"], role) for role in ("sender", "customer_service"))
        return _Controller(made["id"], name, sender, service)


@dataclass(frozen=True, slots=True)
class _Controller:
    """A controller and those who speak for it."""

    id: str
    name: str
    sender: Connection
    customer_service: Connection


@dataclass(frozen=True, slots=True)
class _Visit:
    """What a tour leaves behind: objections of the demo's own agent."""

    agent: Connection
    objections: Sequence[str]

    def leave(self) -> None:
        """Take the objections back. Nothing is deleted."""
        for one in self.objections:
            evidence = {"method": "agent", "reference": "end of the demo"}
            self.agent.post(f"/v1/objections/{one}/withdraw", {"evidence": evidence})


def _tour(console: Console, registry: _Registry) -> _Visit:
    first = registry.controller("Norrsken Tele", "5560000001")
    second = registry.controller("Sydhamn Resor", "5560000002")
    key = SigningKey.generate()
    registered = {"name": "Ombudet", "org_no": "5560000009", "country": "SE", "keys": [key.public_jwk()]}
    agent = registry.credential(registry.admin.post("/v1/agents", registered)["id"], "agent")
    console.print(f"Registered two controllers, {first.name} and {second.name}, and an agent.")
    anna = _mandate(agent, key, "199001012385", [_phone(ANNA), {"type": "email", "value": ANNA_EMAIL}])
    bert = _mandate(agent, key, "200002292399", [_phone(BERT)])
    console.print("The agent registered Anna's and Bert's mandates, signed with its ES256 key.")
    objections = _object(agent, [_objection(anna, [first.id]), _objection(bert, "all")])
    console.print(f"Anna ({national(ANNA)}, {ANNA_EMAIL}) objects at {first.name},")
    console.print(f"Bert ({national(BERT)}) at all controllers.")
    entry = {"kind": "dnc", "identifier": _phone(CALLED_TOO_OFTEN)}
    first.customer_service.post("/v1/entries", entry)
    entry = {"kind": "channel_optout", "identifier": _phone(TIRED_OF_SMS), "channels": ["sms"]}
    first.customer_service.post("/v1/entries", entry)
    console.print(f"Two people told {first.name} itself: do not call me; no more sms.\n")
    rows = read_csv(sample_csv())
    washes = [
        _wash(first, "sms", "marketing", rows),
        _wash(second, "sms", "marketing", rows),
        _wash(first, "sms", "service", rows),
    ]
    _show(console, rows, washes)
    return _Visit(agent, objections)


def _phone(number: str) -> dict[str, str]:
    return {"type": "phone", "value": national(number), "region": "SE"}


def _mandate(
    agent: Connection, key: SigningKey, grantor: str, identifiers: list[dict[str, str]]
) -> dict[str, Any]:
    """A mandate as it is known to the registry, with the identifiers that it was given for."""
    now = datetime.now(UTC)
    request = {
        "grantor": {"type": "personal_number", "value": grantor, "country": "SE"},
        "rights": ["object_dm", "withdraw_objection"],
        "controllers": "all",
        "channels": "all",
        "identifiers": identifiers,
        "valid_from": now.isoformat(),
        "valid_to": (now + timedelta(days=365)).isoformat(),
        "signed_at": now.isoformat(),
    }
    made = agent.post("/v1/mandates", with_evidence(request, key))
    return {"id": made["id"], "identifiers": identifiers}


def _objection(mandate: dict[str, Any], controllers: str | list[str]) -> dict[str, Any]:
    wanted = {"kinds": ["art21_2"], "controllers": controllers, "identifiers": mandate["identifiers"]}
    return {"mandate_id": mandate["id"], **wanted}


def _object(agent: Connection, items: list[dict[str, Any]]) -> list[str]:
    answer = agent.post("/v1/objections/batch", {"items": items, "on_error": "abort"})
    return [result["objection"]["id"] for result in answer["results"]]


@dataclass(frozen=True, slots=True)
class _Wash:
    """One lookup of the whole list, and what came back."""

    controller: str
    purpose: str
    answer: dict[str, Any]
    milliseconds: float
    receipt: str

    def codes(self) -> Counter[tuple[str, str]]:
        """How many recipients got which decision for which reason, most of them first."""
        return Counter((one["decision"], one["code"]) for one in self.answer["results"])


def _wash(controller: _Controller, channel: str, purpose: str, rows: Sequence[Row]) -> _Wash:
    """Each recipient is asked about with both of its identifiers: one hit is enough."""
    recipients = [
        {"all": [{"type": "phone", "value": row["phone"]}, {"type": "email", "value": row["email"]}]}
        for row in rows
    ]
    question = {"controller_id": controller.id, "channel": channel, "purpose": purpose, "region": "SE"}
    begun = time.monotonic()
    answer = controller.sender.post("/v1/lookups", {**question, "identifiers": recipients})
    taken = (time.monotonic() - begun) * 1000
    verdict = controller.sender.post("/v1/receipts/verify", {"receipt": answer["receipt"]})
    return _Wash(controller.name, purpose, answer, taken, verdict["code"])


def _show(console: Console, rows: Sequence[Row], washes: Sequence[_Wash]) -> None:
    answers = Table(title=f"{len(rows):,} recipients, asked about before three dispatches by sms")
    for heading in ("controller", "purpose", "answer", "code"):
        answers.add_column(heading, no_wrap=True)
    answers.add_column("recipients", justify="right")
    for wash in washes:
        for (decision, code), count in wash.codes().most_common():
            answers.add_row(wash.controller, wash.purpose, decision, code, f"{count:,}")
        answers.add_section()
    console.print(answers)
    _show_rows(console, rows, washes[0])
    for code, meaning in _MEANINGS.items():
        console.print(f"  {code:<20}{meaning}")
    counts = washes[0].answer["counts"]
    console.print(
        f"\n{washes[0].controller} may send to {counts['allow']:,} of {counts['asked']:,} until "
        f"{washes[0].answer['valid_until'][:16]} UTC.\n"
        "Anna is found in every spelling of her number, and by her address beside\n"
        "another number; Bert at both controllers.\n"
        f"Answered in {', '.join(f'{wash.milliseconds:.0f} ms' for wash in washes)}; "
        f"signed receipts: {', '.join(wash.receipt for wash in washes)}."
    )


def _show_rows(console: Console, rows: Sequence[Row], wash: _Wash) -> None:
    """Two rows for each code, and every spelling of Anna."""
    table = Table(
        title=f"\nSome rows of the list, asked about by {wash.controller}",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for heading in ("row", "phone", "e-mail", "answer", "code"):
        table.add_column(heading, no_wrap=True)
    shown: Counter[str] = Counter()
    for row, result in zip(rows, wash.answer["results"], strict=True):
        shown[result["code"]] += 1
        hers = _digits(row["phone"]).endswith(e164(ANNA)[3:]) or row["email"].lower() == ANNA_EMAIL
        if shown[result["code"]] <= 2 or (hers and result["code"] == "OBJ_DM"):  # noqa: PLR2004 - two rows each
            values = (row["phone"], row["email"], result["decision"], result["code"])
            table.add_row(str(result["index"] + 1), *values)
    console.print(table, "")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
