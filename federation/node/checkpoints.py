"""The newest checkpoint of a node's own log: recorded when the log has grown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from events import log_store
from events.checkpoint import Checkpoint, sign_checkpoint
from events.note import NoteSigner
from federation.node.fence import has_ended
from federation.node.origins import log_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.node.service import Node


async def newest_if_grown(node: Node, *, clock: Callable[[], int]) -> tuple[int, bytes]:
    """Give the same without a question to the database while the log stands still.

    Raises:
        StorageError: `releases_nothing`, `read_only`.

    """
    known, at = node.newest, (node.sequencer.size, node.sequencer.root)
    if known is not None and known[0] == at:
        return at[0], known[1]
    size, note = await newest_checkpoint(node, clock=clock)
    if size == at[0]:
        node.newest = (at, note)
    return size, note


async def show(node: Node, size: int) -> None:
    """Return when everything below `size` may be shown.

    A group that has ended releases nothing; what stands under a checkpoint of it was released
    before, and its umbrella may still have to read it.

    Raises:
        StorageError: as `ReleaseGate.release`.

    """
    if has_ended(node.folder):
        newest = await node.pool.fetchrow(log_store.SQL["newest_checkpoint"])
        if newest is not None and size <= newest["size"]:
            return
    await node.gate.release(size)


async def newest_checkpoint(node: Node, *, clock: Callable[[], int]) -> tuple[int, bytes]:
    """Give size and signed note of the newest checkpoint, recording one when the log has grown.

    It is read where it stands: others are told of what the database holds, whoever changed that.

    Raises:
        StorageError: `releases_nothing`, `read_only`.

    """
    async with node.pool.acquire() as connection:
        newest = await connection.fetchrow(log_store.SQL["newest_checkpoint"])
        size, root = node.sequencer.size, node.sequencer.root
        if newest is not None and newest["size"] >= size:
            return newest["size"], bytes(newest["note"])
        await node.gate.release(size)
        checkpoint = Checkpoint(log_origin(node.settings.public_url), size, root)
        signer = NoteSigner(checkpoint.origin, node.identity.log)
        note = sign_checkpoint(checkpoint, signer)
        try:
            await connection.execute(log_store.SQL["record_checkpoint"], size, root, note, clock())
        except asyncpg.UniqueViolationError:
            row = await connection.fetchrow(log_store.SQL["newest_checkpoint"])
            assert row is not None
            return row["size"], bytes(row["note"])
        return size, note
