"""The database of a new group, made as PostgreSQL's own user over the socket of the distribution.

The two roles get passwords, which lie in one file of the group's folder and nowhere else: so the
service may run as a user of its own, and nothing of PostgreSQL's settings has to be changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

import asyncpg

from events.recovery import STORAGE_TROUBLE, close_connection, connect
from federation.node.identity import system_random
from federation.node.postgres import make_node_database, node_roles
from federation.node.settings import write_private
from schemas.encoding import b64
from schemas.errors import Code, InputError, StorageError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection as Pipe

SUPERUSER: Final = "postgres"
SOCKETS: Final = Path("/var/run/postgresql")
PASSWORDS: Final = "database.pgpass"
HOST: Final = "127.0.0.1"
CONNECT_TIMEOUT_S: Final = 10
MAKE_TIMEOUT_S: Final = 120


class Addresses(NamedTuple):
    """Where a group's database is, for its two roles."""

    owner: str
    runtime: str


def make_database(folder: Path, name: str) -> Addresses:
    """Make roles and database; what an interrupted call has made is kept.

    Has to be root, and is called before any event loop runs: it goes on as another user.

    Raises:
        StorageError: `database_not_made` with the reason.

    """
    if os.geteuid() != 0:
        raise _not_made("only root may speak as PostgreSQL's user")
    try:
        user = pwd.getpwnam(SUPERUSER)
    except KeyError as error:
        raise _not_made(f"there is no user {SUPERUSER}") from error
    passwords = read_or_make_passwords(folder, name)
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=_as_user, args=(user, there, name, passwords), name="postgres"
    )
    process.start()
    there.close()
    process.join(MAKE_TIMEOUT_S)
    if process.exitcode != 0:
        process.kill()
        process.join()
        raise _not_made(str(here.recv()) if here.poll() else "it did not end")
    addresses = write_addresses(folder, name, passwords, port=here.recv())
    asyncio.run(require_reached(addresses))
    return addresses


def _as_user(user: pwd.struct_passwd, told: Pipe, name: str, passwords: tuple[str, str]) -> None:
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.chdir("/")
    try:
        dsn = f"postgresql://{SUPERUSER}@/postgres?host={quote(str(SOCKETS), safe='')}"
        told.send(asyncio.run(make_as_superuser(dsn, name, passwords)))
    except (*STORAGE_TROUBLE, asyncpg.PostgresError) as error:
        told.send(str(error) or type(error).__name__)
        os._exit(1)


async def make_as_superuser(dsn: str, name: str, passwords: tuple[str, str]) -> int:
    """Make what is missing of roles, with these passwords, and database; give the server's port."""
    async with asyncio.timeout(MAKE_TIMEOUT_S):
        connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S)
        try:
            await make_node_database(connection, name, passwords)
            return int(await connection.fetchval("SHOW port"))
        finally:
            await connection.close(timeout=CONNECT_TIMEOUT_S)


async def require_reached(addresses: Addresses) -> None:
    """See that both roles come in, so that a group of the same name keeps its own passwords.

    Raises:
        StorageError: `database_not_made`.

    """
    for dsn in addresses:
        try:
            await close_connection(await connect(dsn))
        except (*STORAGE_TROUBLE, asyncpg.PostgresError) as error:
            raise _not_made(str(error)) from error


def read_or_make_passwords(folder: Path, name: str) -> tuple[str, str]:
    """Give the passwords of owner and runtime role, as an interrupted set-up has made them.

    Raises:
        InputError: `malformed` when the file holds those of others.

    """
    path = folder / PASSWORDS
    if path.exists():
        fields = [line.split(":") for line in path.read_text("ascii").splitlines()]
        found = {role: password for *_, role, password in fields}
        with contextlib.suppress(KeyError):
            owner, runtime = node_roles(name)
            return found[owner], found[runtime]
        raise InputError(Code.MALFORMED, field=PASSWORDS, reason="no line of this group's roles")
    passwords = (b64(system_random(24)), b64(system_random(24)))
    _write(path, name, passwords, port=5432)
    return passwords


def write_addresses(folder: Path, name: str, passwords: tuple[str, str], *, port: int) -> Addresses:
    """Write the passwords for this port, and give the addresses that use them."""
    path = folder / PASSWORDS
    aside = path.with_name(f"{PASSWORDS}.new")
    aside.unlink(missing_ok=True)
    _write(aside, name, passwords, port=port)
    aside.replace(path)
    tail = f"@{HOST}:{port}/{name}?passfile={quote(str(path.absolute()), safe='')}&sslmode=disable"
    owner, runtime = node_roles(name)
    return Addresses(f"postgresql://{owner}{tail}", f"postgresql://{runtime}{tail}")


def _write(path: Path, name: str, passwords: tuple[str, str], *, port: int) -> None:
    lines = [
        f"{HOST}:{port}:{name}:{role}:{password}\n"
        for role, password in zip(node_roles(name), passwords, strict=True)
    ]
    write_private(path, "".join(lines).encode())


def _not_made(reason: str) -> StorageError:
    return StorageError(Code.DATABASE_NOT_MADE, reason=reason)
