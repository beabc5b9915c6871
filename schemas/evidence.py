"""Evidence: one file that proves to anybody, without a node, that a group has cheated.

A file is one canonical JSON object: who is accused, the key statements that prove which keys speak
for that node, and two objects which it signed and which exclude each other. Key statements prove
themselves against the node id, so nothing has to be fetched or believed. A reader refuses a kind
that it does not know. The checks are in `events.evidence` and `events.log_evidence`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Bytes, Hash, NodeId, Signature
from schemas.keys import SignedKeyStatement
from schemas.pay_cores import SignedDecision

STATEMENTS_MAX = 1000
"""As many as a key history may have: nobody escapes by rotating its keys once more."""


PROOF_STEPS_MAX = 64
"""No tree within the safe integers needs more."""


class EvidenceKind(StrEnum):
    """What a file proves."""

    SAME_SIZE = "same-size"
    SAME_INDEX = "same-index"
    BROKEN_PROMISE = "broken-promise"
    CHANNEL_FORK = "channel-fork"
    TWO_VERDICTS = "two-verdicts"


class SignedEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event as its node signed it."""

    core: Bytes
    signature: Signature


class EvidenceFile(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
):
    """What every kind has; `keys` in the order in which they were made."""

    v: Literal[1]
    accused: NodeId
    keys: Annotated[tuple[SignedKeyStatement, ...], Meta(min_length=1, max_length=STATEMENTS_MAX)]


class ChannelFork(EvidenceFile, frozen=True, kw_only=True, tag="channel-fork"):
    """Two different events of one node with the same number on the same line."""

    first: SignedEvent
    second: SignedEvent


class TwoVerdicts(EvidenceFile, frozen=True, kw_only=True, tag="two-verdicts"):
    """Two decisions of one node about one payment that differ in verdict or in the accept."""

    first: SignedDecision
    second: SignedDecision


class SameSize(EvidenceFile, frozen=True, kw_only=True, tag="same-size"):
    """Two checkpoints of one log, as signed notes, with one size and two roots."""

    first: Bytes
    second: Bytes


class SameIndex(EvidenceFile, frozen=True, kw_only=True, tag="same-index"):
    """Two different events of one node with the same place in its log."""

    first: SignedEvent
    second: SignedEvent


class Promise(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What a node said its log is: a checkpoint (a signed note), or an event about all before it.

    One of the two is there.
    """

    event: SignedEvent | None = None
    note: Bytes | None = None


class BrokenPromise(EvidenceFile, frozen=True, kw_only=True, tag="broken-promise"):
    """Two promises about one log, of which the larger does not contain the smaller.

    `proof` leads from `root`, which the tree of the larger had at the size of the smaller, to the
    larger's root (RFC 9162 section 2.1.4.2); at equal sizes it is empty.
    """

    smaller: Promise
    larger: Promise
    root: Hash
    proof: Annotated[tuple[Hash, ...], Meta(max_length=PROOF_STEPS_MAX)]


Evidence = ChannelFork | TwoVerdicts | SameSize | SameIndex | BrokenPromise
