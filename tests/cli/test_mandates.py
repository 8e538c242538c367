"""`sparr mandate sign`: an agent's evidence, made offline."""

import json
import subprocess
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from tests.readme.serving import PROGRAM, environment
from tests.registry_driver import Driver, claims

REQUEST = claims(signed_at="2026-02-01T10:00:00Z", reference="A1-0001")


def sign(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, "mandate", "sign", *arguments]
    return subprocess.run(command, input=text, env=environment(), capture_output=True, text=True, check=False)


@pytest.fixture
def key(tmp_path: Path) -> ECKey:
    made = ECKey.generate_key("P-256", {"kid": "ombudet-1"})
    (tmp_path / "key.json").write_text(json.dumps(made.as_dict(private=True)))
    return made


async def test_the_registry_believes_what_was_signed(tmp_path: Path, key: ECKey, registry: Driver) -> None:
    agent = await registry.agent(keys=[key.as_dict(private=False)])
    (tmp_path / "mandate.json").write_text(json.dumps(REQUEST))
    signed = sign(str(tmp_path / "mandate.json"), "--key", str(tmp_path / "key.json"))
    assert signed.returncode == 0, signed.stderr
    request = json.loads(signed.stdout)
    assert {**request, "evidence": None} == {**REQUEST, "evidence": None}
    made = await registry.made("/v1/mandates", request, agent)
    assert (made["state"], made["level"]) == ("active", "L1")


def test_the_reference_and_earlier_evidence_are_no_part_of_what_is_signed(tmp_path: Path, key: ECKey) -> None:
    payloads = set()
    for reference in ("A", "B"):
        request = {**REQUEST, "reference": reference, "evidence": {"kind": reference}}
        signed = sign("-", "--key", str(tmp_path / "key.json"), text=json.dumps(request))
        payloads.add(jws.deserialize_compact(json.loads(signed.stdout)["evidence"]["jws"], key).payload)
    assert len(payloads) == 1


@pytest.mark.parametrize(
    ("text", "stored", "told"),
    [
        ("[]", "{}", "a mandate request is a JSON object"),
        ("nothing", "{}", "the request is not JSON"),
        ('{"a": 1e400}', None, "the request cannot be written as canonical JSON"),
        ("{}", "nothing", "is not JSON; a key is a JWK"),
        ("{}", "public", "holds no private key"),
        ("{}", '{"keys": []}', "holds no private key"),
    ],
)
def test_what_cannot_be_signed_is_told_in_one_line(
    text: str, stored: str | None, told: str, tmp_path: Path, key: ECKey
) -> None:
    if stored is not None:
        content = json.dumps(key.as_dict(private=False)) if stored == "public" else stored
        (tmp_path / "key.json").write_text(content)
    done = sign("-", "--key", str(tmp_path / "key.json"), text=text)
    assert done.returncode == 1
    assert done.stdout == ""
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
