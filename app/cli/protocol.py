"""HTTP as uvicorn speaks it, with two things more. An answer that nobody takes can be given up at once: an
orderly close would wait for its last bytes to be read, and so for ever. And whoever waits for something to
happen can see that the server is about to stop."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.change_watch import STOPPING
from app.api.streamed_answers import ABORT


class AbortableProtocol(HttpToolsProtocol):
    """Hands the application ASGI extensions: one ends the connection, one tells whether the server stops."""

    stopping = False

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        scope: Any = self.scope
        own = {ABORT: self.transport.abort, STOPPING: lambda: self.stopping}
        scope["extensions"] = {**scope.get("extensions", {}), **own}

    def shutdown(self) -> None:
        self.stopping = True
        super().shutdown()
