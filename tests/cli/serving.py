"""A registry that really listens, in this process, for commands that go over HTTP."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import uvicorn
from structlog.testing import capture_logs

from app.cli.connection_limits import LimitedProtocol
from app.crypto.keys import KeyRing
from app.main import create_app, deployment, open_database


class Served(NamedTuple):
    port: int
    url: str


@contextmanager
def listening_registry(database_url: str, ring: KeyRing) -> Iterator[Served]:
    """Ends with the block."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    app = create_app(deployment(open_database(database_url, ring, issuer, pool=4), ring, issuer))
    config = uvicorn.Config(app, log_config=None, http=LimitedProtocol, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    with capture_logs():
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield Served(port, issuer)
        finally:
            server.should_exit = True
            thread.join()
