"""HTTP as uvicorn speaks it, with three things more. An answer that nobody takes can be given up at once: an
orderly close would wait for its last bytes to be read, and so for ever. Whoever waits for something to happen
can see that the server is about to stop. And a server that stops closes no connection on which a request may
be on its way: for a moment it still answers, and tells the client to connect anew (RFC 9112 section 9.6)."""

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.change_watch import STOPPING
from app.api.streamed_answers import ABORT

LAST_REQUEST_SECONDS: Final = 1
"""How long a connection without a request is kept for its last one."""

_STOPPING: Final = "sparr_stopping"


class OrderlyProtocol(HttpToolsProtocol):
    """Hands the application ASGI extensions: one ends the connection, one tells whether the server stops."""

    stopping = False
    _heading = False

    def connection_made(self, transport: Any) -> None:
        """One that was taken in the very moment of stopping is not told by the server."""
        super().connection_made(transport)
        if getattr(self.server_state, _STOPPING, False):
            self.shutdown()

    def on_message_begin(self) -> None:
        self._heading = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._heading = False
        super().on_headers_complete()
        scope: Any = self.scope
        own = {ABORT: self.transport.abort, STOPPING: lambda: self.stopping}
        scope["extensions"] = {**scope.get("extensions", {}), **own}
        if self.stopping:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Let what is being answered end, and wait a moment for a request that is on its way. An answer that
        has begun has not said that it is the last one, so the one after it does."""
        self.stopping = True
        setattr(self.server_state, _STOPPING, True)
        self.timeout_keep_alive = LAST_REQUEST_SECONDS
        if self._idle():
            self.loop.call_later(LAST_REQUEST_SECONDS, self._close_idle)
        elif self.cycle is not None and not self.cycle.response_started:
            self.cycle.keep_alive = False

    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_idle(self) -> None:
        if self._idle() and not self._heading and not self.transport.is_closing():
            self.transport.close()
