"""What a node answers to its umbrella about a partner: a signed event of it, as it came in.

An audit that finds word against word on a line asks for it. The umbrella reads all cores of both
ends anyway, so it learns nothing new by this but who is right. Openings stay here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from events.restore import Mode
from federation.node.evidence import SQL
from federation.node.node_key import NODE
from federation.peer.server import CALLER
from schemas.encoding import b64, encode
from schemas.errors import Code, RefusedError, StorageError
from schemas.messages import EVENTS_MAX, OwnEvents, WireEvent

if TYPE_CHECKING:
    from federation.node.service import Node


async def received(request: web.Request) -> web.Response:
    """Give event `n` of the partner on a line, and those behind it up to the end of its batch.

    No events: there is none. A node that is not sure of its own log does not say so, for it may
    have had it.
    """
    node: Node = request.app[NODE]
    if request[CALLER] != node.umbrella:
        raise RefusedError(Code.FORBIDDEN, field="caller")
    line, n = request.match_info["line"], int(request.match_info["n"])
    rows = await node.pool.fetch(SQL["received_batch"], line, n, EVENTS_MAX)
    if not rows and node.gate.mode is not Mode.OPEN:
        raise StorageError(Code.RELEASES_NOTHING)
    events = tuple(
        WireEvent(core=b64(row["core"]), signature=b64(row["signature"])) for row in rows
    )
    return web.Response(body=encode(OwnEvents(events=events)), content_type="application/json")
