"""Where `ruilbrug doctor` looks: machine, folder, database, mail server, public address, node.

Every look is bounded, changes nothing, and turns what goes wrong into a fact.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import msgspec
from yarl import URL

from events.recovery import STORAGE_TROUBLE, close_connection
from federation.mail.sending import ServerAway, Smtp
from federation.mail.server import read_server
from federation.node.control import call_running
from federation.node.database import reached
from federation.node.doctor_facts import Database, Disk, Facts, Mail, Running, Web
from federation.node.identity import RECOVERY_KEY
from federation.node.kept_files import ON_PAPER
from federation.node.remembered import last_backup, last_full_audit, last_verify
from schemas.errors import RuilbrugError
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.node.settings import NodeFolder, NodeSettings

LOOK_S: Final = 10
ANSWER_BYTES_MAX: Final = 65_536
HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80
NEEDED: Final = (
    f"{Role.LOG}.key",
    f"{Role.HTTP}.key",
    f"{Role.WITNESS}.key",
    f"{RECOVERY_KEY}.pub",
)
SIZE = "SELECT pg_database_size(current_database())"


async def look(folder: NodeFolder, *, clock: Callable[[], int]) -> Facts:
    """Gather everything about the node of this folder.

    Raises:
        InputError: `node_missing`, `malformed`.

    """
    settings = folder.settings()
    running, database, mail, synchronised = await asyncio.gather(
        _running(folder), _database(settings), look_at_mail(folder, settings), _synchronised()
    )
    web = await look_at_web(settings.public_url, running)
    last = last_backup(folder)
    backup = None if last is None else Path(last.file)
    return Facts(
        now_s=clock(),
        running=running,
        database=database,
        disks=_disks(folder, backup),
        last_backup=last,
        backup_there=backup is not None and backup.exists(),
        last_verify=last_verify(folder),
        full_audit_every_s=settings.audit.full_every_s if settings.role == "umbrella" else 0,
        last_full_audit=last_full_audit(folder),
        key_modes=_modes(folder),
        keys_missing=tuple(name for name in NEEDED if not (folder.keys / name).exists()),
        keys_for_paper=tuple(sorted(n for n in ON_PAPER if (folder.keys / n).exists())),
        clock_synchronised=synchronised,
        mail=mail,
        web=web,
    )


async def _running(folder: NodeFolder) -> Running | None:
    """Ask the running process; none when nothing listens, or it is stuck."""
    try:
        async with asyncio.timeout(LOOK_S):
            answer = await call_running(folder, "node.doctor", {})
    except (OSError, TimeoutError, RuilbrugError):
        return None
    return msgspec.convert(answer, Running)


async def _database(settings: NodeSettings) -> Database:
    try:
        connection = await reached(settings.database)
        try:
            version = connection.get_server_version().major
            return Database(version=version, bytes_count=await connection.fetchval(SIZE))
        finally:
            await close_connection(connection)
    except RuilbrugError as error:
        cause = error.__cause__ or error
        return Database(trouble=f"{type(cause).__name__}: {cause}")
    except (*STORAGE_TROUBLE, asyncpg.PostgresError) as error:
        return Database(trouble=type(error).__name__)


async def look_at_mail(folder: NodeFolder, settings: NodeSettings) -> Mail:
    """Connect and sign in, and leave without handing over anything."""
    mode = settings.mail.mode
    if mode != "smtp":
        return Mail(mode=mode)
    host = URL(settings.public_url).host or ""
    try:
        async with Smtp(read_server(settings.mail, folder, local_name=host)).session():
            return Mail(mode=mode)
    except (ServerAway, RuilbrugError) as error:
        return Mail(mode=mode, trouble=str(error))


async def _synchronised() -> bool | None:
    """Ask the machine whether a time service keeps its clock; none where it cannot tell."""
    program = shutil.which("timedatectl")
    if program is None:
        return None
    process = await asyncio.create_subprocess_exec(
        program,
        *("show", "--property=NTPSynchronized", "--value"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LOOK_S):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    return {b"yes": True, b"no": False}.get(said.strip())


async def look_at_web(
    url: str, running: Running | None, *, tls: ssl.SSLContext | None = None
) -> Web:
    """Follow the public address as a partner would: name, certificate, and who answers.

    Certificates are trusted that this machine trusts, or `tls`.
    """
    address = URL(url)
    secure = address.scheme == "https"
    host = address.host or ""
    port = address.port or (HTTPS_PORT if secure else HTTP_PORT)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOK_S):
            await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        return Web(url=url, dns_trouble=_said(error))
    try:
        async with asyncio.timeout(LOOK_S):
            trusted = (tls or ssl.create_default_context()) if secure else None
            reader, writer = await asyncio.open_connection(host, port, ssl=trusted)
            try:
                ends_at_s = _ends(writer.get_extra_info("peercert")) if secure else None
                path = f"{address.path.rstrip('/')}/federation/v1/about"
                asked = f"GET {path} HTTP/1.0\r\nHost: {address.raw_authority}\r\n\r\n"
                writer.write(asked.encode())
                answer = await reader.read(ANSWER_BYTES_MAX)
                while answer and (piece := await reader.read(ANSWER_BYTES_MAX)):
                    answer += piece[: ANSWER_BYTES_MAX - len(answer)]
            finally:
                writer.close()
    except (OSError, TimeoutError) as error:
        return Web(url=url, trouble=_said(error))
    return Web(
        url=url,
        is_this_node=running is not None and _node_in(answer) == running.node,
        certificate_ends_at_s=ends_at_s,
    )


def _ends(certificate: dict[str, Any]) -> int:
    return int(ssl.cert_time_to_seconds(str(certificate["notAfter"])))


def _node_in(answer: bytes) -> str:
    """Give who answers, by what it says; empty when it says nothing of the kind."""
    try:
        about = json.loads(answer.partition(b"\r\n\r\n")[2])
        return str(about["node"])
    except (ValueError, KeyError, TypeError):
        return ""


def _said(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return getattr(error, "strerror", None) or type(error).__name__


def _disks(folder: NodeFolder, backup: Path | None) -> tuple[Disk, ...]:
    """Look at the disk of the folder, and at the one on which the last backup lies."""
    places = {folder.path.stat().st_dev: folder.path}
    if backup is not None and backup.parent.is_dir():
        places.setdefault(backup.parent.stat().st_dev, backup.parent)
    usages = [(path, shutil.disk_usage(path)) for path in places.values()]
    return tuple(
        Disk(path=str(path), free_bytes=usage.free, total_bytes=usage.total)
        for path, usage in usages
    )


def _modes(folder: NodeFolder) -> dict[str, int]:
    """Give the permissions of the keys' folder and of what is secret in it."""
    secret: list[Path] = [folder.keys, *folder.keys.glob("*.key")]
    return {
        str(path.relative_to(folder.path)): stat.S_IMODE(path.stat().st_mode)
        for path in secret
        if path.exists()
    }
