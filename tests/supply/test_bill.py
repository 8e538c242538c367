"""The bill of materials (CycloneDX 1.6) names what the lock names, and is the same each time."""

import json
import re

from typer.testing import CliRunner

from app.cli import program
from app.cli.supplying import LOCKS, bill, pins


def test_the_bill_names_every_pin_with_its_hashes_and_licence() -> None:
    made, locked = bill(), list(pins("runtime"))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["serialNumber"])
    named = [(one["name"], one["version"]) for one in made["components"]]
    assert named == [(pin.name, pin.version) for pin in locked]
    assert len(locked) > 50
    for one, pin in zip(made["components"], locked, strict=True):
        assert one["purl"].startswith("pkg:pypi/")
        assert [each["value"] for each in one["properties"]] == list(pin.hashes) != []
        assert "licenses" in one or one["scope"] == "optional"
    assert made["dependencies"][0]["dependsOn"] == [one["bom-ref"] for one in made["components"]]


def test_every_entry_of_a_lock_is_read() -> None:
    for lock in ("runtime", "dev"):
        text = (LOCKS / f"{lock}.txt").read_text("utf-8")
        assert len(list(pins(lock))) == len(re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==", text, re.MULTILINE))


def test_the_command_prints_the_same_bill_each_time() -> None:
    said = [CliRunner().invoke(program("sbom"), ["sbom"]) for _ in range(2)]
    assert said[0].exit_code == 0, said[0].output
    assert said[0].output == said[1].output
    assert json.loads(said[0].output) == json.loads(json.dumps(bill()))
