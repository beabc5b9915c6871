"""Messages between nodes, beside the events that they carry (design sections 4 and 7)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.amounts import Unit
from schemas.evidence import STATEMENTS_MAX
from schemas.ids import Bytes, Count, Hash, LineId, NodeId, Pseudonym, Signature
from schemas.keys import SignedKeyStatement
from schemas.openings import Opening
from schemas.register_bodies import RegisterBody

EVENTS_MAX = 256
CHECKPOINT_SIZE_MAX = 12_288
CHECKPOINTS_MAX = 4
Checkpoint = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]*\Z", max_length=16_384)]
"""A signed note of at most 12 KiB, unpadded base64url."""
REGISTER_CHANGES_MAX = 200
Session = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]*\Z", max_length=64)]
"""Names the time since a node last asked another what it has seen; chosen by who answers."""


class WireEvent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A line event as its node signed it, with the opening that is meant for the reader."""

    core: Bytes
    signature: Signature
    opening: Opening | None = None


class Exchange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one side tells the other: its events, and how far it has processed the other's.

    In a request `after` is the place of the last event of the receiver that the sender has
    processed; in a response likewise, which makes `after + 1` the number expected next.
    """

    after: Count
    in_hand: Count = 0
    """Newest event of the receiver that the sender holds and is still processing: the answer goes
    on behind it. It acknowledges nothing; without it a response begins behind `after`."""
    session: Session = ""
    """Of a question that brings events: what the receiver's newest answer to `seen` named."""
    events: Annotated[tuple[WireEvent, ...], Meta(max_length=EVENTS_MAX)] = ()
    checkpoints: Annotated[tuple[Checkpoint, ...], Meta(max_length=CHECKPOINTS_MAX)] = ()
    """The newest that the sender has of its own log and of others: who shows two histories is found
    when those to whom they are shown tell each other."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody may know of a node."""

    node: NodeId
    name: str
    role: str
    unit: Unit | None = None


class RegisterChange(msgspec.Struct, frozen=True, kw_only=True):
    """One event of an umbrella's register, by its place in the umbrella's log."""

    seq: Count
    said: RegisterBody


class RegisterPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the register says behind the place that the asker named, oldest first."""

    changes: Annotated[tuple[RegisterChange, ...], Meta(max_length=REGISTER_CHANGES_MAX)]
    more: bool
    """There is more behind the last of these."""


class FollowedEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The id of an entry of a group's log that counts, whatever became of its key since."""

    id: Hash | None = None


class LineHead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a chain has been seen."""

    line: LineId
    n: Count
    id: Hash | None = None
    """Of event `n`: another event with the same number is another history."""


class SeenAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What this node has seen of the asker: its log (an umbrella), and its side of each line."""

    size: Count
    last: Hash | None = None
    """Id of entry `size - 1`."""
    heads: tuple[LineHead, ...] = ()
    session: Session = ""
    """Opened by this answer: what the asker brings from now on names it."""
    behind: bool = False
    """The answering node lacks a part of its own log: it may have seen more than it can tell."""
    checkpoint: Checkpoint | None = None
    """The newest of the asker's log that was cosigned here, with the asker's own signature."""
    keys: Annotated[tuple[SignedKeyStatement, ...], Meta(max_length=STATEMENTS_MAX)] = ()
    """The asker's key statements: it may have lost the one about its newest key."""


class OwnEvents(msgspec.Struct, frozen=True, kw_only=True):
    """One side's events on a line, byte for byte: the asker's own, or those that it asks for."""

    events: Annotated[tuple[WireEvent, ...], Meta(max_length=EVENTS_MAX)] = ()


class SealedBundle(msgspec.Struct, frozen=True, kw_only=True):
    """Bodies of the first `width` entries of a tile, sealed to their node's recovery key."""

    width: Annotated[int, Meta(ge=1, le=EVENTS_MAX)]
    sealed: str
    """Unpadded base64url, see `events.sealed_bodies`."""


class MirroredTile(msgspec.Struct, frozen=True, kw_only=True):
    """What an umbrella holds of one tile of the asker's own log."""

    entries: Annotated[tuple[WireEvent, ...], Meta(max_length=EVENTS_MAX)]
    bodies: tuple[SealedBundle, ...] = ()


class PayeeQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who stands behind a member code."""

    code: Annotated[str, Meta(max_length=40)]


class PayeeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The pseudonym by which the asker names that member."""

    payee: Pseudonym
