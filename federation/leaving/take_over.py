"""`ruilbrug take-over`: another server goes on from an export, by the word of the root key.

In this order: 1. the export is what its group wrote, of the root key on the paper; 2. a folder with
settings and wrapping keys is made beside its place, and the empty database filled and verified, in
one transaction; 3. the folder gets its name, with the mark of the export; 4. new keys for log,
requests and cosignatures, each stated by the root key; 5. the root key signs the new address.

From 3 on the same command goes on where it was interrupted. The old server's keys speak no more
after 4. Whether this one may release anything is judged at its start as after every restore:
umbrella and partners are told of the move, and asked whether they have seen more than the export
holds.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.growing import GrowingTree
from events.keys import read_history
from events.mark import Mark, MarkFile
from events.merkle import leaf_hash
from federation.leaving.log_export import IN_LINES, KEYS_PURPOSE
from federation.leaving.log_file import opened_export
from federation.leaving.moves import sign_move
from federation.node import key_changes
from federation.node.identity import system_random
from federation.node.kept_files import MOVE_FILE, opened_kept
from federation.node.restore import Filling, fill_and_verify
from federation.node.settings import SETTINGS_FILE, NodeFolder, write_private
from federation.node.whole_file import flush_folder
from federation.peer.urls import check_base_url
from schemas.encoding import b64, encode, parse, unb64
from schemas.errors import Code, InputError, StorageError, VerificationError
from schemas.ids import Count
from schemas.keys import Role
from schemas.moves import MoveStatement

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from asyncpg import Connection, Record

    from events.signing import PrivateKey
    from federation.leaving.log_file import LogFile
    from schemas.log_export import LogEntry

GOING_ON: Final = "taking-over.json"
SPEAKING: Final = (Role.LOG, Role.HTTP, Role.WITNESS)
PAGE: Final = 512


class Place(NamedTuple):
    """Where the group goes on."""

    url: str
    database: str
    database_owner: str
    listen_port: int


class TakenOver(NamedTuple):
    """What was taken over."""

    node: str
    name: str
    url: str
    entries: int


class _Begun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left to do, beside the keys until it is done."""

    url: str
    former: str
    size: Count


_BEGUN: Final = msgspec.json.Decoder(_Begun)


async def take_over(
    folder: NodeFolder, file: Path, place: Place, *, root: PrivateKey, recovery: bytes
) -> TakenOver:
    """Make this folder and this empty database the group's new place, or go on with that.

    Raises:
        InputError: `paper_other` when the root key is another group's; `malformed`, `not_found`.
        VerificationError: what `opened_export` and `opened_kept` raise, `malformed` for the
            address, `backup_not_verified`.
        StorageError: `database_unavailable`, `node_runs`, `restore_not_empty`.

    """
    check_base_url(place.url)
    with opened_export(file) as export:
        manifest = export.manifest
        stated = read_history(manifest.statements, node=manifest.node).current(Role.ROOT)
        if stated is None or stated.key != b64(root.public.data):  # 1
            raise InputError(Code.PAPER_OTHER, field=Role.ROOT)
        if not (folder.keys / GOING_ON).exists():
            await _bring(folder, export, place, recovery)  # 2, 3
        begun = await _go_on(folder, root)  # 4, 5
        return TakenOver(manifest.node, manifest.name, begun.url, manifest.size)


async def _bring(folder: NodeFolder, export: LogFile, place: Place, recovery: bytes) -> None:
    if folder.path.exists() and any(folder.path.iterdir()):
        raise StorageError(Code.RESTORE_NOT_EMPTY, field=str(folder.path))
    staged = NodeFolder(folder.path.with_name(f".{folder.path.name}.taking-over"))
    shutil.rmtree(staged.path, ignore_errors=True)  # what a crash has left
    manifest = export.manifest
    try:
        _write_folder(staged, export, place, recovery)
        filling = Filling(manifest.node, manifest.size, manifest.root, export.field)
        await fill_and_verify(
            staged, manifest.migration, filling, lambda owner: _fill(owner, export)
        )
        mark = Mark(manifest.size, unb64(manifest.root, size=32))
        MarkFile(staged.mark).create(mark)
        if folder.path.exists():
            folder.path.rmdir()
        staged.path.rename(folder.path)
        flush_folder(folder.path.parent)
    finally:
        shutil.rmtree(staged.path, ignore_errors=True)


