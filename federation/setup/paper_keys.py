"""The key files that belong on paper: read for the sheet, taken off the server, typed back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from events.keys import pre_commitment, read_history
from events.recovery import STORAGE_TROUBLE, connect
from events.sealed_bodies import public_half
from events.signing import PrivateKey
from federation.node.database import read_statements
from federation.node.identity import RECOVERY_KEY, read_key_file, recovery_public
from federation.node.settings import write_private
from federation.setup.paper import PAPER_KEYS
from schemas.encoding import b64
from schemas.errors import Code, InputError, StorageError
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from events.keys import KeyHistory
    from federation.node.settings import NodeFolder

SHEET: Final = "paper.html"
"""The sheet to print, beside the key files and as secret as they are."""


def kept_keys(folder: NodeFolder) -> dict[str, bytes]:
    """Give the keys for the paper that still lie on the server, by name.

    Raises:
        InputError: `bad_key` when a file is broken.

    """
    paths = {name: _path(folder, name) for name in PAPER_KEYS.values()}
    return {name: read_key_file(path) for name, path in paths.items() if path.exists()}


def key_left(folder: NodeFolder) -> bool:
    """Tell whether a key that belongs on paper lies on the server, whatever is in its file."""
    return any(_path(folder, name).exists() for name in PAPER_KEYS.values())


def write_sheet(folder: NodeFolder, page: str) -> Path:
    """Write the sheet beside the keys, readable for their owner alone, over an older one."""
    path = folder.keys / SHEET
    path.unlink(missing_ok=True)
    write_private(path, page.encode())
    return path


def take_away(folder: NodeFolder) -> list[str]:
    """Delete the key files of the paper, and the sheet; give the names of what is gone."""
    gone = []
    for path in (*(_path(folder, name) for name in PAPER_KEYS.values()), folder.keys / SHEET):
        if path.exists():
            path.unlink()
            gone.append(path.name)
    descriptor = os.open(folder.keys, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return gone


def put_back(folder: NodeFolder, keys: Mapping[str, bytes]) -> list[Path]:
    """Write typed keys as key files; those that are there stay as they are.

    Raises:
        InputError: `conflict` when a file holds another key; then none is written.

    """
    for name, key in keys.items():
        path = _path(folder, name)
        if path.exists() and read_key_file(path) != key:
            raise InputError(Code.CONFLICT, field=path.name)
    missing = {name: key for name, key in keys.items() if not _path(folder, name).exists()}
    for name, key in missing.items():
        write_private(_path(folder, name), (b64(key) + "\n").encode())
    return [_path(folder, name) for name in missing]


async def node_of(folder: NodeFolder) -> str:
    """Give the node's id; the node may run.

    Raises:
        InputError: `node_missing`.
        StorageError: `database_unavailable`.

    """
    return (await _history(folder)).node


async def require_own(folder: NodeFolder, keys: Mapping[str, bytes]) -> None:
    """Refuse keys that are not those which this node has stated; the node may run.

    Raises:
        InputError: `paper_other` naming the key, `node_missing`.
        StorageError: `database_unavailable`.

    """
    history, public = await _history(folder), recovery_public(folder)
    for name, key in keys.items():
        if not _fits(name, key, history, public):
            raise InputError(Code.PAPER_OTHER, field=name)


async def _history(folder: NodeFolder) -> KeyHistory:
    try:
        connection = await connect(folder.settings().database)
        try:
            return read_history(await read_statements(connection))
        finally:
            await connection.close()
    except STORAGE_TROUBLE as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error


def _fits(name: str, key: bytes, history: KeyHistory, recovery: bytes | None) -> bool:
    if name == RECOVERY_KEY:
        return recovery is None or public_half(key) == recovery
    root = history.current(Role.ROOT)
    assert root is not None, "a node's history begins with its root key"
    public = PrivateKey(key).public.data
    return (b64(public) == root.key) if name == Role.ROOT else pre_commitment(public) == root.next


def _path(folder: NodeFolder, name: str) -> Path:
    return folder.keys / f"{name}.key"
