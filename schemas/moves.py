"""A group's new address, in the words of its root key, as it reaches umbrella and partners."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Count, NodeId, Salt
from schemas.keys import KeySignature, SignedKeyStatement

Address = Annotated[str, Meta(max_length=2_000)]


class MoveStatement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From log index `holds_from` on, the node lives at `url`; before it was at `former`."""

    v: Literal[1]
    node: NodeId
    url: Address
    former: Address
    holds_from: Count
    salt: Salt


class SignedMove(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A move as the root key signed it: over `"ruilbrug/move/v1\\n" || statement`."""

    statement: str
    """The canonical bytes of a `MoveStatement` as unpadded base64url."""
    signature: KeySignature


class Moved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told: the move, and all key statements of the node, the new server's too."""

    move: SignedMove
    statements: Annotated[tuple[SignedKeyStatement, ...], Meta(min_length=1, max_length=1_000)]
