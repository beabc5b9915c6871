"""A group's last word: that it has ended, as it reaches umbrella and partners."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Count, NodeId
from schemas.keys import KeySignature, SignedKeyStatement


class ClosingStatement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log of this node ends behind `size` entries; the group has ended at `closed_at_s`."""

    v: Literal[1]
    node: NodeId
    size: Count
    closed_at_s: Count


class SignedClosing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A closing as the log key signed it: over `"ruilbrug/closed/v1\\n" || statement`."""

    statement: str
    """The canonical bytes of a `ClosingStatement` as unpadded base64url."""
    signature: KeySignature


class Closed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told: the closing, and all key statements of the node."""

    closing: SignedClosing
    statements: Annotated[tuple[SignedKeyStatement, ...], Meta(min_length=1, max_length=1_000)]
