"""What a mirror catches: a log that is not the one which it followed before, with the proof of it.

The newest checkpoint that the mirror matched, and the entries which it holds, are what was promised
to it. What contradicts them is made into a file that proves itself. Where the bytes at hand prove
nothing to a stranger, there is a finding all the same, and no evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from events.exhibits import read_log_exhibit
from events.log_evidence import (
    build_broken_promise,
    build_same_index,
    build_same_size,
    promised,
)
from events.merkle import consistency_proof, leaf_hash, root_of
from federation.umbrella.queries import SQL
from schemas.encoding import b64, unb64
from schemas.evidence import Promise, SignedEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.checkpoint import Checkpoint
    from federation.node.peers import Peer
    from federation.node.service import Node

PAGE = 4096


class Followed(NamedTuple):
    """The newest checkpoint of a log that the mirror matched, and its note."""

    size: int
    root: bytes
    note: bytes


async def followed(node: Node, peer: Peer) -> Followed | None:
    """Give how far a log was followed; nothing before the first time."""
    row = await node.pool.fetchrow(SQL["followed"], peer.node)
    return None if row is None else Followed(row["size"], row["root"], row["checkpoint"])


async def checkpoint_differs(
    node: Node, peer: Peer, before: Followed, note: bytes, checkpoint: Checkpoint
) -> None:
    """Keep the proof when a checkpoint is not one of the log that was followed."""
    accused, about = peer.node, str(checkpoint.size)
    if checkpoint.size == before.size and checkpoint.root != before.root:
        statements = await node.evidence.statements(accused)
        file = build_same_size(accused, statements, before.note, note)
        await node.evidence.of_log(file, accused=accused, about=about)
    elif 0 < checkpoint.size < before.size:
        leaves = await _leaves(node, accused, before.size)
        root = root_of(leaves[: checkpoint.size])
        if root != checkpoint.root:
            statements = await node.evidence.statements(accused)
            file = build_broken_promise(
                accused,
                statements,
                smaller=promised(note),
                larger=promised(before.note),
                root=root,
                proof=_proof(leaves, checkpoint.size),
            )
            await node.evidence.of_log(file, accused=accused, about=about)


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
) -> None:
    """Keep the proof when entries that the mirror holds are served as others, from `start` on."""
    end = start + len(entries)
    for row in await node.pool.fetch(SQL["mirrored_range"], peer.node, start, end):
        at = row["seq"] - start
        if entries[at] == row["core"]:
            continue
        statements = await node.evidence.statements(peer.node)
        one = SignedEvent(core=b64(row["core"]), signature=b64(row["signature"]))
        other = SignedEvent(core=b64(entries[at]), signature=b64(signatures[at]))
        file = build_same_index(peer.node, statements, one, other)
        await node.evidence.of_log(file, accused=peer.node, about=str(row["seq"]))
        return


async def _leaves(node: Node, peer: str, size: int) -> list[bytes]:
    leaves: list[bytes] = []
    while len(leaves) < size:
        rows = await node.pool.fetch(SQL["read_mirror"], peer, len(leaves), PAGE)
        if not rows:
            break
        leaves += [leaf_hash(row["core"]) for row in rows]
    return leaves[:size]


def _proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    def subroot(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    return consistency_proof(size, len(leaves), subroot)
