"""What the pages load is ours, or is what was published, byte for byte."""

from hashlib import sha256
from pathlib import Path

import app.console
from tests.console.browsing import Browser

STATIC = Path(app.console.__file__).parent / "static"
HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
"""SHA-256 of dist/htmx.min.js in the published package htmx.org 2.0.11."""


def test_the_one_foreign_script_is_as_it_was_published() -> None:
    assert sha256((STATIC / "htmx.min.js").read_bytes()).hexdigest() == HTMX
    assert "Zero-Clause BSD" in (STATIC / "htmx.LICENSE").read_text()
    assert {path.name for path in STATIC.iterdir()} == {
        "console.css",
        "htmx.LICENSE",
        "htmx.min.js",
        "icon.svg",
    }


async def test_the_files_are_served_with_their_types_and_nothing_else_is(visitor: Browser) -> None:
    for name, media in [
        ("console.css", "text/css"),
        ("htmx.min.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ]:
        answer = await visitor.get(f"/static/{name}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media)
    for name in ("htmx.license", "nothing.css", "..%2fparts.py"):
        assert (await visitor.get(f"/static/{name}")).status_code == 404
