"""A disk that is full: nothing that was acknowledged is lost, and there is no need to start again.

The disk of a node's folder, where its mark lies, and that of PostgreSQL are two cases. The first is
made by a limit on the size of files, which any user may set; the second by a small file system in
memory for root, and by such a limit on PostgreSQL's processes for anybody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from events.mark import MarkFile
from federation.node.postgres import PostgresServer, start_server
from federation.node.postgres_binaries import run_as, user_to_run_as
from schemas.errors import Code, RuilbrugError
from tests.federation.crash.endings import require_agreement
from tests.federation.crash.payments import Load, made_up, until_final
from tests.federation.crash.places import ONE, Places, make_places, until

NO_MORE = 100
"""Bytes: less than the mark needs, so it cannot be written, and no log either."""
PAYERS = 4
DISK_MB = 300
PATIENCE_S = 2
PRLIMIT = shutil.which("prlimit") or "/usr/bin/prlimit"


def limit_files(pid: int, size: int) -> None:
    """Let a running process write no file beyond `size` bytes."""
    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


async def test_mark_that_cannot_be_written_holds_back_and_nothing_is_lost(
    server_folder: Path,
) -> None:
    chance = random.Random(9)
    places = await make_places(server_folder)
    node = places.one.invitation.partition("#")[2]
    try:
        before = await until_final(places.one, made_up(chance, ONE.key))
        limit_files(places.one.pid, NO_MORE)
        held = made_up(chance, ONE.key)

        answer = await places.one.ask("pay", **held.arguments)
        inside = await places.one.ask("pay", payer="000", payee="001", amount_minor=2)

        assert answer["state"] == "held"
        assert inside["state"] == "settled"
        mark = MarkFile(places.one.folder.mark).read()
        assert mark is not None
        assert places.wire.newest(node) < mark.size, "something was released beyond the mark"
        assert (await places.one.ask("status"))["events"] > mark.size
        limit_files(places.one.pid, resource.RLIM_INFINITY)
        after = await until_final(places.one, held)
        assert after.settled
        await require_agreement(places, [before, after])
    finally:
        await places.close()


class Disk:
    """The disk under PostgreSQL: full, and then not."""

    def fill(self, server: PostgresServer) -> None:
        raise NotImplementedError

    def free(self) -> None:
        raise NotImplementedError


class SmallDisk(Disk):
    """A file system in memory, filled by a file; needs root."""

    def __init__(self, place: Path) -> None:
        self._ballast = place / "ballast"

    def fill(self, server: PostgresServer) -> None:
        del server
        with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(2**16))

    def free(self) -> None:
        self._ballast.unlink()


class SizeLimit(Disk):
    """No file that PostgreSQL writes grows beyond its first bytes; for any user."""

    def __init__(self) -> None:
        self._limited: list[int] = []

    def fill(self, server: PostgresServer) -> None:
        self._limited = [server.pid, *children(server.pid)]
        self._limit(str(NO_MORE))

    def free(self) -> None:
        self._limit("unlimited")

    def _limit(self, size: str) -> None:
        """As PostgreSQL's own user: root alone may not be enough. Who has ended needs no limit."""
        for pid in self._limited:
            run_as(user_to_run_as(), [PRLIMIT, "--pid", str(pid), f"--fsize={size}:"])


def children(parent: int) -> list[int]:
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(pid) for pid in found.split()]


@contextlib.contextmanager
def disk_under(place: Path) -> Iterator[Disk]:
    """Give the disk on which the folder `place` will lie."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=755", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        yield SizeLimit()
        return
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


async def test_disk_of_postgres_that_is_full_loses_nothing(server_folder: Path) -> None:
    chance = random.Random(10)
    with disk_under(server_folder / "disk") as disk:
        places = await make_places(server_folder, database=server_folder / "disk" / "postgres")
        load = Load(places, chance)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(load.run(payers=PAYERS))
                tasks.create_task(_fill_and_free(places, disk, load))
            print(f"\n{disk.__class__.__name__}: {len(load.ends)} payments")
            await require_agreement(places, load.ends)
            assert places.one.runs, "no node had to be started again"
            assert places.other.runs
        finally:
            await places.close()


async def _fill_and_free(places: Places, disk: Disk, load: Load) -> None:
    """Fill the disk until a member is told, then make room; PostgreSQL may have to start again."""
    await until(lambda: _ends(load, 5))
    disk.fill(places.server)
    await until(lambda: _database_says_no(places))
    disk.free()
    if not await _answers(places):
        await places.server.kill()
        places.server = await start_server(
            places.server.directory, socket_directory=places.server.socket_directory
        )
    settled = len(load.ends)
    await until(lambda: _ends(load, settled + 5))
    load.stop()


async def _ends(load: Load, count: int) -> bool:
    return len(load.ends) >= count


async def _database_says_no(places: Places) -> bool:
    """Pay inside with ever new payments, and make PostgreSQL take a new file for its log."""
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(places.server.dsn(), timeout=5, command_timeout=5)
        await connection.execute("SELECT pg_switch_wal()")
        await connection.close()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await places.one.ask("pay", payer="000", payee="001", amount_minor=1)
    except TimeoutError:
        return True  # it waits for a database that will tell what became of it
    except RuilbrugError as refused:
        assert refused.code in (Code.DATABASE_UNAVAILABLE, Code.BUSY), refused.code
        return True
    return False


async def _answers(places: Places) -> bool:
    """Tell whether PostgreSQL serves: it ends itself when it cannot write its log."""
    try:
        connection = await asyncpg.connect(places.server.dsn(), timeout=5)
        await connection.close()
    except (OSError, asyncpg.PostgresError):
        return False
    return True
