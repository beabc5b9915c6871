"""What a mirror catches: a log that is not the one which it followed before, with the proof of it.

The newest checkpoint that the mirror matched, and the entries which it holds, are what was promised
to it. What contradicts them is made into a file that proves itself. Where the bytes at hand prove
nothing to a stranger, there is a finding all the same, and no evidence.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from events.exhibits import read_log_exhibit
from events.growing import TILE_WIDTH
from events.log_evidence import (
    build_broken_promise,
    build_same_index,
    build_same_size,
    promised,
)
from events.machine import EVENT_PREFIX
from events.merkle import consistency_proof, leaf_hash, root_at, root_of
from events.signing import PublicKey
from events.tiles import TILE_HEIGHT
from federation.umbrella.following import read_core
from federation.umbrella.queries import SQL
from schemas.encoding import b64, unb64
from schemas.errors import VerificationError
from schemas.evidence import Promise, SignedEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.checkpoint import Checkpoint
    from federation.node.peers import Peer
    from federation.node.service import Node


class Followed(NamedTuple):
    """The newest checkpoint of a log that the mirror matched, and its note."""

    size: int
    root: bytes
    note: bytes
    pulled_at_s: int


async def followed(node: Node, peer: Peer) -> Followed | None:
    """Give how far a log was followed; nothing before the first time."""
    row = await node.pool.fetchrow(SQL["followed"], peer.node)
    return None if row is None else Followed(*row)


async def checkpoint_differs(
    node: Node, peer: Peer, before: Followed | None, note: bytes, checkpoint: Checkpoint
) -> bool:
    """Tell whether a checkpoint is of another log than the one followed; keep the proof."""
    if before is None or checkpoint.size > before.size:
        return False
    accused, about = peer.node, str(checkpoint.size)
    statements = await node.evidence.statements(accused)
    if checkpoint.size == before.size:
        if checkpoint.root == before.root:
            return False
        file = build_same_size(accused, statements, before.note, note)
    else:
        grown = await _grown(node, accused, checkpoint.size, before.size)
        if grown.root == checkpoint.root:
            return False
        file = build_broken_promise(
            accused,
            statements,
            smaller=promised(note),
            larger=promised(before.note),
            root=grown.root,
            proof=grown.proof,
        )
    await node.evidence.of_log(file, accused=accused, about=about)
    return True


async def root_differs(node: Node, peer: Peer, before: Followed | None, event: SignedEvent) -> None:
    """Keep the proof when an event promises another history than the checkpoint at its place."""
    exhibit = read_log_exhibit(event, field="event")
    if before is None or before.size != exhibit.place.seq:
        return
    file = build_broken_promise(
        peer.node,
        await node.evidence.statements(peer.node),
        smaller=promised(before.note),
        larger=Promise(event=event),
        root=unb64(exhibit.place.root, size=32, field="root"),
    )
    await node.evidence.of_log(file, accused=peer.node, about=str(exhibit.place.seq))


async def entries_differ(
    node: Node, peer: Peer, start: int, entries: Sequence[bytes], signatures: Sequence[bytes]
) -> int | None:
    """Give the first place at which an entry is not the one that the mirror holds; keep the proof.

    A signature alone that differs counts when it does not fit: then nothing is proven by it.
    """
    end = start + len(entries)
    for row in await node.pool.fetch(SQL["mirrored_range"], peer.node, start, end):
        at = row["seq"] - start
        core, signature = entries[at], signatures[at]
        if core == row["core"]:
            if signature == row["signature"] or _fits(core, signature):
                continue
        else:
            statements = await node.evidence.statements(peer.node)
            one = SignedEvent(core=b64(row["core"]), signature=b64(row["signature"]))
            other = SignedEvent(core=b64(core), signature=b64(signature))
            file = build_same_index(peer.node, statements, one, other)
            with contextlib.suppress(VerificationError):  # what is no entry proves nothing
                await node.evidence.of_log(file, accused=peer.node, about=str(row["seq"]))
        return int(row["seq"])
    return None


def _fits(core: bytes, signature: bytes) -> bool:
    key = PublicKey.of_text(read_core(core).key)
    return key.verify(signature, EVENT_PREFIX + core)


class _Grown(NamedTuple):
    """The root that a log had at a smaller size, and the proof that it grew from there."""

    root: bytes
    proof: list[bytes]


async def _grown(node: Node, peer: str, smaller: int, larger: int) -> _Grown:
    """Read the mirrored log, keeping the roots of its tiles and the leaves beside both ends."""
    ends = {smaller // TILE_WIDTH, larger // TILE_WIDTH}
    kept: dict[int, list[bytes]] = {}
    roots: list[bytes] = []
    for index in range(-(-larger // TILE_WIDTH)):
        start = index * TILE_WIDTH
        end = min(start + TILE_WIDTH, larger)
        rows = await node.pool.fetch(SQL["mirrored_range"], peer, start, end)
        leaves = [leaf_hash(row["core"]) for row in rows]
        roots.append(root_of(leaves))
        if index in ends:
            kept[index] = leaves

    def subroot(level: int, index: int) -> bytes:
        if level >= TILE_HEIGHT:
            each = 1 << (level - TILE_HEIGHT)
            return root_of(roots[index * each : (index + 1) * each])
        start = index << level
        at = start % TILE_WIDTH
        return root_of(kept[start // TILE_WIDTH][at : at + (1 << level)])

    return _Grown(root_at(smaller, subroot), consistency_proof(smaller, larger, subroot))
