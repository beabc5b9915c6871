"""What a node remembers outside its database: last backup, `log verify`, full audit.

Small files in its folder. In the database they would come back with a restore, and tell of a backup
of long ago.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from federation.node.whole_file import UNFINISHED, written_whole
from schemas.encoding import encode
from schemas.errors import StorageError
from schemas.ids import Count

if TYPE_CHECKING:
    from federation.node.settings import NodeFolder

T = TypeVar("T")


class LastBackup(msgspec.Struct, frozen=True, kw_only=True):
    """The newest backup that this folder's node has made."""

    made_at_s: Count
    size: Count
    """How many events of the log are in it."""
    bytes_count: Count
    file: str


class LastVerify(msgspec.Struct, frozen=True, kw_only=True):
    """When the log was verified last, and how much did not agree."""

    at_s: Count
    events: Count
    found: Count


class LastFullAudit(msgspec.Struct, frozen=True, kw_only=True):
    """When an umbrella last fetched and audited everything anew, and what came of it.

    With every signature: one without does not stand for it. Trouble that it found is told though.
    """

    at_s: Count
    events: Count
    agrees: bool
    """Whether it came to what was kept, and found the own copy of the logs unchanged."""


_FILES: Final[dict[type, str]] = {
    LastBackup: "last-backup.json",
    LastVerify: "last-verify.json",
    LastFullAudit: "last-full-audit.json",
}


def remember(folder: NodeFolder, last: LastBackup | LastVerify | LastFullAudit) -> None:
    """Write down what was done; a full disk here takes nothing away from it, and is told anyway."""
    path = folder.path / _FILES[type(last)]
    with (
        contextlib.suppress(StorageError),
        written_whole(path, path.with_name(f"{path.name}.{UNFINISHED}")) as write,
    ):
        write(encode(last))


def last_backup(folder: NodeFolder) -> LastBackup | None:
    """Read of the last backup; nothing when none was ever made, or nobody can tell."""
    return _read(folder, LastBackup)


def last_verify(folder: NodeFolder) -> LastVerify | None:
    """Read of the last `log verify`; nothing when nobody can tell."""
    return _read(folder, LastVerify)


def last_full_audit(folder: NodeFolder) -> LastFullAudit | None:
    """Read of an umbrella's last full audit; nothing when nobody can tell."""
    return _read(folder, LastFullAudit)


def _read(folder: NodeFolder, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode((folder.path / _FILES[kind]).read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None
