"""What every room of the tests shares: one PostgreSQL server, fresh databases, the vectors."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import hypothesis
import pytest
import structlog

from federation.node.database import migrate_database
from federation.node.postgres import PostgresServer, create_node_database, start_server
from federation.node.settings import NodeSettings

ROOT = Path(__file__).resolve().parent.parent
WORK_TIMEOUT_S = 120
MEMORY = Path("/dev/shm")
MEMORY_MIN = 4 * 2**30
MANY_CONNECTIONS = {"max_connections": "200"}
COPY = """
SELECT unnest(ARRAY[
    format('CREATE ROLE %I LOGIN IN ROLE %I', 'ruilbrug_owner_' || $1, 'ruilbrug_owner_' || $2),
    format('CREATE DATABASE %I OWNER %I TEMPLATE %I STRATEGY file_copy',
        $1::text, 'ruilbrug_owner_' || $1, $2::text)
])
"""
DROP = """
SELECT format('DROP DATABASE %I WITH (FORCE)', $1::text)
UNION ALL SELECT format('DROP ROLE %I', role) FROM unnest($2::text[]) AS role
"""

LONG = (
    "tests/federation/crash",
    "tests/browser",
    "tests/simulation",
    "tests/federation/api/test_schemathesis.py",
    "tests/federation/line/test_bad_input.py",
    "tests/federation/cli",
    "tests/federation/world",
)
"""Where the long tests are. They begin first: one that begins last is waited for on idle cores."""

Result = TypeVar("Result")
_numbers = itertools.count(1)

hypothesis.settings.register_profile(
    "ruilbrug",
    deadline=None,
    print_blob=True,
    # like a deadline, it judges the machine: on one that is busy, any example can take long
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("ruilbrug")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long tests begin; otherwise the order stays."""
    items.sort(key=lambda item: turn(item.path))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests marked `told` printed although they passed: what CI is to be read for."""
    told = [
        (report.nodeid, printed)
        for report in terminalreporter.getreports("passed")
        if "told" in report.keywords and (printed := report.capstdout.strip())
    ]
    if told:
        terminalreporter.section("told by tests that passed")
    for nodeid, printed in sorted(told):
        terminalreporter.section(nodeid, sep="_")
        terminalreporter.line(printed)


def turn(path: Path) -> int:
    """Give when it is a file's turn."""
    within = (at for at, place in enumerate(LONG) if path.is_relative_to(ROOT / place))
    return next(within, len(LONG))


@pytest.fixture(scope="session")
def shared_vectors() -> Path:
    """Give the folder of the public test vectors; without it the tests that need it are left out.

    It lies beside the checkout (`../shared/vectors`), or where RUILBRUG_VECTORS says. Where CI is
    `true` its absence is a failure.
    """
    named = os.environ.get("RUILBRUG_VECTORS")
    folder = Path(named) if named else ROOT.parent / "shared" / "vectors"
    if folder.is_dir():
        return folder
    reason = f"no test vectors in {folder}; set RUILBRUG_VECTORS to their folder"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _log_as_ever() -> Iterator[None]:
    """Undo what a test told the log: the next one in this process expects the defaults."""
    yield
    structlog.reset_defaults()


class Background:
    """An event loop in a thread of its own, for what outlives the loop of a test.

    A server ends with the thread that started it, so the thread lives as long as the tests.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="background")
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WORK_TIMEOUT_S)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WORK_TIMEOUT_S)
        self._loop.close()


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    """Give an event loop that lives as long as the session."""
    loop = Background()
    yield loop
    loop.close()


@contextlib.contextmanager
def folder_for_servers(inside: Path | None = None) -> Iterator[Path]:
    """Give a fresh folder that `nobody`, as whom root's servers run, can enter."""
    with tempfile.TemporaryDirectory(prefix="rbt-", dir=inside) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """Give a fresh folder for a server; `tmp_path` is closed to others."""
    with folder_for_servers() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_server(background: Background) -> Iterator[PostgresServer]:
    """Give one server for all tests that promise no durability; in memory, if there is enough."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_MIN
    with folder_for_servers(MEMORY if roomy else None) as folder:
        data = folder / "data"
        server = background.run(start_server(data, durable=False, settings=MANY_CONNECTIONS))
        yield server
        background.run(server.stop())


@pytest.fixture
def dropped_last(background: Background, postgres_server: PostgresServer) -> Iterator[list[str]]:
    """Give the list of databases to drop, after all that may still use one of them has ended.

    A world is asked for before the empty database that a test moves one of its nodes to, so the
    database would otherwise go first, and the node under way would find it gone.
    """
    names: list[str] = []
    yield names
    for name in names:
        background.run(drop_database(postgres_server, name))


@pytest.fixture
def database(
    background: Background, postgres_server: PostgresServer, dropped_last: list[str]
) -> tuple[str, str]:
    """Give (owner's address, runtime role's address) of a fresh empty database."""
    dropped_last.append(f"t{next(_numbers)}")
    return background.run(create_node_database(postgres_server, dropped_last[-1]))


@pytest.fixture(scope="session")
def pattern(background: Background, postgres_server: PostgresServer) -> str:
    """Give the name of a database in which all migrations have run, to be copied."""
    name = "pattern"

    async def make() -> None:
        owner, runtime = await create_node_database(postgres_server, name)
        settings = NodeSettings(
            name=name,
            public_url="http://localhost",
            listen_port=1,
            database=runtime,
            database_owner=owner,
        )
        await migrate_database(settings)

    background.run(make())
    return name


@pytest.fixture
def another_database(
    background: Background,
    postgres_server: PostgresServer,
    pattern: str,
    dropped_last: list[str],
) -> Callable[[], tuple[str, str]]:
    """Give a function that makes one more database with empty tables, for tests of nodes."""

    def make() -> tuple[str, str]:
        dropped_last.append(f"t{next(_numbers)}")
        return background.run(copy_database(postgres_server, pattern, dropped_last[-1]))

    return make


async def copy_database(server: PostgresServer, pattern: str, name: str) -> tuple[str, str]:
    """Give (owner's address, runtime role's address) of a copy; its owner may all that theirs may.

    Migrations take five times as long as a copy.
    """
    async with asyncio.timeout(WORK_TIMEOUT_S):
        connection = await asyncpg.connect(server.dsn())
        try:
            for row in await connection.fetch(COPY, name, pattern):
                await connection.execute(row[0])
        finally:
            await connection.close()
    return await create_node_database(server, name)


async def drop_database(server: PostgresServer, name: str) -> None:
    async with asyncio.timeout(WORK_TIMEOUT_S):
        connection = await asyncpg.connect(server.dsn())
        try:
            for row in await connection.fetch(
                DROP, name, [f"ruilbrug_owner_{name}", f"ruilbrug_node_{name}"]
            ):
                await connection.execute(row[0])
        finally:
            await connection.close()
