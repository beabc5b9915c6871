"""A node that has moved, or has ended, tells umbrella and partners so until each has heard it.

At each start anew, in every mode: who has moved is answered the question of the restore rule only
once its new keys are known; who has ended only reads. What leaves here are words that prove
themselves, no entry of the log.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import structlog

from federation.leaving import closed, moved
from federation.node.fence import is_handed_over
from federation.node.kept_files import MOVE_FILE
from federation.peer.problems import read_problem
from schemas.encoding import encode, parse
from schemas.errors import Code, InputError, RuilbrugError
from schemas.moves import Moved, SignedMove

if TYPE_CHECKING:
    from federation.node.peers import Peer
    from federation.node.service import Node
    from federation.node.settings import NodeFolder

log = structlog.get_logger()

FIRST_WAIT_S: Final = 0.5
WAIT_MAX_S: Final = 60.0
MOVE: Final = ("move_told", "move_not_told", "move_refused")
CLOSING: Final = ("closing_told", "closing_not_told", "closing_refused")
_MOVE: Final = msgspec.json.Decoder(SignedMove)


class _Words(NamedTuple):
    """What is told, and where."""

    path: str
    said: bytes
    told: str
    """How the log calls it that somebody has heard, has not, or would not."""
    not_told: str
    refused: str


class Ending:
    """Wakes the task that tells of the end, when the end comes while the node runs."""

    def __init__(self) -> None:
        """Start with a group that goes on."""
        self.came = asyncio.Event()
        self.told: set[str] = set()
        """Who has heard it from this process."""


def read_own_move(folder: NodeFolder) -> SignedMove | None:
    """Give the move of the node of this folder; none when it never moved.

    Raises:
        InputError: `malformed`.

    """
    try:
        return parse(_MOVE, (folder.keys / MOVE_FILE).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        reason = type(error).__name__
        raise InputError(Code.MALFORMED, field=f"keys/{MOVE_FILE}", reason=reason) from error


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Begin to tell, when there is something to tell or will be."""
    move = read_own_move(node.folder)
    if move is not None and not is_handed_over(node.folder):
        said = encode(Moved(move=move, statements=node.identity.statements))
        tasks.create_task(_announce(node, _Words(moved.PATH, said, *MOVE), set()), name="moved")
    if node.settings.role != "umbrella":
        ending = node.parts[Ending] = Ending()
        tasks.create_task(_tell_end(node, ending), name="closed")


async def _tell_end(node: Node, ending: Ending) -> None:
    said = await closed.own_closing(node)
    while said is None:
        await ending.came.wait()
        ending.came.clear()
        said = await closed.own_closing(node)
    await _announce(node, _Words(closed.PATH, encode(said), *CLOSING), ending.told)


def unheard(node: Node) -> tuple[str, ...]:
    """Name who has not heard yet that the group of this node has ended."""
    ending = node.parts.get(Ending)
    told = ending.told if isinstance(ending, Ending) else set()
    return tuple(sorted(peer.name for peer in node.peers.all() if peer.node not in told))


async def _announce(node: Node, words: _Words, told: set[str]) -> None:
    """Tell every peer, and add each that has heard to `told`."""
    wait_s = FIRST_WAIT_S
    while True:
        waiting = [peer for peer in node.peers.all() if peer.node not in told]
        heard = await asyncio.gather(*(_tell(node, words, peer) for peer in waiting))
        told |= {peer.node for peer, done in zip(waiting, heard, strict=True) if done}
        if len(told) >= len(node.peers.all()):
            return
        await asyncio.sleep(wait_s)
        wait_s = min(WAIT_MAX_S, 2 * wait_s)


async def _tell(node: Node, words: _Words, peer: Peer) -> bool:
    """Tell one peer; True when it has heard."""
    try:
        answer = await node.client.post_public(peer.url, words.path, words.said)
    except RuilbrugError as error:
        log.info(words.not_told, peer=peer.node, code=error.code)
        return False
    if answer.status != HTTPStatus.OK:
        # `key_late` says that this place began from an export that lags behind what was signed;
        # `log_not_followed` that an umbrella has to read on first
        log.warning(words.refused, peer=peer.node, code=read_problem(answer).code)
        return False
    log.info(words.told, peer=peer.node)
    return True
