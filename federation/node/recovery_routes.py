"""What a node answers to others about their own history, in every mode (restore rule).

The asker may have been restored from an old backup: it learns how much of it was seen here, and
gets back its own events of a line, byte for byte. Nothing of ours is in these answers, but for
events that the asker can name because it has had them, and those that the mark covers.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from aiohttp import web
from msgspec.structs import replace

from events.log_store import SQL as LOG_SQL
from events.merkle import leaf_hash
from events.restore import Mode
from events.sealed_bodies import BodyRange, OpenBody, seal_bodies
from federation.node.exchange import heard_from
from federation.node.identity import recovery_public, system_random
from federation.node.node_key import NODE
from federation.node.origins import log_origin
from federation.node.queries import SQL as NODE_SQL
from federation.node.recovery_queries import SQL
from federation.node.witness import signed_and_cosigned
from federation.peer.server import CALLER
from federation.umbrella.queries import SQL as UMBRELLA_SQL
from schemas.encoding import b64, encode
from schemas.errors import Code, InputError, RefusedError
from schemas.messages import (
    CHECKPOINT_SIZE_MAX,
    EVENTS_MAX,
    LineHead,
    OwnEvents,
    SeenAnswer,
    WireEvent,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Record

    from federation.node.service import Node


async def seen(request: web.Request) -> web.Response:
    """Tell a node what was seen of it, and open a session: nothing sent before counts any more."""
    node, caller = request.app[NODE], request[CALLER]
    heard_from(node.outbox, caller)
    session = node.sessions.open(caller)
    behind = node.gate.mode is Mode.READ_ONLY
    last = await node.pool.fetchrow(UMBRELLA_SQL["mirror_head"], caller)
    heads = tuple(
        LineHead(line=line.line, n=line.in_n, id=line.in_id or None)
        for line in node.machine.books.lines.values()
        if line.peer == caller
    )
    keys = node.peers.statements(caller)
    answer = SeenAnswer(size=0, heads=heads, session=session, behind=behind, keys=keys)
    if (checkpoint := await _cosigned(node, caller)) is not None:
        answer = replace(answer, checkpoint=checkpoint)
    if last is not None:
        answer = replace(answer, size=last["seq"] + 1, last=b64(leaf_hash(last["core"])))
    return web.Response(body=encode(answer), content_type="application/json")


async def _cosigned(node: Node, caller: str) -> str | None:
    """Give the newest checkpoint of the caller that was cosigned here, whoever keeps its entries.

    The caller signed it, and would prove a fork against itself by another one of that size.
    """
    origin = log_origin(node.peers.require(caller).url)
    turn = nullcontext() if node.witness is None else node.witness.turn(origin)
    async with turn:
        note = await signed_and_cosigned(node.pool, origin)
    return None if note is None or len(note) > CHECKPOINT_SIZE_MAX else b64(note)


async def own_events(request: web.Request) -> web.Response:
    """Give a partner its own events on a line after a place, as they were received."""
    node, name = request.app[NODE], request.match_info["line"]
    line = node.machine.books.lines.get(name)
    if line is None or line.peer != request[CALLER]:
        raise RefusedError(Code.NOT_FOUND, field="line")
    rows = await node.pool.fetch(
        SQL["received_on_line"], name, _number(request, "after"), EVENTS_MAX
    )
    return _events(rows)


async def own_chain(request: web.Request) -> web.Response:
    """Give a partner our events on a line, up to one that it names by number and id.

    Who knows the id of an event has had it, so it and those before it were released. Without an
    id it gets what the mark covers: that belongs to what others may have seen, in every mode.
    """
    node, name = request.app[NODE], request.match_info["line"]
    line = node.machine.books.lines.get(name)
    if line is None or line.peer != request[CALLER]:
        raise RefusedError(Code.NOT_FOUND, field="line")
    after, until = _number(request, "after"), _number(request, "n")
    named = request.query.get("id")
    if named is None:
        covered = await node.pool.fetchval(SQL["released_n"], name, node.question.covered)
        until = min(until, int(covered))
    else:
        held = await node.pool.fetchval(SQL["own_line_id"], name, until)
        if held is None or b64(held) != named:
            raise RefusedError(Code.NOT_FOUND, field="id")
    limit = max(0, min(EVENTS_MAX, until - after))
    rows = await node.pool.fetch(NODE_SQL["own_chain"], name, after, limit)
    return _events(rows)


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "0")
    if not text.isascii() or not text.isdecimal() or len(text) > 15:  # noqa: PLR2004 - below 2^53
        raise InputError(Code.MALFORMED, field=name, reason="it is no number")
    return int(text)


def _events(rows: Sequence[Record]) -> web.Response:
    events = tuple(
        WireEvent(core=b64(row["core"]), signature=b64(row["signature"])) for row in rows
    )
    return web.Response(body=encode(OwnEvents(events=events)), content_type="application/json")


async def sealed_bundle(node: Node, start: int, width: int) -> bytes:
    """Seal the bodies of a range to this node's recovery key, for its mirror.

    Raises:
        RefusedError: `not_found` when the node has no recovery key.

    """
    public = recovery_public(node.folder)
    if public is None:
        raise RefusedError(Code.NOT_FOUND, field="recovery key")
    rows = await node.pool.fetch(LOG_SQL["read_events"], start, start + width)
    bodies = [
        None if row["body"] is None else OpenBody(row["body_salt"], row["body"]) for row in rows
    ]
    return seal_bodies(public, BodyRange(node.id, start, width), bodies, system_random)
