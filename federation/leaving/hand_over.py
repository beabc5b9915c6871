"""`ruilbrug hand-over`: the group's last word on this server, for another one to go on from.

The fence goes up first, on disk; nothing is written into the log or leaves the node any more. Then
the export is made. When it fails, the fence comes down again: nothing was handed over. What another
process had on its way is waited for: the export is made of the log that stands still.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from events.restore import Mode
from federation.leaving.exporting import LogExported, LogExportFile, export_log
from federation.node.fence import HANDED_OVER, put_up, require_here, take_down
from federation.node.identity import require_recovery_public
from federation.node.service import now_s, record_checkpoint
from schemas.errors import Code, InputError, StorageError

if TYPE_CHECKING:
    from federation.node.service import Node

ATTEMPTS: Final = 5
"""What was on its way when the fence went up may still be written while the file is made."""
LOOKS_MAX: Final = 100


async def hand_over(node: Node, arguments: LogExportFile) -> LogExported:
    """Stop this node for good, and write all of it into a new ZIP.

    Raises:
        InputError: `export_there`, `bad_key`; `malformed` for an umbrella.
        StorageError: `handed_over` when it was before; `releases_nothing` or `read_only` when the
            node does not know yet that its log is whole; `busy` when the log did not come to rest;
            and what `export_log` raises. Then nothing was handed over.

    """
    if node.settings.role == "umbrella":
        raise InputError(Code.MALFORMED, field="role", reason="an umbrella is not handed over")
    require_here(node.folder)
    require_recovery_public(node.folder)
    node.gate.require_writable()
    if node.gate.mode is not Mode.OPEN:
        raise StorageError(Code.RELEASES_NOTHING)
    before = node.gate.judgement
    put_up(node.folder, now_s())
    try:
        for _ in range(ATTEMPTS):
            await _come_to_rest(node)
            made = await export_log(node, arguments, handed_over=True)
            if made.entries == node.sequencer.size == _shown(node):
                return made
            await asyncio.to_thread(Path(made.file).unlink)
            node.gate.judgement = before
        raise StorageError(Code.BUSY)  # noqa: TRY301 - as any other failure
    except BaseException:
        take_down(node.folder)
        node.gate.judgement = before
        raise


async def _come_to_rest(node: Node) -> None:
    """Show the log to its end, for the umbrella follows it to there; then nothing more is taken in.

    Partners trade on meanwhile: the end may move while it is shown.

    Raises:
        StorageError: `busy` when it moves each time.

    """
    for _ in range(LOOKS_MAX):
        await record_checkpoint(node)
        if _shown(node) == node.sequencer.size:
            node.gate.judgement = HANDED_OVER
            return
    raise StorageError(Code.BUSY)


def _shown(node: Node) -> int | None:
    return None if node.newest is None else node.newest[0][0]
