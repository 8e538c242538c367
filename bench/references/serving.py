"""How a reference is served: the same server, event loop and parser as Sparr itself."""

import argparse
import socket
import sys

import uvicorn
from fastapi import FastAPI


def argument(name: str) -> str:
    """The one option that a reference takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument(f"--{name}", required=True)
    return str(getattr(parser.parse_args(), name))


def serve(app: FastAPI) -> None:
    """On a free port, which it says when it is ready."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http="httptools", loop="uvloop", log_config=None, log_level="warning", access_log=False
    )
    _Announcing(config, listening.getsockname()[1]).run(sockets=[listening])


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, port: int) -> None:
        super().__init__(config)
        self._port = port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"ready at http://127.0.0.1:{self._port}\n")
        sys.stdout.flush()
