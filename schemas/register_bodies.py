"""What an umbrella writes into its log about groups, their keys and their lines (design section 6).

Who reads these events in order has the register. A group's key statements prove themselves; the
register adds in which order they were made known, and how much of the group's log was known then.
"""

from __future__ import annotations

from schemas.body_parts import Body
from schemas.ids import Count, Hash, LineId, NodeId
from schemas.keys import SignedKeyStatement


class GroupAdmitted(Body, frozen=True, kw_only=True, tag="group.admitted"):
    """The umbrella admits a group to its register, or the group has another address or name."""

    at_s: Count
    node: NodeId
    url: str
    name: str


class GroupKeyStated(Body, frozen=True, kw_only=True, tag="group.key"):
    """A key statement of a group, and how far its log had been followed before it was known."""

    at_s: Count
    node: NodeId
    statement: SignedKeyStatement
    size: Count
    root: Hash
    """Merkle root of the first `size` entries, as a checkpoint of the group has named it."""


class GroupLineAgreed(Body, frozen=True, kw_only=True, tag="group.line"):
    """Two groups have agreed about a line; both logs say so."""

    at_s: Count
    line: LineId
    lower: NodeId
    higher: NodeId


class GroupLeft(Body, frozen=True, kw_only=True, tag="group.left"):
    """A group has left the register; what its partners are owed they may write off."""

    at_s: Count
    node: NodeId


RegisterBody = GroupAdmitted | GroupKeyStated | GroupLineAgreed | GroupLeft
