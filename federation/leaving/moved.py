"""A peer tells its new address: `POST /federation/v1/moved`, unsigned, because it proves itself.

The server that signs has keys that nobody knows yet, and is not where they would be asked for. So
the words carry all key statements, and the root key has signed the address. A handler makes no
outgoing call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from aiohttp import web

from events.keys import read_history
from federation.leaving.moves import read_move
from federation.leaving.queries import SQL
from federation.leaving.told import read_told
from federation.node.node_key import NODE
from federation.umbrella.register_rules import AdmitGroup
from federation.umbrella.registering import followed_of
from schemas.encoding import encode
from schemas.errors import Code, RefusedError
from schemas.moves import Moved

if TYPE_CHECKING:
    from events.keys import KeyHistory
    from federation.node.peers import Peer
    from federation.node.service import Node
    from schemas.moves import MoveStatement

log = structlog.get_logger()

PATH: Final = "/federation/v1/moved"
_MOVED: Final = msgspec.json.Decoder(Moved)


async def moved(request: web.Request) -> web.Response:
    """Take in that a peer has moved."""
    node = request.app[NODE]
    node.gate.require_writable()
    await take_in(node, await read_told(request, _MOVED))
    return web.Response(body=b"{}", content_type="application/json")


async def take_in(node: Node, said: Moved) -> Peer:
    """Write down a peer's new address and keys; the same again is the same answer.

    Raises:
        VerificationError: `bad_key_statement`, `bad_signature`, `bad_move`.
        InputError: `peer_unknown`.
        RefusedError: `move_late`, `address_taken`, `address_refused`, `key_late`; an umbrella's
            register: as `registering.admit`.

    """
    history = read_history(said.statements)
    move = read_move(said.move, history)
    peer = node.peers.require(move.node)
    known = await node.pool.fetchval(SQL["known_move"], move.node)
    if known is not None and move.holds_from < known:
        raise RefusedError(Code.MOVE_LATE, field="move")
    _require_free(node, move)
    if node.settings.role == "umbrella":
        await _record(node, peer, move, said, history)
    if not await node.peers.learn(move.node, said.statements):
        raise RefusedError(Code.KEY_LATE, field="key_statement", size=move.holds_from)
    written = await node.pool.fetchval(
        SQL["write_move"], move.node, move.holds_from, encode(said.move)
    )
    if written is None:
        raise RefusedError(Code.MOVE_LATE, field="move")
    here = peer._replace(url=move.url)
    await node.peers.add(here)
    log.info("peer_moved", peer=move.node, holds_from=move.holds_from)
    return here


def _require_free(node: Node, move: MoveStatement) -> None:
    """Refuse an address that is somebody else's, or is none that this node may speak with."""
    others = (peer for peer in node.peers.all() if peer.node != move.node)
    taken = next((peer for peer in others if peer.url == move.url), None)
    if taken is not None or move.url == node.settings.public_url:
        name = node.settings.name if taken is None else taken.name
        raise RefusedError(Code.ADDRESS_TAKEN, field="url", group=name)
    if not (move.url.startswith("https://") or node.settings.allow_private_addresses):
        raise RefusedError(Code.ADDRESS_REFUSED)


async def _record(
    umbrella: Node, peer: Peer, move: MoveStatement, said: Moved, history: KeyHistory
) -> None:
    """Write address and keys into the register, from which every group reads them."""
    group = umbrella.machine.books.register.groups.get(move.node)
    if group is None or not group.here:
        raise RefusedError(Code.GROUP_UNKNOWN, field="group")
    followed = await followed_of(umbrella, move.node, history)
    await umbrella.do(AdmitGroup(peer.node, move.url, group.name, said.statements, followed))
