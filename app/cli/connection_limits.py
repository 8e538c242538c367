"""The limits of a connection, in bytes and in seconds, before anybody knows whose it is: uvicorn itself would
take 20 MB of headers and wait for their end for ever."""

import asyncio
from enum import Enum, auto
from typing import Any, Final

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.api.metrics import count_request
from app.api.observing import OTHER, UNMATCHED
from app.api.problems import problem_response
from app.api.streamed_bodies import UNHURRIED
from app.cli.protocol import OrderlyProtocol
from app.cli.request_heads import HEAD_BYTES, Limits, fault_of

_LOOKS_EVERY: Final = 1.0
_LINGER: Final = 2.0
"""Seconds in which a refused client may read why: whoever closes at once on one who still sends, resets."""

_TAKEN: Final = 16 * 1024
"""Of an answer so many bytes must be taken in the seconds that a body has, or all that is left of it."""

_MOST_PIPELINED: Final = 16


class _Phase(Enum):
    """What of a request has come."""

    HEAD = auto()
    BODY = auto()
    WHOLE = auto()


class LimitedConfig(uvicorn.Config):
    """How uvicorn runs, with the limits of each connection."""

    limits = Limits()


class LimitedProtocol(OrderlyProtocol):
    """One connection. The application gets an ASGI extension more: it says that a body takes as long as its
    sender likes."""

    def __init__(self, config: uvicorn.Config, *others: Any, **named: Any) -> None:
        super().__init__(config, *others, **named)
        self._limits = config.limits if isinstance(config, LimitedConfig) else Limits()
        self._phase = _Phase.HEAD
        self.since = self._seen = self._taken_since = self.loop.time()
        self._head = self._body = self._empty = self._untaken = 0
        self._unhurried = self._over = False
        self._fault = "BAD_REQUEST"
        self._looking: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """Whether it has asked for nothing that is not answered."""
        return self._phase is _Phase.HEAD and not self._answering

    @property
    def sends(self) -> bool:
        """Whether its body is still coming, and nobody has said that it may take its time."""
        return self._phase is _Phase.BODY and not self._unhurried

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._looking = self.loop.call_later(_LOOKS_EVERY, self._look)
        if len(self.connections) > self._limits.connections:
            self._make_room()

    def _make_room(self) -> None:
        """Whoever has been waiting for the longest goes, or else who has been sending for the longest. One
        who has asked for something never does."""
        all_ = [one for one in self.connections if isinstance(one, LimitedProtocol) and one is not self]
        waiting = [one for one in all_ if one.waits] or [one for one in all_ if one.sends]
        min(waiting, key=lambda one: one.since, default=self).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._looking is not None:
            self._looking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        self._unset_keepalive_if_required()
        before, body = self._phase, self._body
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # No other protocol is spoken here (RFC 9110 section 7.8); what follows is not read as HTTP.
            self._end_after_answer()
        except httptools.HttpParserError:
            self._refuse(self._fault)
        else:
            self._measure(len(data), before, body)

    def _measure(self, size: int, before: _Phase, body: int) -> None:
        """Heads that do not end, and what stands around the pieces of a body (RFC 9112 section 7.1)."""
        if self._phase is _Phase.HEAD and before is _Phase.HEAD:
            self._head += size
            if self._head > HEAD_BYTES:
                self._refuse("HEADERS_TOO_LARGE")
        elif self._phase is _Phase.BODY:
            self._empty = 0 if self._body != body else self._empty + size
            if self._empty > HEAD_BYTES:
                self._refuse("BAD_REQUEST")

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= _MOST_PIPELINED:
            raise ValueError("too many requests wait on one connection")
        super().on_message_begin()
        self._enter(_Phase.HEAD)

    def on_headers_complete(self) -> None:
        fault = fault_of(self.url, self.headers, self.parser.get_http_version())
        if fault is not None:
            self._fault = fault
            raise ValueError("the head is not one that is read here")
        super().on_headers_complete()
        self._enter(_Phase.BODY)
        # Fields after the body would join those that were looked at already (RFC 9110 section 6.5.1).
        self.headers = []
        scope: Any = self.scope
        scope["extensions"] = {**scope["extensions"], UNHURRIED: self._let_be}

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._enter(_Phase.WHOLE if self._answering else _Phase.HEAD)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._answering and self._phase is not _Phase.HEAD:
            self._enter(_Phase.HEAD if self._phase is _Phase.WHOLE else self._phase)

    def _enter(self, phase: _Phase) -> None:
        self._phase, self.since = phase, self.loop.time()
        self._head = self._body = self._empty = 0
        self._unhurried = False

    def _let_be(self) -> None:
        self._unhurried = True

    def _look(self) -> None:
        """Once a second: is there still a reason to wait?"""
        self._looking = self.loop.call_later(_LOOKS_EVERY, self._look)
        now = self.loop.time()
        passed, self._seen = now - self._seen, now
        if self._untaken_for(now) > self._limits.body_seconds:
            self.transport.abort()
        elif self._over:
            self.since = now if self._answering else self.since
            if now - self.since > _LINGER:
                self.transport.abort()
        elif self._phase is _Phase.HEAD:
            self._look_at_head(now)
        elif self._phase is _Phase.BODY:
            self._look_at_body(now, passed)

    def _look_at_head(self, now: float) -> None:
        if self._answering:
            self.since = now
        elif now - self.since > self._limits.head_seconds:
            if self._head:
                self._refuse("REQUEST_TIMEOUT")
            else:
                self.transport.close()

    def _look_at_body(self, now: float, passed: float) -> None:
        """A body that nobody reads any more, or comes too slowly. Nobody is late while we do not read."""
        if not self._answering:
            if now - self.since > _LINGER:
                self.transport.abort()
        elif self.flow.read_paused or self._unhurried:
            self.since += passed
        elif now - self.since > self._limits.seconds_for(self._body):
            self._refuse("REQUEST_TIMEOUT")

    def _untaken_for(self, now: float) -> float:
        """For how many seconds the client has taken nothing worth mentioning of what was written."""
        size = self.transport.get_write_buffer_size()
        if not size or abs(size - self._untaken) >= _TAKEN:
            self._untaken, self._taken_since = size, now
        return now - self._taken_since

    def _end_after_answer(self) -> None:
        self._over, self.since = True, self.loop.time()
        if self._answering:
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    def _refuse(self, code: str) -> None:
        """Answer what has come instead of a request, and end the connection. What was asked before it on
        this connection is answered first; an answer that has begun is not followed by another."""
        if self._answering and self._phase is _Phase.HEAD:
            self._end_after_answer()
            return
        self._over, self.since = True, self.loop.time()
        if self._answering:
            if self.cycle.response_started or self.pipeline:
                self.transport.abort()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self.cycle = None  # type: ignore[assignment]  # as before the first request
        answer = problem_response(code, headers={"Connection": "close", "X-Content-Type-Options": "nosniff"})
        count_request(UNMATCHED, OTHER, answer.status_code, 0.0)
        fields = [b"%s: %s\r\n" % field for field in answer.raw_headers]
        self.transport.write(b"".join((STATUS_LINE[answer.status_code], *fields, b"\r\n", answer.body)))
        self.transport.write_eof()
