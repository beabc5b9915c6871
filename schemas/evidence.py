"""Evidence: one file that proves to anybody, without a node, that a group has cheated.

A file is one canonical JSON object: who is accused, the key statements that prove which keys speak
for that node, and two objects which it signed and which exclude each other. Key statements prove
themselves against the node id, so nothing has to be fetched or believed. The list of kinds is open
for `same-size`, `same-index` and `broken-promise` (design section 6); a reader refuses a kind that
it does not know. The checks are in `events.evidence`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Bytes, NodeId, Signature
from schemas.keys import SignedKeyStatement
from schemas.pay_cores import SignedDecision

STATEMENTS_MAX = 1000
"""As many as a key history may have: nobody escapes by rotating its keys once more."""


class EvidenceKind(StrEnum):
    """What a file proves."""

    CHANNEL_FORK = "channel-fork"
    TWO_VERDICTS = "two-verdicts"


class SignedEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line event as its node signed it."""

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


Evidence = ChannelFork | TwoVerdicts
