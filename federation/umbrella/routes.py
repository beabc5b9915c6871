"""What only an umbrella answers: to each group its mirrored log. See also `register_routes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from events.growing import TILE_WIDTH
from federation.node.node_key import NODE
from federation.peer.server import CALLER
from federation.umbrella.queries import SQL
from schemas.encoding import b64, encode
from schemas.errors import Code, InputError, RefusedError
from schemas.ids import line_counter
from schemas.messages import (
    EVENTS_MAX,
    MirroredTile,
    OwnEvents,
    SealedBundle,
    WireEvent,
)

if TYPE_CHECKING:
    from aiohttp.web import Application


BODIES_SIZE_MAX: Final = 8 * 2**20
"""So many bytes of sealed bodies are given at once; a client takes no more than twice that."""


def add(app: Application) -> None:
    """Add the umbrella's routes."""
    app.add_routes(
        [
            web.get("/federation/v1/mirror/{tile:[0-9]{1,12}}", mirrored),
            web.get("/federation/v1/mirror/lines/{line:[a-z2-7]{52}}", mirrored_line),
        ]
    )


async def mirrored(request: web.Request) -> web.Response:
    """Give a node a tile of its own log, with its sealed bodies; answered in every mode."""
    node, caller, tile = request.app[NODE], request[CALLER], int(request.match_info["tile"])
    start = tile * TILE_WIDTH
    rows = await node.pool.fetch(SQL["mirrored_range"], caller, start, start + TILE_WIDTH)
    if not rows:
        raise RefusedError(Code.NOT_FOUND, field="tile")
    bundles = await node.pool.fetch(SQL["mirrored_bodies"], caller, tile, BODIES_SIZE_MAX)
    answer = MirroredTile(
        entries=tuple(
            WireEvent(core=b64(row["core"]), signature=b64(row["signature"])) for row in rows
        ),
        bodies=tuple(
            SealedBundle(width=row["width"], sealed=b64(row["sealed"])) for row in bundles
        ),
    )
    return web.Response(body=encode(answer), content_type="application/json")


async def mirrored_line(request: web.Request) -> web.Response:
    """Give one end of a line what the other has written on it behind a place of its log.

    In every mode: both may have been restored, and neither can tell the other then.
    """
    node, caller, line = request.app[NODE], request[CALLER], request.match_info["line"]
    other = request.query.get("node", "")
    if line_counter(line, caller, other) is None:
        raise RefusedError(Code.NOT_FOUND, field="line")
    try:
        after = int(request.query.get("after", "-1"))
    except ValueError as error:
        raise InputError(Code.MALFORMED, field="after", reason="it is no number") from error
    if not -1 <= after < 2**53:
        raise InputError(Code.MALFORMED, field="after", reason="it is no place in a log")
    rows = await node.pool.fetch(SQL["mirrored_line"], other, line, after, EVENTS_MAX)
    events = tuple(
        WireEvent(core=b64(row["core"]), signature=b64(row["signature"])) for row in rows
    )
    return web.Response(body=encode(OwnEvents(events=events)), content_type="application/json")