def _write_folder(folder: NodeFolder, export: LogFile, place: Place, recovery: bytes) -> None:
    """Write settings and wrapping keys, and keys that speak for nothing until they are stated."""
    with export.keys() as sealed:
        kept = opened_kept(sealed, recovery, KEYS_PURPOSE, export.field)
    folder.keys.mkdir(mode=0o700, parents=True)
    folder.path.chmod(0o700)
    for one in kept.files:
        write_private(folder.path / one.path, unb64(one.content, field=one.path))
    (folder.keys / MOVE_FILE).unlink(missing_ok=True)
    settings = folder.settings()
    (folder.path / SETTINGS_FILE).unlink()
    folder.write_settings(
        msgspec.structs.replace(
            settings,
            public_url=place.url,
            listen_port=place.listen_port,
            database=place.database,
            database_owner=place.database_owner,
            own_postgres=False,
        )
    )
    for role in SPEAKING:
        write_private(folder.keys / f"{role}.key", (b64(system_random(32)) + "\n").encode())
    begun = _Begun(url=place.url, former=export.manifest.url, size=export.manifest.size)
    write_private(folder.keys / GOING_ON, encode(begun))
    flush_folder(folder.keys)


async def _fill(owner: Connection[Record], export: LogFile) -> int:
    """Fill every table, those of the log from its lines."""
    count = 0
    for table in export.manifest.tables:
        if table.name in IN_LINES:
            count += await _fill_lines(owner, export, table.name)
            continue
        part = f"tables/{table.name}.csv"
        done = await owner.copy_to_table(
            table.name,
            schema_name="public",
            columns=list(table.columns),
            source=_pieces(export.pieces(part)),
            format="csv",
            header=True,
        )
        if done != f"COPY {export.rows_count(part)}":
            raise VerificationError(Code.EXPORT_DAMAGED, field=export.field, part=part)
        count += export.rows_count(part)
    return count


async def _fill_lines(owner: Connection[Record], export: LogFile, table: str) -> int:
    if table == "log_checkpoint":
        notes = [
            (n.size, unb64(n.root), n.note.encode(), n.made_at_s) for n in export.checkpoints()
        ]
        await owner.copy_records_to_table(
            table, records=notes, columns=("size", "root", "note", "made_at_s")
        )
        return len(notes)
    tree = GrowingTree.from_tiles([], [])
    page: list[LogEntry] = []
    for entry in export.entries():
        export.require_entry(entry, tree)
        page.append(entry)
        if len(page) == PAGE:
            await _add_entries(owner, page)
            page = []
    await _add_entries(owner, page)
    return tree.size


async def _add_entries(owner: Connection[Record], page: list[LogEntry]) -> None:
    rows = [
        (
            entry.seq,
            leaf_hash(entry.core.encode()),
            entry.core.encode(),
            unb64(entry.signature, size=64),
            entry.body.encode() if entry.body_salt else None,
            unb64(entry.body_salt, size=32) if entry.body_salt else None,
        )
        for entry in page
    ]
    columns = ("seq", "id", "core", "signature", "body", "body_salt")
    await owner.copy_records_to_table("log_event", records=rows, columns=columns)


async def _pieces(rows: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in rows:
        yield piece


async def _go_on(folder: NodeFolder, root: PrivateKey) -> _Begun:
    """State new keys where that is not done yet, sign the address, and take the note away."""
    begun = parse(_BEGUN, (folder.keys / GOING_ON).read_bytes())
    for role in SPEAKING:
        held = (await key_changes.key_history(folder)).current(role)
        if held is None or held.holds_from < begun.size:
            await key_changes.recover(folder, role, root)
    path = folder.keys / MOVE_FILE
    if not path.exists():
        history = await key_changes.key_history(folder)
        statement = MoveStatement(
            v=1,
            node=history.node,
            url=begun.url,
            former=begun.former,
            holds_from=begun.size,
            salt=b64(system_random(16)),
        )
        write_private(path, encode(sign_move(statement, root)))
    (folder.keys / GOING_ON).unlink()
    flush_folder(folder.keys)
    return begun
