"""Signing in through an issuer of another site in a real browser, which is what decides about cookies."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
import uvicorn

from app.console.issuer_settings import IssuerSettings, People
from app.crypto.keys import KeyRing
from app.main import create_app, deployment
from app.storage.database import Database
from tests.console.chromium import chromium, free_port
from tests.console.chromium_found import MISSING, ensured
from tests.console.issuer_server import CLIENT_ID, SECRET, issuing
from tests.registry_driver import Driver

pytestmark = pytest.mark.timeout(120)


async def test_a_browser_comes_back_from_another_site_and_is_signed_in_where_it_wanted_to_be(
    registry: Driver, database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    if not await asyncio.to_thread(ensured):
        pytest.skip(MISSING)
    who, port = await registry.staff("auditor"), free_port()
    root = f"http://127.0.0.1:{port}"
    async with issuing("localhost") as issuer, chromium(tmp_path) as window:
        issuer.subject = "somebody"
        people = People("sub", {"somebody": UUID(who.credential["client_id"])})
        through = IssuerSettings(issuer.url, CLIENT_ID, SECRET, people)
        app = create_app(deployment(database, ring, root), through)
        server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="warning"))
        serving = asyncio.create_task(server.serve())
        await window.look()
        await window.go(f"{root}/console/registers")
        for dark in (False, True):
            await window.look(dark=dark)
            assert await window.violations() == []
        await window.click("#issuer")
        await window.until(f"return location.href.startsWith('{issuer.url}/authorize')")
        await window.click("#consent")
        arrived = f"return location.href === '{root}/console/registers' && document.querySelector('.leave')"
        await window.until(arrived)
        server.should_exit = True
        await serving
