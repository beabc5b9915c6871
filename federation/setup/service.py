"""Handing a new group over to the service: its user, and systemd where that runs."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from federation.node.settings import NodeFolder

USER: Final = "ruilbrug"
GROUPS: Final = Path("/srv/ruilbrug")
"""Where the service looks for groups: each folder is one."""
RUNNING: Final = Path("/run/systemd/system")
UNIT: Final = "ruilbrug@.service"
UNIT_FOLDERS: Final = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"))
START_TIMEOUT_S: Final = 90


def hand_over(folder: NodeFolder) -> None:
    """Give the folder to the service's user, where root made it and there is such a user."""
    if os.geteuid() != 0:
        return
    try:
        user = pwd.getpwnam(USER)
    except KeyError:
        return
    for path in (folder.path, *folder.path.rglob("*")):
        os.lchown(path, user.pw_uid, user.pw_gid)


def service_of(folder: NodeFolder) -> str:
    """Give the name of the group's service; empty where systemd does not run it."""
    placed = folder.path.parent == GROUPS and RUNNING.is_dir()
    known = any((place / UNIT).exists() for place in UNIT_FOLDERS)
    return f"ruilbrug@{folder.path.name}" if placed and known else ""


def start(service: str) -> None:
    """Let systemd start the service now and at each start of the machine.

    Raises:
        StorageError: `setup_stopped` with what systemd said.

    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell, a name of ours
            ["systemctl", "enable", "--now", service],  # noqa: S607 - where the distribution has it
            check=False,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise StorageError(Code.SETUP_STOPPED, reason=str(error)) from error
    if done.returncode != 0:
        raise StorageError(Code.SETUP_STOPPED, reason=done.stderr.strip()[-300:])
