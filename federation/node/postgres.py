"""A private PostgreSQL server for demo, development, tests and small nodes (design section 9).

Promises: it listens on a Unix socket that only its own user and root can open, it does not run as
root, and it ends when the process that started it ends, however that ends. The kernel ties this
to the *thread* that called `start_server`, so call it in a thread that lives as long as the server
shall. It does not make backups and does not upgrade a data directory to a newer PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

import asyncpg

from federation.node.postgres_binaries import (
    command_as,
    find_binaries,
    run_as,
    surroundings,
    user_to_run_as,
)
from schemas.errors import Code, InputError, StorageError

SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the kernel's; some containers lack it
SOCKET: Final = ".s.PGSQL.5432"
SOCKET_PATH_BYTES_MAX: Final = 100  # the kernel's limit is 107
START_TIMEOUT_S: Final = 300  # a crash recovery of 2 GB on a slow disk
STOP_TIMEOUT_S: Final = 30
CONNECT_TIMEOUT_S: Final = 10
CREATE_TIMEOUT_S: Final = 60
POLL_S: Final = 0.01
LOG_BYTES_MAX: Final = 4_000_000
SAID_MAX: Final = 600
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,30}\Z")

_SETTINGS: Final = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # texts of statements and their parameters may hold what members wrote
    "log_min_messages": "warning",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
_DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# Backends of a killed server need a moment to notice; until then the directory is theirs.
_STILL_IN_USE: Final = "is still in use"


class PostgresServer:
    """A running server with its data directory."""

    def __init__(
        self, directory: Path, socket_directory: Path, process: subprocess.Popen[bytes]
    ) -> None:
        """Take what `start_server` has started."""
        self.directory = directory
        self.socket_directory = socket_directory
        self._process = process

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self._process.pid

    def dsn(self, database: str = "postgres", *, user: str = "postgres") -> str:
        """Give the address of a database for a user."""
        place = quote(str(self.socket_directory), safe="")
        return f"postgresql://{quote(user)}@/{quote(database)}?host={place}&port=5432"

    async def stop(self) -> None:
        """Shut down: clients are cut off, what was committed is on disk. Idempotent, bounded."""
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if await self._ended_after(how):
                break
        else:
            raise StorageError(Code.POSTGRES_FAILED, reason=f"process {self.pid} does not end")
        _leave(self.socket_directory)

    async def kill(self) -> None:
        """End every process at once, as a power cut would; directory and socket folder stay.

        A busy backend would work on for minutes without its postmaster, so it is killed as well.
        """
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGSTOP)  # it starts no more of them
            backends = _children(self.pid)
            self._process.kill()
            for pid in backends:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        await self._ended_after(signal.SIGKILL)

    async def _ended_after(self, how: signal.Signals) -> bool:
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                while self._process.poll() is None:
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            return False
        return True


def _children(parent: int) -> list[int]:
    """Give the processes that `parent` has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            after_name = status.read_text(errors="replace").rpartition(")")[2]
            if int(after_name.split()[1]) == parent:
                found.append(int(status.parent.name))
    return found


async def start_server(
    directory: Path,
    *,
    binaries: Path | None = None,
    durable: bool = True,
    settings: Mapping[str, str] = {},
    socket_directory: Path | None = None,
) -> PostgresServer:
    """Start a server over `directory`, which is filled when it is empty, and wait until it answers.

    With `durable` (default), what is committed survives a power cut. `settings` go over our own.
    After `kill`, a start with the same directories recovers and keeps the addresses valid.

    Raises:
        StorageError: `postgres_missing`, or `postgres_failed` with the last lines it said.

    """
    directory = directory.absolute()
    found, user = await asyncio.to_thread(find_binaries, binaries), user_to_run_as()
    _initialised_or_empty(directory, user)
    if not (directory / "PG_VERSION").exists():
        await asyncio.to_thread(_initialise, found, user, directory, durable=durable)
    options = {**_SETTINGS, **(_DURABLE if durable else _NOT_DURABLE), **settings}
    if not SHARED_MEMORY.is_dir():
        options["dynamic_shared_memory_type"] = "mmap"
    sockets = _socket_folder(socket_directory, user)
    program = [str(found / "postgres"), "-D", str(directory), "-k", str(sockets)]
    program += [f"--{name}={value}" for name, value in options.items()]
    try:
        process = await _until_ready(command_as(user, program, dies_with=os.getpid()), directory)
    except BaseException:
        _leave(sockets)
        raise
    return PostgresServer(directory, sockets, process)


async def _until_ready(command: list[str], directory: Path) -> subprocess.Popen[bytes]:
    """Start, again while the backends of a killed server have not noticed yet."""
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while True:
                process, said = await _start(command, directory)
                if process is not None:
                    return process
                if _STILL_IN_USE not in said:
                    raise StorageError(Code.POSTGRES_FAILED, reason=said)
                await asyncio.sleep(POLL_S)
    except TimeoutError as error:
        reason = f"not ready after {START_TIMEOUT_S} s; see {directory / 'server.log'}"
        raise StorageError(Code.POSTGRES_FAILED, reason=reason) from error


async def _start(command: list[str], directory: Path) -> tuple[subprocess.Popen[bytes] | None, str]:
    """Start once; give the process when it is ready, else what it said before it ended."""
    log = directory / "server.log"
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(directory / "server.log.old")
    # root writes in another user's folder here, so never through a link
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    with os.fdopen(os.open(log, flags, 0o600), "a+b") as log_file:
        said_before = log_file.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            cwd="/",
            env=surroundings(),
            start_new_session=True,  # Ctrl-C is for us; we tell the server
        )
        try:
            while process.poll() is None:
                if _says_ready(directory / "postmaster.pid", process.pid):
                    return process, ""
                await asyncio.sleep(POLL_S)
        except BaseException:
            process.kill()
            process.wait(STOP_TIMEOUT_S)
            raise
        log_file.seek(said_before)
        said = log_file.read().decode(errors="replace").strip()
    return None, said[-SAID_MAX:] or f"it ended with code {process.returncode}"


