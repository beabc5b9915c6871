"""The keys file of a node: what its folder needs beside a backup, sealed to the recovery key.

Never in it: the root keys and the private recovery key, which lie on paper, and the mark, which is
of one machine. A folder that is put back from it appears whole or not at all.
"""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Final

import msgspec

from events.sealed_stream import StreamSealer, open_stream
from federation.node.identity import RECOVERY_KEY, require_recovery_public
from federation.node.settings import SETTINGS_FILE, NodeFolder, write_private
from federation.node.whole_file import UNFINISHED, flush_folder, written_whole
from schemas.backup import KeptFile, KeptFiles
from schemas.encoding import b64, encode, parse, unb64
from schemas.errors import Code, InputError, StorageError, VerificationError
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import IO

KEYS_PURPOSE: Final = b"ruilbrug/backup-keys/v1\n"
ON_PAPER: Final = frozenset({f"{Role.ROOT}.key", f"{Role.ROOT}-next.key", f"{RECOVERY_KEY}.key"})
MOVE_FILE: Final = "move.json"
"""Beside the keys of a node that has moved: where it lives, in the words of its root key."""
_SIZE_MAX: Final = 2**24
_KEPT: Final = msgspec.json.Decoder(KeptFiles)


def keep_keys(
    folder: NodeFolder, file: Path, *, clock: Callable[[], int], random: Callable[[int], bytes]
) -> list[str]:
    """Write the keys file, and name what is in it.

    Raises:
        InputError: `node_missing`, `malformed`, `bad_key` when there is no recovery key.
        StorageError: `backup_unwritable`, `backup_runs`; `restore_not_empty` when there is a file.

    """
    public = require_recovery_public(folder)
    if file.exists():
        raise StorageError(Code.RESTORE_NOT_EMPTY, field=str(file))
    files = kept_files(folder, clock())
    sealer = StreamSealer(public, KEYS_PURPOSE, random)
    with written_whole(file, file.with_name(f"{file.name}.{UNFINISHED}")) as write:
        write(sealer.seal(encode(files)) + sealer.end())
    return [one.path for one in files.files]


def kept_files(folder: NodeFolder, made_at_s: int, *, speaking: bool = True) -> KeptFiles:
    """Read what a node's folder needs beside its database, as it will be taken when it comes back.

    Without `speaking` those keys are left out that speak for the node: another server makes its
    own.

    Raises:
        InputError: `node_missing`, `malformed`.

    """
    settings = folder.settings()
    named = (settings.mail.password_file, settings.mail.ca_file, settings.witness.policy)
    paths = [folder.path / name for name in (SETTINGS_FILE, *filter(None, named))]
    keys = [path for kind in ("*.key", "*.pub", "*.json") for path in folder.keys.glob(kind)]
    paths += [path for path in sorted(keys) if _kept_key(path.name, speaking=speaking)]
    kept = tuple(_kept(folder, path) for path in paths)
    return KeptFiles(v=1, name=settings.name, made_at_s=made_at_s, files=kept)


def _kept_key(name: str, *, speaking: bool) -> bool:
    if name in ON_PAPER or (name.endswith(".json") and name != MOVE_FILE):
        return False
    return speaking or not name.startswith(tuple(Role))


def _kept(folder: NodeFolder, path: Path) -> KeptFile:
    """Read a file, as it will be taken when it comes back."""
    try:
        said = {
            "path": str(path.relative_to(folder.path)),
            "content": b64(path.read_bytes()),
        }
        return msgspec.convert(said, KeptFile)
    except (OSError, ValueError) as error:
        raise InputError(Code.MALFORMED, field=str(path), reason=str(error)) from error


def read_kept(file: Path, private: bytes) -> KeptFiles:
    """Open a keys file.

    Raises:
        VerificationError: as `opened_kept`.

    """
    with file.open("rb") as stream:
        return opened_kept(stream, private, KEYS_PURPOSE, file.name)


def opened_kept(stream: IO[bytes], private: bytes, purpose: bytes, field: str) -> KeptFiles:
    """Open sealed files.

    Raises:
        VerificationError: what `open_stream` raises; `backup_damaged` for another form.

    """
    content = bytearray()
    for chunk in open_stream(private, purpose, stream, field):
        content += chunk
        if len(content) > _SIZE_MAX:
            raise VerificationError(Code.BACKUP_DAMAGED, field=field)
    try:
        return parse(_KEPT, bytes(content))
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.BACKUP_DAMAGED, field=field) from error


@contextlib.contextmanager
def folder_of(
    folder: NodeFolder, kept: KeptFiles | None, addresses: dict[str, str]
) -> Iterator[NodeFolder]:
    """Give a folder with settings and keys: the node's own, or one that is put in its place.

    Without `node.toml` there the files of `kept` are written beside it, with other `addresses` of
    the database where they are named, and get the folder's name when the block ends well.

    Raises:
        InputError: `backup_keys_missing` when there are neither.
        StorageError: `restore_not_empty`, `backup_unwritable`.

    """
    there = folder.path / SETTINGS_FILE
    if there.exists():
        if kept is not None:
            raise StorageError(Code.RESTORE_NOT_EMPTY, field=str(there))
        yield folder
        return
    if folder.path.exists() and any(folder.path.iterdir()):
        raise StorageError(Code.RESTORE_NOT_EMPTY, field=str(folder.path))
    if kept is None:
        raise InputError(Code.BACKUP_KEYS_MISSING, field=str(there))
    staged = folder.path.with_name(f".{folder.path.name}.restoring")
    try:
        if staged.exists():
            shutil.rmtree(staged)  # what a crash has left
        _write(NodeFolder(staged), kept, addresses)
        yield NodeFolder(staged)
        staged.rename(folder.path)
        flush_folder(folder.path.parent)
    except OSError as error:
        reason = str(error.strerror)
        raise StorageError(Code.BACKUP_UNWRITABLE, field=str(folder.path), reason=reason) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _write(folder: NodeFolder, kept: KeptFiles, addresses: dict[str, str]) -> None:
    folder.keys.mkdir(mode=0o700, parents=True)
    folder.path.chmod(0o700)
    for file in kept.files:
        write_private(folder.path / file.path, unb64(file.content, field=file.path))
    settings = folder.settings()
    if addresses:
        (folder.path / SETTINGS_FILE).unlink()
        folder.write_settings(msgspec.structs.replace(settings, **addresses))
    flush_folder(folder.keys)
    flush_folder(folder.path)
