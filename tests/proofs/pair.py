"""A primary and its hot standby: two real servers, that can be killed, stopped, filled up and promoted.

The standby is copied by pg_basebackup from the same programs. When the pair is synchronous, the primary
acknowledges nothing that the standby has not applied (`remote_apply`).
"""

import asyncio
import contextlib
import shutil
import subprocess
import time
from typing import Any

import asyncpg
import psutil

from app.storage.embedded import EmbeddedAddress, EmbeddedPostgres
from app.storage.embedded.identity import choose_identity
from app.storage.embedded.supervisor import wheel_binaries
from tests.proofs.disks import Disk

PATIENCE = 120.0
SETTINGS = {
    "synchronous_commit": "remote_apply",
    "wal_keep_size": "512MB",
    "max_wal_size": "256MB",
    "hot_standby_feedback": "on",
    # A copy must not wait for somebody else's checkpoint, and an idle sender must notice its end soon.
    "wal_sender_timeout": "5s",
    "wal_receiver_timeout": "5s",
    "wal_retrieve_retry_interval": "200ms",
}


class Server:
    """One cluster on a disk of its own, with the supervisor that the registry itself uses."""

    def __init__(self, name: str, disk: Disk, tcp_port: int | None = None) -> None:
        self.name = name
        self.disk = disk
        self.folder = disk.folder / "d"
        self.postgres = EmbeddedPostgres(self.folder, settings=SETTINGS, tcp_port=tcp_port)
        self.address: EmbeddedAddress | None = None

    def start(self) -> None:
        """Start it, or make it first."""
        self.address = self.postgres.start(PATIENCE)

    def stop(self) -> None:
        """End it, in order when it listens."""
        self.go_on()
        self.postgres.stop("immediate")
        self.address = None

    def destroy(self) -> None:
        """It never comes back."""
        for each in self.processes():
            with contextlib.suppress(psutil.Error):
                each.kill()
        self.postgres.stop("immediate")
        self.address = None
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """Where it is, with its superuser."""
        assert self.address is not None
        return self.address.url()

    def processes(self, *kinds: str) -> list[psutil.Process]:
        """The postmaster first, then its children; of these kinds only, by the titles that they have."""
        if self.postgres.pid is None:
            return []
        with contextlib.suppress(psutil.Error):
            postmaster = psutil.Process(self.postgres.pid)
            found = [postmaster, *postmaster.children(recursive=True)]
            return [one for one in found if not kinds or any(kind in title(one) for kind in kinds)]
        return []

    def backends(self) -> list[psutil.Process]:
        """The processes that serve the registry's own roles."""
        return self.processes(": sparr_")

    def stand_still(self, *kinds: str) -> None:
        """Stop processes without ending them."""
        for each in self.processes(*kinds):
            with contextlib.suppress(psutil.Error):
                each.suspend()

    def go_on(self) -> None:
        """Let all of them run again."""
        for each in self.processes():
            with contextlib.suppress(psutil.Error):
                each.resume()

    async def superuser(self, patience: float = PATIENCE) -> Any:
        """A plain connection, as soon as there can be one."""
        address = self.address
        assert address is not None
        until = time.monotonic() + patience
        while True:
            try:
                return await asyncpg.connect(
                    host=str(address.socket_dir),
                    port=address.port,
                    user=address.user,
                    password=address.password,
                    database=address.database,
                    timeout=5,
                )
            except (asyncpg.PostgresError, OSError, TimeoutError):
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.05)

    async def nobody_recovers(self) -> bool:
        """Whether it turns everybody away while nobody is at work on it. PostgreSQL 18 stays like that when
        its startup process dies in the recovery from a crash; whoever runs it has to restart it."""
        try:
            (await self.superuser(patience=0)).terminate()
        except asyncpg.CannotConnectNowError:
            return not self.processes(": startup")
        except (asyncpg.PostgresError, OSError, TimeoutError):
            pass
        return False

    async def value(self, sql: str) -> Any:
        """One value, as the superuser."""
        connection = await self.superuser()
        try:
            return await connection.fetchval(sql)
        finally:
            connection.terminate()


def title(process: psutil.Process) -> str:
    """What a server process says that it is; nothing when it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


class Pair:
    """Two servers, of which one follows the other. `attach` gives the primary its standby, `fail_over` makes
    the standby the primary of a new standby."""

    def __init__(self, first: Disk, second: Disk, *, synchronous: bool = True) -> None:
        self.primary = Server("first", first)
        self.standby = Server("second", second)
        self._synchronous = synchronous

    async def attach(self) -> None:
        """Copy the primary, start the copy as its standby, and wait until it follows."""
        await asyncio.to_thread(_copy, self.primary, self.standby)
        await asyncio.to_thread(self.standby.start)
        if self._synchronous:
            await self.primary.value("ALTER SYSTEM SET synchronous_standby_names = '*'")
        await self.primary.value("SELECT pg_reload_conf()")
        await self.follow()

    async def follow(self) -> None:
        """Wait until the standby streams, and takes part in every commit if it should."""
        wanted = "sync" if self._synchronous else "async"
        until = time.monotonic() + PATIENCE
        asked = "SELECT max(sync_state) FROM pg_stat_replication WHERE state = 'streaming'"
        while await self.primary.value(asked) != wanted:
            assert time.monotonic() < until, "the standby does not follow"
            await asyncio.sleep(0.05)
        (await self.standby.superuser()).terminate()

    async def promote(self) -> None:
        """The primary is destroyed; the standby takes its place. The pair has no standby then."""
        await asyncio.to_thread(self.primary.destroy)
        self.standby.go_on()
        await self.standby.value("SELECT pg_promote(true, 60)")
        self.primary, self.standby = self.standby, self.primary

    async def fail_over(self) -> None:
        """The same, and a new standby for the new primary."""
        await self.promote()
        await self.attach()

    def stop(self) -> None:
        """End both."""
        for each in (self.standby, self.primary):
            each.stop()


def _copy(primary: Server, standby: Server) -> None:
    """A base backup of a running primary, made into a standby that logs in as the primary's superuser."""
    assert primary.address is not None
    shutil.rmtree(standby.folder, ignore_errors=True)
    standby.folder.mkdir(mode=0o700, parents=True)
    shutil.copy2(primary.folder / "pg-password", standby.folder)
    identity, _ = choose_identity(primary.folder, wheel_binaries() / "postgres")
    making = standby.folder / "pg"
    making.mkdir(mode=0o700)
    identity.let_into(standby.folder)
    identity.own(making)
    at = primary.address
    login = f"host={at.socket_dir} port={at.port} user={at.user} password={at.password}"
    told = ("-d", login, "-D", str(making), "-R", "-X", "stream", "-c", "fast", "--no-sync")
    done: subprocess.CompletedProcess[str] = identity.run(
        wheel_binaries() / "pg_basebackup", *told, timeout_s=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    (making / "postmaster.opts").unlink(missing_ok=True)
