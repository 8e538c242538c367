"""Several server processes behind one port."""

import ctypes
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import structlog
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from app.api.logs import configure_logging
from app.cli.connection_limits import LimitedConfig, LimitedProtocol
from app.cli.request_heads import Limits
from app.crypto.keys import KeyRing, load_or_create
from app.domain.quotas import Quota
from app.main import create_app, deployment, open_database, pinned_issuers, pinned_roots, sign_in_issuer
from app.settings import Settings, load_settings, public_url, witness_path
from app.usecases.receive_wash import Laundry

_DEATH_SIGNAL = 1
_READY_CHECK = 0.05
_START_SECONDS = 60
_log = structlog.get_logger("sparr.workers")


def served_app(settings: Settings, ring: KeyRing, url: str) -> FastAPI:
    """The application of one process."""
    configure_logging(settings.log_level)
    issuer = public_url(settings)
    database = open_database(
        url,
        ring,
        issuer,
        settings.pool,
        pinned_roots(settings),
        settings.index_memory,
        pinned_issuers(settings),
    )
    parts = deployment(
        database,
        ring,
        issuer,
        settings.metrics_token,
        laundry(settings),
        sequencing=True,
        quota=Quota(
            settings.quota_items, requests=settings.quota_requests, body_bytes=settings.quota_body << 20
        ),
        witness=witness_path(settings),
    )
    return create_app(parts, sign_in_issuer(settings))


def laundry(settings: Settings) -> Laundry:
    """Where the files that are washed lie, and for how long."""
    root = settings.wash_dir or settings.data_dir / "washes"
    return Laundry(root.resolve(), timedelta(hours=settings.wash_hours))


def server_config(app: FastAPI | str, settings: Settings, *, factory: bool = False) -> LimitedConfig:
    """How uvicorn runs: httptools, no log lines of its own, nothing about the server in the answers."""
    config = LimitedConfig(
        app,
        factory=factory,
        workers=settings.workers,
        http=LimitedProtocol,
        loop="uvloop",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
    )
    config.limits = Limits(settings.head_seconds, settings.body_seconds, settings.connections)
    return config


def worker_app() -> FastAPI:
    """What each worker process makes for itself; everything it needs to know is in its environment."""
    _end_with_parent()
    settings = load_settings()
    if settings.database_url is None or settings.keys_file is None:
        raise RuntimeError("a worker is started by `up` or `serve`")
    return served_app(settings, load_or_create(settings.keys_file), settings.database_url)


def _end_with_parent() -> None:
    """A worker whose parent was killed would answer from a database that is going away (Linux prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGTERM)


def run_workers(settings: Settings, url: str, listening: socket.socket, announce: Callable[[], None]) -> None:
    """Run until told to stop. A worker that dies is replaced; metrics of all are added up in a folder."""
    figures = Path(tempfile.mkdtemp(prefix="sparr-metrics-"))
    keys = settings.keys_file or settings.data_dir / "keys.json"
    os.environ |= {
        "PROMETHEUS_MULTIPROC_DIR": str(figures),
        "SPARR_DATABASE_URL": url,
        "SPARR_KEYS_FILE": str(keys.resolve()),
        "SPARR_PUBLIC_URL": public_url(settings),
        "SPARR_LOG_LEVEL": settings.log_level,
        "SPARR_POOL": str(settings.pool),
        "SPARR_WASH_DIR": str(laundry(settings).root),
        "SPARR_WITNESS": str(witness_path(settings).resolve()),
        "SPARR_INDEX_MEMORY": str(settings.index_memory),
    }
    config = server_config("app.cli.workers:worker_app", settings, factory=True)
    configure_logging(settings.log_level)
    supervisor = _Supervisor(config, sockets=[listening])
    threading.Thread(target=_announce_when_ready, args=(supervisor, announce), daemon=True).start()
    try:
        supervisor.run()
    finally:
        shutil.rmtree(figures, ignore_errors=True)


class _Supervisor(Multiprocess):
    """On SIGHUP each worker is replaced by one that answers already before it is told to stop. A worker has
    as long to start as that may take on a busy machine; one that hangs later is noticed sooner. What once
    ran goes on: one that cannot start while the database is away is tried again and does not end the rest."""

    _answered: frozenset[int | None] = frozenset()

    def restart_all(self) -> None:
        """One after the other."""
        with self._patience():
            super().restart_all()

    def keep_subprocess_alive(self) -> None:
        """Whoever is alive has answered by the end of it."""
        ending, ran = self.should_exit.is_set(), bool(self._answered)
        there = frozenset(process.pid for process in self.processes)
        if there <= self._answered:
            super().keep_subprocess_alive()
        else:
            with self._patience():
                super().keep_subprocess_alive()
            self._answered = there
        if ran and not ending and self.should_exit.is_set():
            # Only a failed start sets this here: signals are handled between two calls.
            self.should_exit.clear()
            self._try_again()

    def _try_again(self) -> None:
        for place, process in enumerate(self.processes):
            if process.exitcode == STARTUP_FAILURE:
                _log.warning("a worker did not start; another one is tried")
                self.processes[place] = Process(self.config, self.sockets)
                self.processes[place].start()

    @contextmanager
    def _patience(self) -> Iterator[None]:
        usual = self.config.timeout_worker_healthcheck
        self.config.timeout_worker_healthcheck = _START_SECONDS
        try:
            yield
        finally:
            self.config.timeout_worker_healthcheck = usual


def _announce_when_ready(supervisor: Multiprocess, announce: Callable[[], None]) -> None:
    while not supervisor.processes or not all(p.is_ready() for p in list(supervisor.processes)):
        time.sleep(_READY_CHECK)
    announce()
