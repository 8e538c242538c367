"""The embedded server in ordinary days: made, started, stopped, started again."""

import os
import socket
import stat
import threading
import time
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.storage.embedded import EmbeddedAddress, EmbeddedPostgres, EmbeddedPostgresError, wheel_binaries
from tests.storage.embedded.observer import ask, command_lines, program, running

NUMBER = "+46701740605"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Modification time and size of everything below a folder."""
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}


async def setting(address: EmbeddedAddress, name: str) -> str:
    return str((await ask(address, f"SHOW {name}"))[0])


async def test_a_fresh_folder_becomes_a_working_server(fresh_dir: Path) -> None:
    server = EmbeddedPostgres(fresh_dir)
    with server as address:
        assert server.pid in running(fresh_dir)
        assert await ask(address, "SELECT current_database()::text") == ["sparr"]
        assert await setting(address, "server_encoding") == "UTF8"
        assert await ask(address, "SELECT datcollate FROM pg_database WHERE datname = 'sparr'") == ["C"]
    assert server.pid is None


async def test_commits_are_flushed_pages_are_checked_and_the_clock_is_utc(data_dir: Path) -> None:
    names = ["fsync", "full_page_writes", "synchronous_commit", "data_checksums", "wal_level", "timezone"]
    with EmbeddedPostgres(data_dir) as address:
        found = [await setting(address, name) for name in names]
    assert found == ["on", "on", "on", "on", "replica", "UTC"]


async def test_the_url_is_one_that_sqlalchemy_understands(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as address:
        engine = create_async_engine(address.url())
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT current_user::text")) == "sparr_super"
        await engine.dispose()


async def test_a_wrong_password_is_refused_on_the_socket_and_on_tcp(data_dir: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with EmbeddedPostgres(data_dir, tcp_port=port) as address:
        for host in (str(address.socket_dir), "127.0.0.1"):
            assert await ask(address, "SELECT 1", host=host) == [1]
            with pytest.raises(asyncpg.InvalidPasswordError):
                await ask(address, "SELECT 1", host=host, password="guessed")
        verifier = await ask(address, "SELECT rolpassword FROM pg_authid WHERE rolname = 'sparr_super'")
        assert verifier[0].startswith("SCRAM-SHA-256$")


async def test_without_being_asked_it_listens_on_no_network(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as address:
        assert await setting(address, "listen_addresses") == ""


async def test_what_was_written_is_there_after_stop_and_start(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    with server as first:
        await ask(first, "CREATE TABLE act AS SELECT 42 AS n")
    with server as second:
        assert second == first
        assert await ask(second, "SELECT n FROM act") == [42]


async def test_an_immediate_stop_loses_nothing_acknowledged(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    await ask(server.start(), "CREATE TABLE act AS SELECT 42 AS n")
    server.stop("immediate")
    with server as address:
        assert await ask(address, "SELECT n FROM act") == [42]


def test_stopping_twice_or_without_a_start_is_harmless(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.stop()
    server.start()
    server.stop()
    server.stop("immediate")
    assert running(data_dir) == set()


def test_the_server_outlives_the_thread_that_asked_for_it(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    starter = threading.Thread(target=server.start)
    starter.start()
    starter.join()
    postmaster = server.pid
    time.sleep(0.3)
    assert postmaster is not None
    assert server.pid == postmaster
    server.stop()


def test_only_the_owner_reads_the_password_the_log_and_the_socket(fresh_dir: Path) -> None:
    with EmbeddedPostgres(fresh_dir) as address:
        assert mode(fresh_dir / "pg-password") == mode(fresh_dir / "pg.log") == 0o600
        assert mode(fresh_dir) == mode(fresh_dir / "pg") == mode(address.socket_dir) == 0o700
        assert mode(address.socket_dir / f".s.PGSQL.{address.port}") == 0o700


async def test_the_password_is_printed_nowhere(fresh_dir: Path) -> None:
    events: list[str] = []
    with EmbeddedPostgres(fresh_dir, on_event=events.append) as address:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(address, "SELECT 1", password=address.password[:-1])
        commands = command_lines(fresh_dir)
    assert any("postgres" in command for command in commands)
    printed = [repr(address), str(address), *events, *commands, (fresh_dir / "pg.log").read_text()]
    assert address.password == (fresh_dir / "pg-password").read_text()
    assert [text for text in printed if address.password[:-1] in text] == []


async def test_a_value_that_causes_an_error_is_not_in_the_log(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as address:
        with pytest.raises(asyncpg.InvalidTextRepresentationError):
            await ask(address, f"SELECT '{NUMBER}'::uuid")
        await ask(address, f"CREATE TABLE entry AS SELECT '{NUMBER}' AS n")
        await ask(address, "ALTER TABLE entry ADD PRIMARY KEY (n)")
        with pytest.raises(asyncpg.UniqueViolationError):
            await ask(address, "INSERT INTO entry SELECT n FROM entry")
    log = (data_dir / "pg.log").read_text()
    assert "ready to accept connections" in log
    assert NUMBER not in log


async def test_a_long_log_makes_room_for_a_new_one(fresh_dir: Path) -> None:
    fresh_dir.mkdir()
    (fresh_dir / "pg.log").write_text("old")
    os.truncate(fresh_dir / "pg.log", 11_000_000)
    with EmbeddedPostgres(fresh_dir) as address:
        await ask(address, "SELECT pg_sleep(0.2)")
        assert (fresh_dir / "pg.log").stat().st_size < 1_000_000
    assert (fresh_dir / "pg.log.1").read_text().startswith("old")
    assert "shut down" in (fresh_dir / "pg.log").read_text()


async def test_a_folder_with_a_very_long_path_works(fresh_dir: Path) -> None:
    far = fresh_dir / ("far" * 30) / ("away" * 20)
    server = EmbeddedPostgres(far)
    with server as first:
        assert mode(first.socket_dir) == 0o700
        assert await ask(first, "SELECT 1") == [1]
    assert not first.socket_dir.exists()
    with server as second:
        assert second == first


def test_a_second_supervisor_is_told_who_holds_the_folder(fresh_dir: Path) -> None:
    with program(fresh_dir) as first, pytest.raises(EmbeddedPostgresError, match=f"pid {first.process.pid}"):
        EmbeddedPostgres(fresh_dir).start()


async def test_a_refused_supervisor_leaves_the_first_one_alone(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as address:
        with pytest.raises(EmbeddedPostgresError, match=f"pid {os.getpid()}"):
            EmbeddedPostgres(data_dir).start()
        assert await ask(address, "SELECT 1") == [1]


def test_a_cluster_of_another_major_version_is_refused_untouched(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.start()
    server.stop()
    (data_dir / "pg" / "PG_VERSION").write_text("17\n")
    before = contents(data_dir / "pg")
    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 17.* are PostgreSQL 18"):
        server.start()
    assert contents(data_dir / "pg") == before


def test_a_folder_that_is_no_cluster_is_refused_untouched(fresh_dir: Path) -> None:
    (fresh_dir / "pg").mkdir(parents=True)
    (fresh_dir / "pg" / "notes").write_text("mine")
    with pytest.raises(EmbeddedPostgresError, match="not a PostgreSQL cluster"):
        EmbeddedPostgres(fresh_dir).start()
    assert [path.name for path in (fresh_dir / "pg").iterdir()] == ["notes"]


def test_a_lost_password_file_is_named(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.start()
    server.stop()
    (data_dir / "pg-password").unlink()
    with pytest.raises(EmbeddedPostgresError, match="pg-password is missing"):
        server.start()


def test_a_start_that_takes_too_long_says_so_and_leaves_nothing_running(fresh_dir: Path) -> None:
    server = EmbeddedPostgres(fresh_dir)
    with pytest.raises(EmbeddedPostgresError, match="in time"):
        server.start(timeout_s=0.1)
    assert running(fresh_dir) == set()
    server.start()
    server.stop()


def test_a_server_that_refuses_to_start_says_why(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match='invalid value for parameter "max_connections"'):
        EmbeddedPostgres(data_dir, settings={"max_connections": "many"}).start()


async def test_settings_of_the_caller_count(data_dir: Path) -> None:
    wanted = {"max_connections": "20", "synchronous_commit": "remote_apply"}
    with EmbeddedPostgres(data_dir, settings=wanted) as address:
        assert [await setting(address, name) for name in wanted] == ["20", "remote_apply"]


@pytest.mark.parametrize(
    "name", ["fsync", "FSYNC", "full_page_writes", "full-page-writes", "synchronous_commit"]
)
def test_durability_cannot_be_switched_off(fresh_dir: Path, name: str) -> None:
    with pytest.raises(EmbeddedPostgresError, match=name):
        EmbeddedPostgres(fresh_dir, settings={name: "off"})


async def test_programs_from_another_folder_can_be_used(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(wheel_binaries())
    with EmbeddedPostgres(data_dir, pg_bin=tmp_path / "elsewhere") as address:
        assert await ask(address, "SELECT 1") == [1]


def test_a_folder_without_programs_is_named(fresh_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match=f"{tmp_path}/postgres is missing"):
        EmbeddedPostgres(fresh_dir, pg_bin=tmp_path).start()
