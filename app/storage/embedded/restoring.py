"""A cluster brought back from a folder of backups into a data folder that has none.

Everything happens beside the data folder, and what is whole is renamed into it at the end: a restore that
broke off leaves nothing there. The cluster goes on on a timeline of its own, so that nothing can be added to
the old backups by mistake.
"""

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.storage.embedded.backups import Base, bases_of, read_about, verify_base
from app.storage.embedded.cluster import flush_folder, make_password, read_password, set_password
from app.storage.embedded.errors import EmbeddedPostgresError
from app.storage.embedded.identity import choose_identity
from app.storage.embedded.leftovers import postmaster_state
from app.storage.embedded.supervisor import EmbeddedPostgres

_PARTIAL: Final = ".partial"
_RECOVERY_SECONDS: Final = 24 * 3600.0
_LOOK_SECONDS: Final = 0.05
_PASSWORD_SECONDS: Final = 60.0
_RECOVERY: Final = {
    "hot_standby": "off",
    "restore_command": "false",
    "recovery_target_action": "promote",
    "recovery_target_timeline": "current",
}
"""The log lies in the cluster already: there is nowhere to fetch more from (false(1))."""

_TOO_LATE: Final = "recovery ended before configured recovery target"


def choose_base(backups: Path, at: datetime | None) -> Base:
    """The newest whole copy from which the moment can be reached."""
    read_about(backups)
    fitting = [base for base in bases_of(backups) if at is None or base.since <= at]
    if not fitting:
        raise EmbeddedPostgresError(f"{backups} holds no copy from which that moment can be reached")
    return fitting[-1]


def restore_cluster(
    backups: Path, data_dir: Path, programs: Path, at: datetime | None, say: Callable[[str], None]
) -> Base:
    """Restore into a data folder without a cluster; `at` is a moment, or None for all there is."""
    if (data_dir / "pg").exists():
        raise EmbeddedPostgresError(f"{data_dir} has a cluster already; nothing was touched")
    base = choose_base(backups, at)
    say(f"verifying {base.folder.name}")
    verify_base(base.folder, programs)
    making = data_dir.resolve().with_name(f"{data_dir.resolve().name}.restoring")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    try:
        _lay_out(base, backups / "wal", making / "pg")
        say("replaying what was written since")
        _recover(making, programs, at)
        (making / "pg-password").rename(data_dir / "pg-password")
        (making / "pg").rename(data_dir / "pg")
        flush_folder(data_dir)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return base


def _lay_out(base: Base, log: Path, cluster: Path) -> None:
    """The copy, and beside its own log all that was fetched after it."""
    shutil.copytree(base.folder, cluster, symlinks=True)
    cluster.chmod(0o700)
    for segment in sorted(log.glob("*")) if log.exists() else ():
        whole = cluster / "pg_wal" / segment.name.removesuffix(_PARTIAL)
        if segment.suffix != _PARTIAL or not whole.exists():
            shutil.copyfile(segment, whole)
            whole.chmod(0o600)
    (cluster / "recovery.signal").touch(mode=0o600)


def _recover(folder: Path, programs: Path, at: datetime | None) -> None:
    identity, _ = choose_identity(folder, programs / "postgres")
    identity.let_into(folder)
    make_password(folder, identity)
    target = {} if at is None else {"recovery_target_time": at.astimezone(UTC).isoformat(" ")}
    ended: list[str] = []
    settings = {**_RECOVERY, **target}
    server = EmbeddedPostgres(folder, pg_bin=programs, settings=settings, on_event=ended.append)
    cluster = folder / "pg"
    try:
        server.start(_RECOVERY_SECONDS)
    except EmbeddedPostgresError as failed:
        raise EmbeddedPostgresError(_complaint(str(failed))) from None
    try:
        # It counts as started when recovery begins. What ends it before it is over is told by the supervisor.
        while postmaster_state(cluster)[1] != "ready" and not ended:
            time.sleep(_LOOK_SECONDS)
    finally:
        server.stop()
    if ended:
        raise EmbeddedPostgresError(_complaint((folder / "pg.log").read_text(errors="replace")))
    set_password(cluster, programs, identity, read_password(folder), time.monotonic() + _PASSWORD_SECONDS)


def _complaint(log: str) -> str:
    """Why recovery ended, from what the server wrote."""
    if _TOO_LATE in log:
        return "nothing was written as late as that; leave --at out"
    fatal = [line.partition("FATAL:")[2].strip() for line in log.splitlines() if "FATAL:" in line]
    return f"the cluster could not be brought back: {fatal[0] if fatal else log[-200:]}"
