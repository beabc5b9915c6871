"""Sealed backups of nodes of this process, for tests: made, and opened without being put back."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from events.sealed_stream import open_stream
from federation.node.backup import PURPOSE, BackedUp, back_up
from federation.node.backup_frames import BackupReader
from federation.node.identity import read_key_file, system_random
from federation.node.settings import NodeFolder
from schemas.backup import Manifest

MADE_AT_S = 1_795_780_000


async def backed_up(folder: NodeFolder, target: Path, at_s: int = MADE_AT_S) -> BackedUp:
    return await back_up(folder, target, clock=lambda: at_s, random=system_random)


class Opened(NamedTuple):
    """What a backup holds: the manifest, and of each table how many rows and their bytes."""

    manifest: Manifest
    counts: dict[str, int]
    rows: dict[str, bytes]


def opened(folder: NodeFolder, file: Path) -> Opened:
    """Open a backup with the recovery key that a new node's folder still has."""
    private = read_key_file(folder.keys / "recovery.key")
    with file.open("rb") as stream:
        reader = BackupReader(open_stream(private, PURPOSE, stream, file.name), file.name)
        manifest = reader.manifest()
        counts, rows = {}, {}
        for table in manifest.tables:
            rows[table.name] = b"".join(reader.table())
            counts[table.name] = reader.rows_count
        reader.end()
    return Opened(manifest, counts, rows)
