import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.repository import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_dockerfile_is_clean() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    outcome = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stdout) == (0, "")


def test_everything_that_the_image_copies_exists_and_is_let_through() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE)
    let_through = (ROOT / ".dockerignore").read_text().splitlines()
    assert copied
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert [source for source in copied if f"!{source}" not in let_through] == []


def test_the_image_runs_the_same_program_as_a_user_without_rights() -> None:
    assert re.findall(r"^USER (.*)", DOCKERFILE, re.MULTILINE)[-1] == "10001:10001"
    assert re.findall(r"^ENTRYPOINT .*", DOCKERFILE, re.MULTILINE)[-1].endswith('"-m", "app"]')
