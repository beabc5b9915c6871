"""Which checkpoints of a followed log are kept beside the newest: those that witnesses cosigned.

A log that has just grown shows a checkpoint that few have cosigned yet, and an older one had them
all. Which witnesses somebody wants who checks a report is not known here, so one is kept unless a
newer one has all the same witnesses. Only cosignatures that fit count, by keys known here: who sits
between a group and the umbrella can add lines to a note, and pushes nothing out by that.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from events.cosignature import CosignatureKey
from events.note import SignedNote
from federation.node.origins import witness_name
from federation.node.witnesses import witness_key
from federation.umbrella.queries import SQL
from schemas.mirrored_cores import COSIGNED_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.node.service import Node

KEPT_MAX: Final = COSIGNED_MAX
NOTE_SIZE_MAX: Final = 16_384
"""Bytes: what a node serves has 64 cosignatures at most. Whoever pads a note beyond that has it not
kept, and fills neither tables nor files."""


class Cosigned(NamedTuple):
    """A checkpoint with the witnesses that cosigned it, by their verifier keys."""

    size: int
    witnesses: frozenset[str]
    note: bytes


def to_keep(found: Iterable[Cosigned]) -> list[Cosigned]:
    """Give those to keep, the newest first: none that has no witness of its own. Pure."""
    kept: list[Cosigned] = []
    for one in sorted(found, key=lambda one: (-one.size, -len(one.witnesses))):
        of_newer = any(one.witnesses <= newer.witnesses for newer in kept)
        if one.witnesses and not of_newer and all(one.size != other.size for other in kept):
            kept.append(one)
    return kept[:KEPT_MAX]


def known_witnesses(node: Node, note: SignedNote) -> list[CosignatureKey]:
    """Give the keys of those who may have cosigned a note: own, of groups, of the own policy."""
    named = {one.name for one in note.signatures}
    own = witness_name(node.settings.public_url)
    keys = [] if node.own_policy is None else [one.key for one in node.own_policy.witnesses]
    if own in named and node.identity.witness is not None:
        keys.append(CosignatureKey(own, node.identity.witness.public))
    groups = (peer for peer in node.peers.all() if witness_name(peer.url) in named)
    keys += [key for one in groups if (key := witness_key(node.peers, one.node)) is not None]
    return keys


async def keep(node: Node, group: str, notes: Iterable[tuple[int, bytes]]) -> None:
    """Keep what is worth it of checkpoints that the mirror matched, each with its size."""
    known = [
        Cosigned(row["size"], frozenset(row["witnesses"]), row["note"])
        for row in await node.pool.fetch(SQL["read_cosigned"], group)
    ]
    short = [(size, note) for size, note in notes if len(note) <= NOTE_SIZE_MAX]
    parsed = [(size, note, SignedNote.parse(note)) for size, note in short]
    found = [
        Cosigned(size, await asyncio.to_thread(signers, signed, known_witnesses(node, signed)), n)
        for size, n, signed in parsed
    ]
    kept = to_keep([*known, *found])
    if kept != sorted(known, key=lambda one: -one.size):
        await node.pool.execute(
            SQL["write_cosigned"],
            group,
            [one.size for one in kept],
            [" ".join(sorted(one.witnesses)) for one in kept],
            [one.note for one in kept],
        )


def signers(note: SignedNote, keys: Iterable[CosignatureKey]) -> frozenset[str]:
    """Give those of these keys that have cosigned a note, as verifier keys. Pure."""
    return frozenset(key.vkey() for key in keys if key.cosigned_at_s(note) is not None)
