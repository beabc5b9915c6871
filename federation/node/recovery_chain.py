"""A partner's chain, fetched again by a restored node, from whoever may give it out.

The partner itself by the ordinary exchange; one that releases nothing yet, or only reads because it
was restored as well, by the id of an event, since who can name it has had it, or as far as its mark
goes: nothing is told that was not released. Then the umbrella, which mirrors the partner's log.
Chain and every signature are checked whoever gave it. Writes nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import msgspec

from federation.node.recovery_queries import SQL
from federation.node.recovery_source import NOT_THERE
from federation.peer.channel import read_batch, require_signature
from schemas.cores import UnknownCore
from schemas.encoding import encode, parse
from schemas.errors import Code, PeerUnavailable, RuilbrugError, VerificationError
from schemas.messages import Exchange, OwnEvents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.keys import KeyHistory
    from federation.node.service import Node
    from federation.peer.channel import ChannelEvent
    from projections.lines import Line
    from schemas.messages import WireEvent

_Answer = TypeVar("_Answer", Exchange, OwnEvents)
_EXCHANGE: Final = msgspec.json.Decoder(Exchange)
_OWN: Final = msgspec.json.Decoder(OwnEvents)
_CORE: Final = msgspec.json.Decoder(UnknownCore)


class Chained(NamedTuple):
    """One event of a partner, as the inbox stores it."""

    n: int
    id: str
    core: bytes
    signature: bytes
    cover: int


class Place(NamedTuple):
    """A place in a partner's chain; `id` is empty where it is not known, `seq` is in its log."""

    n: int
    id: str
    seq: int = -1


async def partner_chain(node: Node, line: Line, *, until: Place) -> list[Chained]:
    """Fetch a partner's chain again, from behind what the inbox holds up to a place.

    Raises:
        PeerUnavailable: nobody gives so much of it now.
        RefusedError, StorageError: likewise, in the words of who was asked first.
        VerificationError: chain or signature are wrong, or an own event has seen another one.

    """
    history = node.peers.history(line.peer)
    if history is None:
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="its keys are not known")
    found: list[Chained] = []
    at = await _held(node, line)
    refusal: RuilbrugError | None = None
    for source in (_exchanged, _named, _mirrored):
        while at.n < until.n:
            try:
                events = await _checked(await source(node, line, at, until), line, at, history)
            except NOT_THERE as error:
                refusal = refusal or error
                break
            found += [Chained(e.n, e.id, e.core_bytes, e.signature, events[-1].n) for e in events]
            at = Place(events[-1].n, events[-1].id, events[-1].core.seq)
    if at.n < until.n:
        assert refusal is not None
        raise refusal
    chain = [event for event in found if event.n <= until.n]
    if until.id and chain and chain[-1].id != until.id:
        raise VerificationError(Code.LINE_FORK, field=f"event {until.n}")
    return chain


async def _held(node: Node, line: Line) -> Place:
    """Give the place up to which the inbox holds the partner's chain."""
    if not line.in_n:
        return Place(0, "")
    core = await node.pool.fetchval(SQL["received_core"], line.line, line.in_n)
    return Place(line.in_n, line.in_id, parse(_CORE, core).seq)


async def _checked(
    wire: Sequence[WireEvent], line: Line, at: Place, history: KeyHistory
) -> Sequence[ChannelEvent]:
    """Check that events continue the chain, each signed."""
    if not wire:
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason=f"its chain ends at {at.n}")
    events = read_batch(wire, line=line.line, origin=line.peer, history=history)
    if events[0].n != at.n + 1 or (events[0].core.prev or "") != at.id:
        raise VerificationError(Code.LINE_PREV, field=f"event {events[0].n}")
    for event in events:
        await asyncio.to_thread(require_signature, event, history)
    return events


async def _exchanged(node: Node, line: Line, at: Place, until: Place) -> Sequence[WireEvent]:
    """Ask the partner by the ordinary exchange, in which we bring nothing."""
    del until
    peer = node.peers.require(line.peer)
    path = f"/federation/v1/lines/{line.line}/events"
    data = await node.client.post(peer.node, peer.url, path, encode(Exchange(after=at.n)))
    return _read(_EXCHANGE, data).events


async def _named(node: Node, line: Line, at: Place, until: Place) -> Sequence[WireEvent]:
    """Ask the partner for what leads up to an event, or for what its mark covers; in every mode."""
    peer = node.peers.require(line.peer)
    asked = f"after={at.n}&n={until.n}" + (f"&id={until.id}" if until.id else "")
    path = f"/federation/v1/lines/{line.line}/chain?{asked}"
    return _read(_OWN, await node.client.get(peer.node, peer.url, path)).events


async def _mirrored(node: Node, line: Line, at: Place, until: Place) -> Sequence[WireEvent]:
    """Ask the umbrella for the partner's side of a line, as it followed the partner's log."""
    del until
    if node.umbrella is None:
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="there is no umbrella")
    umbrella = node.peers.require(node.umbrella)
    asked = f"node={line.peer}&after={at.seq}"
    path = f"/federation/v1/mirror/lines/{line.line}?{asked}"
    return _read(_OWN, await node.client.get(umbrella.node, umbrella.url, path)).events


def _read(decoder: msgspec.json.Decoder[_Answer], data: bytes) -> _Answer:
    try:
        return parse(decoder, data)
    except msgspec.MsgspecError as error:
        raise PeerUnavailable(Code.PEER_WRONG, reason="a chain") from error
