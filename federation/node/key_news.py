"""What is under way on a line when a log key is replaced: it is brought along at once.

A partner refuses what was signed under a key that was revoked, until an event under a living key
stands behind it (decision 25). `line.heads` is such an event that can always be written, so it does
not wait for its day: after a revocation each line hears the new key as soon as this node may
release. A partner that is in no register with us learns of the revocation from it. Who hears that a
partner has another log key tells its heads as well: its question brings back what waits there, and
what it had seen until then stands in both logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from events.keys import read_history
from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from federation.line.commands import SendHeads
from schemas.cores import UnknownCore
from schemas.encoding import parse
from schemas.errors import StorageError

if TYPE_CHECKING:
    from events.keys import KeyHistory
    from federation.node.service import Node
    from projections.lines import Line

log = structlog.get_logger()
_CORE: Final = msgspec.json.Decoder(UnknownCore)


async def start_outbox(node: Node) -> None:
    """Start the outbox of a node that may release, each line under a key that counts."""
    await _tell_new_key(node)
    await node.outbox.start()


async def _tell_new_key(node: Node) -> None:
    """Write heads on each line whose newest own event is signed by a key that was revoked.

    Before anything is brought: what ends under such a key would be refused, and be an alarm.
    """
    history = read_history(node.identity.statements)
    if not any(history.revoked(held.key) for held in history.keys):
        return
    for line in list(node.machine.books.lines.values()):
        if not line.closed() and await _speaks_no_more(node, line, history):
            await _send_heads(node, line)


async def _speaks_no_more(node: Node, line: Line, history: KeyHistory) -> bool:
    if not line.out_n:
        return False
    (newest,) = await node.outbox.own_chain(line.line, line.out_n - 1, 1)
    return history.revoked(parse(_CORE, newest.core).key)


async def partner_has_new_key(node: Node, partner: str) -> None:
    """Write heads on each line with a partner of whom another log key was heard."""
    for line in list(node.machine.books.lines.values()):
        if line.peer != partner or line.closed() or node.gate.mode is not Mode.OPEN:
            continue
        try:
            await _send_heads(node, line)
        except (*STORAGE_TROUBLE, StorageError) as error:
            log.warning("heads_not_told", line=line.line, kind=type(error).__name__)


async def _send_heads(node: Node, line: Line) -> None:
    """Write heads; on a line without terms nothing is under way that they could bring along."""
    if line.terms is not None:
        await node.sequencer.submit(SendHeads(line.line))