def _says_ready(pid_file: Path, pid: int) -> bool:
    """Tell whether the postmaster has written "ready" into its pid file, as pg_ctl does."""
    try:
        lines = pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"  # noqa: PLR2004 - the file's eighth line


def _initialised_or_empty(directory: Path, user: str) -> None:
    """Refuse a directory that holds something else, or that `user` cannot reach."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (directory / "PG_VERSION").exists() and any(directory.iterdir()):
        reason = f"{directory} is neither empty nor a data directory"
        raise StorageError(Code.POSTGRES_FAILED, reason=reason)
    if not user:
        return
    uid = pwd.getpwnam(user).pw_uid
    for folder in directory.parents:
        status = folder.stat()
        enters = stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH
        if not status.st_mode & enters:
            reason = f"{user}, whom it runs as, may not enter {folder}; choose another directory"
            raise StorageError(Code.POSTGRES_FAILED, reason=reason)


def _socket_folder(wanted: Path | None, user: str) -> Path:
    """Give a folder for the socket that only `user` (and root) can enter."""
    if wanted is None:
        wanted = Path(tempfile.mkdtemp(prefix="rbpg-"))
        if len(bytes(wanted / SOCKET)) > SOCKET_PATH_BYTES_MAX:
            wanted.rmdir()
            wanted = Path(tempfile.mkdtemp(prefix="rbpg-", dir="/tmp"))
    if len(bytes(wanted / SOCKET)) > SOCKET_PATH_BYTES_MAX:
        raise StorageError(Code.POSTGRES_FAILED, reason=f"the socket path {wanted} is too long")
    wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(not path.name.startswith(SOCKET) for path in wanted.iterdir()):
        raise StorageError(Code.POSTGRES_FAILED, reason=f"{wanted} holds more than a socket")
    _give_to(user, wanted)
    return wanted


def _leave(sockets: Path) -> None:
    """Remove the socket's folder, of which an ended server may have left its lock."""
    for name in (SOCKET, f"{SOCKET}.lock"):
        (sockets / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        sockets.rmdir()


def _give_to(user: str, folder: Path) -> None:
    folder.chmod(0o700)
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def _initialise(binaries: Path, user: str, directory: Path, *, durable: bool) -> None:
    """Fill an empty directory, aside first: an interrupted initdb leaves nothing half done."""
    aside = directory.with_name(f"{directory.name}.new")
    program = [str(binaries / "initdb"), "-D", str(aside), "-U", "postgres", "-A", "trust"]
    program += ["-E", "UTF8", "--locale=C", "--no-instructions"]
    program += [] if durable else ["--no-sync"]
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        _give_to(user, aside)
        done = run_as(user, program)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-SAID_MAX:]
            raise StorageError(Code.POSTGRES_FAILED, reason=said)
        aside.rename(directory)
    except OSError as error:
        raise StorageError(Code.POSTGRES_FAILED, reason=str(error)) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


_MISSING_ROLES: Final = """
SELECT format(
    'CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L', role, password
)
FROM unnest($1::text[], $2::text[]) AS wanted (role, password)
WHERE role NOT IN (SELECT rolname FROM pg_roles)
"""
_MISSING_DATABASE: Final = """
SELECT format(
    'CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C''',
    $1::text, $2::text
)
WHERE $1 NOT IN (SELECT datname FROM pg_database)
"""
_RIGHTS: Final = """
SELECT unnest(ARRAY[
    format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $1::text),
    format('GRANT CONNECT ON DATABASE %I TO %I', $1::text, $2::text)
])
"""


async def create_node_database(server: PostgresServer, name: str) -> tuple[str, str]:
    """Make a database with an owner (migrations) and a runtime role (the node).

    Gives the owner's and the runtime role's address. Raises as `make_node_database`.
    """
    owner, runtime = node_roles(name)
    async with asyncio.timeout(CREATE_TIMEOUT_S):
        connection = await asyncpg.connect(server.dsn(), timeout=CONNECT_TIMEOUT_S)
        try:
            await make_node_database(connection, name)
        finally:
            await connection.close(timeout=CONNECT_TIMEOUT_S)
    return server.dsn(name, user=owner), server.dsn(name, user=runtime)


async def make_node_database(
    connection: asyncpg.Connection[asyncpg.Record],
    name: str,
    passwords: tuple[str | None, str | None] = (None, None),
) -> None:
    """Make owner, runtime role and database over a superuser's connection.

    Neither role is a superuser, and nobody else may connect. Idempotent: what an interrupted call
    has made is kept, and so is the password of a role that is there.

    Raises:
        InputError: `malformed` when the name is not a plain lower-case word.

    """
    owner, runtime = node_roles(name)
    for query, *facts in (
        (_MISSING_ROLES, [owner, runtime], list(passwords)),
        (_MISSING_DATABASE, name, owner),
        (_RIGHTS, name, runtime),
    ):
        for row in await connection.fetch(query, *facts):
            await connection.execute(row[0])


def node_roles(name: str) -> tuple[str, str]:
    """Give the names of owner and runtime role of a node's database.

    Raises:
        InputError: `malformed` when the name is not a plain lower-case word.

    """
    if not NAME.match(name):
        reason = "use at most 31 lower-case letters, digits and '_', a letter first"
        raise InputError(Code.MALFORMED, field="name", reason=reason)
    return f"ruilbrug_owner_{name}", f"ruilbrug_node_{name}"
