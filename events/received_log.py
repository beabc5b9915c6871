"""Own events that come back after a restore, appended as they were signed (design section 3).

Stands beside the sequencer: the same rows, the same compare and swap on `log_state`, but bytes,
ids and signatures are those that were received. Who calls has verified them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events import log_store
from events.log_store import Advance
from events.merkle import leaf_hash
from events.transaction import batch_transaction

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from events.growing import GrowingTree
    from events.log_store import AnyConnection, Entry


async def append_received(
    connection: AnyConnection,
    tree: GrowingTree,
    entries: Sequence[Entry],
    *,
    epoch: int,
    write: Callable[[], Awaitable[None]],
) -> GrowingTree:
    """Append entries that continue `tree`, with what `write` adds, in one transaction.

    Gives the longer tree; the one that came in is left as it was.

    Raises:
        StorageError: `fenced` when the log is another one by now.

    """
    longer = tree.copy()
    for entry in entries:
        assert entry.seq == longer.size, "what comes back has no gaps"
        assert entry.id == leaf_hash(entry.core)
        longer.append(entry.id)
    async with batch_transaction(connection) as transaction:
        await transaction.begin()  # `write` goes by the connection itself
        await write()
        state = Advance(longer.size, longer.root(), tree.size, epoch)
        await log_store.append_last(transaction, (entries, (), longer.subroots), state)
    return longer
