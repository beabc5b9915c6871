"""The private server: who may reach it, what it survives, and with whom it ends."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from federation.node import postgres
from federation.node.postgres import PostgresServer, create_node_database, start_server
from schemas.errors import Code, InputError, RuilbrugError, StorageError

AS_ROOT = os.geteuid() == 0
END_TIMEOUT_S = 30
Addresses = tuple[str, str]

PARENT = """
import asyncio, sys
from pathlib import Path
from federation.node.postgres import start_server

server = asyncio.run(start_server(Path(sys.argv[1]), socket_directory=Path(sys.argv[2])))
print(server.pid, flush=True)
sys.stdin.read()
"""


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(address, timeout=10, command_timeout=30)
    try:
        yield connection
    finally:
        connection.terminate()


async def setting(server: PostgresServer, name: str) -> str:
    async with connected(server.dsn()) as connection:
        return str(await connection.fetchval("SELECT current_setting($1)", name))


async def refusal(starting: Callable[[], Coroutine[object, object, object]]) -> RuilbrugError:
    with pytest.raises(RuilbrugError) as caught:
        await starting()
    return caught.value


async def test_the_server_is_reached_by_its_socket_only(postgres_server: PostgresServer) -> None:
    status = postgres_server.socket_directory.stat()

    assert stat.S_IMODE(status.st_mode) == 0o700
    assert len(bytes(postgres_server.socket_directory / ".s.PGSQL.5432")) < 100
    assert await setting(postgres_server, "listen_addresses") == ""


async def test_the_server_does_not_run_as_root(postgres_server: PostgresServer) -> None:
    lines = Path(f"/proc/{postgres_server.pid}/status").read_text().splitlines()
    ids = {line.split()[0]: line.split()[1:] for line in lines if line[:4] in ("Uid:", "Gid:")}

    assert "0" not in {*ids["Uid:"], *ids["Gid:"]}


async def test_a_database_holds_any_text_and_sorts_by_bytes(
    postgres_server: PostgresServer,
) -> None:
    assert await setting(postgres_server, "server_encoding") == "UTF8"
    async with connected(postgres_server.dsn()) as connection:
        assert await connection.fetchval("SELECT 'Zoë' < 'aap'")


async def test_a_server_is_durable_unless_told_otherwise(
    postgres_server: PostgresServer, server_folder: Path
) -> None:
    server = await start_server(server_folder / "data")
    try:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await setting(server, name) == "on"
            assert await setting(postgres_server, name) == "off"
    finally:
        await server.stop()


async def test_settings_go_over_our_own(
    server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setattr(postgres, "SHARED_MEMORY", server_folder / "missing")

    server = await start_server(server_folder / "data", settings={"jit": "on"}, durable=False)

    try:
        assert await setting(server, "jit") == "on"
        assert await setting(server, "port") == "5432"
        assert await setting(server, "dynamic_shared_memory_type") == "mmap"
    finally:
        await server.stop()


async def test_what_was_written_is_there_after_stop_and_start(server_folder: Path) -> None:
    server = await start_server(server_folder / "data", durable=False)
    async with connected(server.dsn()) as connection:
        await connection.execute("CREATE TABLE trade (amount_minor bigint NOT NULL)")

    await server.stop()
    await server.stop()

    assert not server.socket_directory.exists()
    again = await start_server(server_folder / "data", durable=False)
    try:
        async with connected(again.dsn()) as connection:
            assert await connection.fetchval("SELECT count(*) FROM trade") == 0
    finally:
        await again.stop()


async def is_cut_off(connection: asyncpg.Connection, query: str) -> bool:
    try:
        await connection.execute(query)
    except (asyncpg.PostgresError, OSError):
        return True
    return False


async def test_a_killed_server_comes_back_at_the_same_address(server_folder: Path) -> None:
    data, sockets = server_folder / "data", server_folder / "s"
    server = await start_server(data, socket_directory=sockets)
    async with connected(server.dsn()) as connection, connected(server.dsn()) as busy:
        await connection.execute("CREATE TABLE trade (amount_minor bigint NOT NULL)")
        await connection.execute("INSERT INTO trade VALUES (12)")
        async with asyncio.TaskGroup() as working:
            task = working.create_task(
                is_cut_off(busy, "SELECT count(*) FROM generate_series(1, 9e8)")
            )
            await connection.fetchval("SELECT 1")

            await server.kill()
            again = await start_server(data, socket_directory=sockets)

        assert task.result()
    try:
        assert again.dsn() == server.dsn()
        async with connected(server.dsn()) as connection:
            assert await connection.fetchval("SELECT sum(amount_minor) FROM trade") == 12
    finally:
        await again.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_the_server_ends_when_its_parent_is_killed(
    server_folder: Path, how: signal.Signals
) -> None:
    folders = [str(server_folder / "data"), str(server_folder / "s")]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *folders], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        watched = os.pidfd_open(pid)

        parent.send_signal(how)
        parent.wait(END_TIMEOUT_S)

    ended, _, _ = select.select([watched], [], [], END_TIMEOUT_S)
    os.close(watched)
    assert ended


async def test_a_server_that_does_not_start_says_why_and_leaves_nothing(
    server_folder: Path,
) -> None:
    sockets = server_folder / "s"

    error = await refusal(
        lambda: start_server(
            server_folder / "data",
            durable=False,
            settings={"no_such_setting": "1"},
            socket_directory=sockets,
        )
    )

    assert error.code is Code.POSTGRES_FAILED
    assert "no_such_setting" in str(error)
    assert not sockets.exists()


async def test_a_folder_with_something_else_in_it_is_refused(server_folder: Path) -> None:
    (server_folder / "photo.jpg").touch()

    as_data = await refusal(lambda: start_server(server_folder))
    as_sockets = await refusal(
        lambda: start_server(server_folder / "data", socket_directory=server_folder, durable=False)
    )

    assert as_data.code is as_sockets.code is Code.POSTGRES_FAILED
    assert "neither empty nor a data directory" in str(as_data)
    assert (server_folder / "photo.jpg").exists()
    assert stat.S_IMODE(server_folder.stat().st_mode) == 0o755


async def test_a_socket_path_too_long_for_the_kernel_is_refused(server_folder: Path) -> None:
    sockets = server_folder / ("s" * 90)

    error = await refusal(
        lambda: start_server(server_folder / "data", socket_directory=sockets, durable=False)
    )

    assert "too long" in str(error)


async def test_a_long_temporary_folder_does_not_matter(
    server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = server_folder / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))

    server = await start_server(server_folder / "data", durable=False)
    await server.stop()

    assert server.socket_directory.parent == Path("/tmp")


async def test_a_folder_that_its_user_may_not_enter_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    if AS_ROOT:
        error = await refusal(lambda: start_server(closed / "data", durable=False))
        assert "may not enter" in str(error)
    else:
        server = await start_server(closed / "data", durable=False)
        await server.stop()


async def test_an_interrupted_first_start_is_made_good_by_the_next(server_folder: Path) -> None:
    half = server_folder / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    server = await start_server(server_folder / "data", durable=False)
    await server.stop()

    assert not half.exists()


async def test_the_roles_of_a_node_are_no_superusers(database: Addresses) -> None:
    owner, runtime = database

    async with connected(owner) as connection:
        assert await connection.fetchval("SELECT current_setting('is_superuser')") == "off"
        await connection.execute("CREATE TABLE trade (amount_minor bigint NOT NULL)")
    async with connected(runtime) as connection:
        assert await connection.fetchval("SELECT current_setting('is_superuser')") == "off"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT * FROM trade")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine (amount_minor bigint)")


async def test_a_node_cannot_connect_to_the_database_of_another(
    database: Addresses,
    another_database: Callable[[], Addresses],
    postgres_server: PostgresServer,
) -> None:
    other = another_database()[1].split("/")[3].split("?")[0]
    mine = database[1].split("//")[1].split("@")[0]

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres_server.dsn(other, user=mine), timeout=10)


async def test_making_a_database_twice_keeps_it(
    database: Addresses, postgres_server: PostgresServer
) -> None:
    name = database[0].split("/")[3].split("?")[0]
    async with connected(database[0]) as connection:
        await connection.execute("CREATE TABLE trade (amount_minor bigint NOT NULL)")

    assert await create_node_database(postgres_server, name) == database

    async with connected(database[0]) as connection:
        assert await connection.fetchval("SELECT count(*) FROM trade") == 0


@pytest.mark.parametrize("name", ["", "Node", "1node", 'no"de', "no-de", "n" * 32, "node\n"])
async def test_a_name_that_is_no_plain_word_is_refused(
    postgres_server: PostgresServer, name: str
) -> None:
    with pytest.raises(InputError) as caught:
        await create_node_database(postgres_server, name)

    assert caught.value.code is Code.MALFORMED


async def test_without_binaries_the_error_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        await start_server(tmp_path / "data", binaries=tmp_path)

    assert caught.value.code is Code.POSTGRES_MISSING
    assert "package postgresql" in str(caught.value)
