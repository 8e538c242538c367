"""No pin is older than the repair of a weakness that is known of it, or that cannot be reached."""

import subprocess
import sys
import tomllib
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from app.cli.supplying import pins
from tests.architecture.repository import ROOT

REVIEWED: dict[str, Any] = tomllib.loads((ROOT / "requirements" / "advisories.toml").read_text("utf-8"))
ADVISORIES: list[dict[str, str]] = REVIEWED["advisory"]


def weak(advisories: list[dict[str, str]]) -> list[str]:
    pinned = [(canonicalize_name(pin.name), Version(pin.version)) for pin in pins("dev")]
    found = []
    for one in advisories:
        versions = [version for name, version in pinned if name == canonicalize_name(one["package"])]
        repaired = "fixed" in one and all(version >= Version(one["fixed"]) for version in versions)
        if not versions or not (repaired or one.get("unreachable")):
            found.append(f"{one['package']}: {one['id']}")
    return found


def test_no_pin_is_older_than_a_repair() -> None:
    assert weak(ADVISORIES) == []
    assert len({one["id"] for one in ADVISORIES}) == len(ADVISORIES) >= 25


def test_a_pin_that_is_too_old_or_gone_would_be_seen() -> None:
    too_old = {"package": "fastapi", "id": "1", "fixed": "999"}
    assert weak([too_old, {"package": "gone", "id": "2", "fixed": "1"}]) == ["fastapi: 1", "gone: 2"]
    assert weak([{**too_old, "unreachable": "because"}]) == []


def test_every_test_that_an_advisory_names_exists() -> None:
    assert [one["test"] for one in ADVISORIES if "test" in one and not (ROOT / one["test"]).is_file()] == []


def test_signatures_are_never_made_or_checked_in_pure_python() -> None:
    """CVE-2024-23342: the package `ecdsa` is installed, and nothing of it is loaded with the service."""
    program = (
        "import sys; import app.main, app.crypto.tokens; from jose import jwk; "
        "assert 'cryptography' in jwk.ECKey.__module__, jwk.ECKey; print('ecdsa' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "False", done.stderr
