"""An outside PostgreSQL in place of the embedded one: migrate it, look at it, serve from it."""

import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from app.storage.embedded import EmbeddedPostgres
from tests.process.running import PATIENCE, ROOT, command, environment, free_port

pytestmark = pytest.mark.xdist_group("process")


def test_an_outside_server_is_migrated_checked_and_served_from(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "outside") as address:
        settings = environment(SPARR_DATABASE_URL=address.url(), SPARR_DATA_DIR=str(tmp_path / "data"))
        refused = run(settings, "check")
        assert (refused.returncode, "NOT DATABASE" in refused.stdout) == (1, True)
        assert run(settings, "migrate").stdout == "sparr: the database is up to date\n"
        assert (tmp_path / "data" / "admin.json").exists()
        checked = run(settings, "check")
        assert checked.returncode == 0
        assert {line[:4] for line in checked.stdout.splitlines()} == {"ok  "}
        port = free_port()
        serving = subprocess.Popen(command("serve", "--port", str(port)), env=settings, cwd=ROOT)
        try:
            assert ready(f"http://127.0.0.1:{port}/readyz")
        finally:
            serving.terminate()
        assert serving.wait(PATIENCE) == 0
        working = subprocess.Popen(command("work"), env=settings, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert working.stdout is not None
        assert working.stdout.readline() == "sparr: working\n"
        working.terminate()
        assert working.wait(PATIENCE) == 0


def run(settings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), env=settings, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )


def ready(url: str) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            return bool(httpx2.get(url).json()["status"] == "ready")
        except httpx2.TransportError:
            time.sleep(0.05)
    return False
