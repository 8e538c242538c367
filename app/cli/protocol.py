"""HTTP as uvicorn speaks it, with one thing more: an answer that nobody takes can be given up at once. An
orderly close would wait for its last bytes to be read, and so for ever."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.streamed_answers import ABORT


class AbortableProtocol(HttpToolsProtocol):
    """Hands the application an ASGI extension that ends the connection."""

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        scope: Any = self.scope
        scope["extensions"] = {**scope.get("extensions", {}), ABORT: self.transport.abort}
