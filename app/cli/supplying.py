"""What the program is made of: its locked packages with their versions, hashes and licences."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import typer

from app.cli.connection import fail

LOCKS = Path(__file__).resolve().parents[2] / "requirements"
_PIN = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)(?: ; (.*?))?((?: +--hash=sha256:[0-9a-f]{64})+)")
_CLASSIFIED = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""Classifiers of the Python package index by SPDX identifier."""

_SPELLED = {
    "Apache 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "Dual License": "Apache-2.0 OR BSD-3-Clause",
    "GPL-3.0": "GPL-3.0-only",
    "ISC License": "ISC",
    "LGPL": "LGPL-2.1-or-later",
    "MIT License": "MIT",
}
_SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")


@dataclass(frozen=True, slots=True)
class Pin:
    """One entry of a lock. `marker` says on which machines it is installed; empty: on all."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def pins(lock: str) -> Iterator[Pin]:
    """The entries of requirements/LOCK.txt, in their order."""
    text = (LOCKS / f"{lock}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    for name, pinned, marker, hashes in _PIN.findall(text):
        yield Pin(name, pinned, marker.strip(), tuple(re.findall(r"[0-9a-f]{64}", hashes)))


def licence(name: str) -> str | None:
    """The SPDX expression of an installed package, from what it says of itself; None if it is not installed,
    "unknown" if it says nothing that is known here."""
    try:
        told: Mapping[str, Any] = metadata(name).json
    except PackageNotFoundError:
        return None
    if expression := told.get("license_expression"):
        return str(expression)
    stated = str(told.get("license") or "").strip()
    if stated in _SPELLED:
        return _SPELLED[stated]
    if stated and "\n" not in stated and _SPDX.fullmatch(stated):
        return stated
    classified = [one.rpartition(" :: ")[2] for one in told.get("classifier") or ()]
    found = sorted({_CLASSIFIED[one] for one in classified if one in _CLASSIFIED})
    return " OR ".join(found) or "unknown"


def bill(lock: str = "runtime") -> dict[str, Any]:
    """A bill of materials (CycloneDX 1.6). The same lock gives the same bill, whenever it is made."""
    found = list(pins(lock))
    told = "\n".join(f"{pin.name}=={pin.version}" for pin in found)
    component: dict[str, Any] = {"type": "application", "bom-ref": "sparr", "name": "sparr"}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, told)}",
        "version": 1,
        "metadata": {"component": {**component, "version": _own_version()}},
        "components": [_component(pin) for pin in found],
        "dependencies": [{"ref": "sparr", "dependsOn": [_purl(pin) for pin in found]}],
    }


def _component(pin: Pin) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": _purl(pin),
        "name": pin.name,
        "version": pin.version,
    }
    made |= {"purl": _purl(pin), "scope": "optional" if pin.marker else "required"}
    known = licence(pin.name)
    if known and known != "unknown":
        made["licenses"] = [{"expression": known}]
    # One hash for each archive that the lock accepts: which of them is installed depends on the machine.
    made["properties"] = [{"name": "sparr:accepted-sha256", "value": one} for one in pin.hashes]
    return made


def _purl(pin: Pin) -> str:
    return f"pkg:pypi/{re.sub(r'[-_.]+', '-', pin.name).lower()}@{pin.version}"


def _own_version() -> str:
    text = (LOCKS.parent / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "([^"]+)"$', text, re.MULTILINE)
    return found[1] if found else "0"


def sbom() -> None:
    """Print the bill of materials (CycloneDX 1.6, JSON) of what this version runs with."""
    if not (LOCKS / "runtime.txt").is_file():
        fail("the locks are not part of this installation; they are in the folder of the source")
    allowed: dict[str, set[str]] = {}
    for pin in pins("runtime"):
        allowed.setdefault(pin.name, set()).add(pin.version)
    if stale := [name for name, pinned in allowed.items() if licence(name) and version(name) not in pinned]:
        fail(f"other versions are installed than the lock names: {', '.join(stale)}")
    typer.echo(json.dumps(bill(), indent=1))
