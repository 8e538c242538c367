"""A headless Chromium, driven over WebDriver (W3C) as a person drives it. Nothing here knows the console."""

import asyncio
import os
import shutil
import socket
import subprocess
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx2

_AXE = (files("axe_core_python") / "axe.min.js").read_text()
_CHECK = """
const [done] = arguments;
axe.run(document).then(found => done(found.violations.map(
  one => [one.id, one.impact, one.nodes.map(node => node.html.slice(0, 120))])));
"""
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_QUIET = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
]


def programs() -> tuple[str, str] | None:
    """Where Chromium and its driver are; None when one of them is not on this machine."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


class Window:
    """One window of the browser."""

    def __init__(self, client: httpx2.AsyncClient, session: str) -> None:
        self._client = client
        self._at = f"/session/{session}"

    async def go(self, url: str) -> None:
        await self._post("/url", {"url": url})

    async def url(self) -> str:
        return str(await self._get("/url"))

    async def fill(self, css: str, text: str) -> None:
        """Type into a field."""
        element = await self._find(css)
        await self._post(f"/element/{element}/clear", {})
        await self._post(f"/element/{element}/value", {"text": text})

    async def click(self, css: str) -> None:
        await self._post(f"/element/{await self._find(css)}/click", {})

    async def keys(self, *keys: str) -> None:
        """Press keys, one after another, wherever the focus is."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        await self._post("/actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    async def run(self, script: str, *values: Any) -> Any:
        """What a script gives back."""
        return await self._post("/execute/sync", {"script": script, "args": list(values)})

    async def until(self, script: str) -> None:
        """Wait for what a script tells; a click does not wait for where it leads to."""
        for _ in range(100):
            if await self.run(script):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{script} never came true at {await self.url()}")

    async def wait(self, script: str, *values: Any) -> Any:
        """What a script hands to its last argument, sooner or later."""
        return await self._post("/execute/async", {"script": script, "args": list(values)})

    async def violations(self) -> list[Any]:
        """What axe-core holds against the page, serious or not."""
        await self.run(_AXE + "; window.axe = axe;")
        return list(await self.wait(_CHECK))

    async def command(self, name: str, **params: Any) -> Any:
        """Something that only Chromium can do."""
        return await self._post("/goog/cdp/execute", {"cmd": name, "params": params})

    async def look(self, *, dark: bool = False, width: int = 1280, height: int = 900) -> None:
        """How the window is seen from now on."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.command("Emulation.setEmulatedMedia", features=[scheme])
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.command("Emulation.setDeviceMetricsOverride", **size)

    async def picture(self, path: Path) -> None:
        """The whole page."""
        shot = await self.command("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(b64decode(shot["data"]))

    async def log(self) -> list[str]:
        """What the browser complained of since it was asked last, such as a breach of the content policy."""
        said = await self._post("/se/log", {"type": "browser"})
        return [f"{one['level']}: {one['message']}" for one in said]

    async def _find(self, css: str) -> str:
        found = await self._post("/element", {"using": "css selector", "value": css})
        return str(found[_ELEMENT])

    async def _get(self, path: str) -> Any:
        return (await self._client.get(self._at + path)).json()["value"]

    async def _post(self, path: str, body: Any) -> Any:
        answer = await self._client.post(self._at + path, json=body)
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Window]:
    """A fresh browser with a folder of its own."""
    found = programs()
    assert found is not None
    port = free_port()
    process = subprocess.Popen(
        [found[1], f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    options: dict[str, Any] = {
        "binary": found[0],
        "args": [*_QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else []), f"--user-data-dir={folder}"],
    }
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            await _listening(client)
            wanted = {
                "capabilities": {
                    "alwaysMatch": {
                        "goog:chromeOptions": options,
                        "goog:loggingPrefs": {"browser": "ALL"},
                    }
                }
            }
            made = (await client.post("/session", json=wanted)).json()["value"]
            assert "sessionId" in made, made
            try:
                yield Window(client, made["sessionId"])
            finally:
                await client.delete(f"/session/{made['sessionId']}")
    finally:
        process.terminate()
        process.wait(10)


async def _listening(client: httpx2.AsyncClient) -> None:
    for _ in range(100):
        try:
            await client.get("/status")
        except httpx2.TransportError:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the driver does not answer")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
