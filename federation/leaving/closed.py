"""A peer tells that it has ended: `POST /federation/v1/closed`, unsigned, as it proves itself.

Whoever has left the register is not answered any more, so a signed request could not be told twice;
the words carry all key statements and the log key has signed them. An umbrella takes them in once
it has followed the log to its end, so that nothing is lost to the audit. A handler makes no
outgoing call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from aiohttp import web

from events import log_store
from events.keys import read_history
from federation.leaving.closings import judge, read_closing, sign_closing
from federation.leaving.queries import SQL
from federation.leaving.told import read_told
from federation.node.fence import handed_over_at_s, has_ended
from federation.node.node_key import NODE
from federation.umbrella.register_rules import LeaveGroup
from federation.umbrella.registering import followed_size
from schemas.closings import Closed, ClosingStatement
from schemas.encoding import encode
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from federation.node.service import Node

log = structlog.get_logger()

PATH: Final = "/federation/v1/closed"
_CLOSED: Final = msgspec.json.Decoder(Closed)


def last_word(node: Node, size: int) -> ClosingStatement:
    """Give what an ended group says; always the same, so it may be told any number of times."""
    at_s = handed_over_at_s(node.folder)
    return ClosingStatement(v=1, node=node.id, size=size, closed_at_s=at_s)


async def own_closing(node: Node) -> Closed | None:
    """Give what the group of this node has to tell; none when it has not ended."""
    if not has_ended(node.folder):
        return None
    newest = await node.pool.fetchrow(log_store.SQL["newest_checkpoint"])
    assert newest is not None, "a group that has ended has shown its log"
    said = sign_closing(last_word(node, newest["size"]), node.identity.log)
    return Closed(closing=said, statements=node.identity.statements)


async def closed(request: web.Request) -> web.Response:
    """Take in that a peer has ended."""
    node = request.app[NODE]
    node.gate.require_writable()
    await take_in(node, await read_told(request, _CLOSED))
    return web.Response(body=b"{}", content_type="application/json")


async def take_in(node: Node, said: Closed) -> ClosingStatement:
    """Write down that a peer has ended; the same again is the same answer.

    Raises:
        VerificationError: `bad_key_statement`, `bad_signature`, `bad_closing`.
        InputError: `peer_unknown`.
        RefusedError: `closing_late`, `log_not_followed`; `key_late` when its key statements are not
            those that are known, `forbidden` for the umbrella's own node.

    """
    history = read_history(said.statements)
    closing = read_closing(said.closing, history)
    peer = next((one for one in node.peers.everyone() if one.node == closing.node), None)
    if peer is None:
        raise InputError(Code.PEER_UNKNOWN, field="peer")
    if peer.standing == "umbrella":
        raise RefusedError(Code.FORBIDDEN)
    umbrella = node.settings.role == "umbrella"
    refused = judge(
        closing,
        here=node.peers.get(peer.node) is not None,
        known_size=await node.pool.fetchval(SQL["known_closing"], peer.node),
        followed=await followed_size(node, peer.node) if umbrella else None,
    )
    if refused is not None:
        raise RefusedError.of(refused)
    if not await node.peers.learn(closing.node, said.statements):
        raise RefusedError(Code.KEY_LATE, field="key_statement", size=closing.size)
    if umbrella:
        await node.do(LeaveGroup(peer.node))
    await node.peers.end(peer.node)
    # last: whoever dies before it is told once more, and does it once more
    await node.pool.execute(
        SQL["write_closing"],
        closing.node,
        closing.size,
        closing.closed_at_s,
        encode(said.closing),
    )
    log.info("peer_closed", peer=peer.node, size=closing.size)
    return closing
