"""The terms of a line: what two groups have agreed about trading with each other."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from schemas.amounts import LINE_UNITS_PER_HOUR, Rate
from schemas.encoding import b64, encode
from schemas.ids import Amount, Count, Hash, LineId, NodeId, Positive


class Side(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One side of the terms: who it is, its rate, and how much the other side may owe it."""

    node: NodeId
    rate: Rate
    grants_units: Count
    """Line units that the other side may owe this one."""


class Terms(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Terms of revision `rev`; `lower` is the side whose node id sorts first."""

    line: LineId
    rev: Positive
    lower: Side
    higher: Side
    largest_units: Positive
    """Largest single transfer, in line units."""
    previous: Hash | None = None
    """Hash of the terms before these; absent in revision 1."""
    opening_units: Amount = 0
    """In revision 1: what `lower` owes `higher` from before, negative when it is owed."""

    def opening(self, node: str) -> int:
        """Give what `node` owed the other side when the line began, negative when it was owed."""
        return self.opening_units if node == self.lower.node else -self.opening_units

    def side(self, node: str) -> Side:
        """Give the side of `node`, which is one of the two."""
        assert node in (self.lower.node, self.higher.node)
        return self.lower if node == self.lower.node else self.higher

    def other(self, node: str) -> Side:
        """Give the side that `node` trades with."""
        assert node in (self.lower.node, self.higher.node)
        return self.higher if node == self.lower.node else self.lower


HOURS_GRANTED_BY_DEFAULT = 20
HOURS_LARGEST_BY_DEFAULT = 5
HOURS_GRANTED_MAX = 100_000
"""No two groups owe each other more: a larger limit is a slip of the finger."""
ALARM_PERCENT = 60
"""From this use of a limit on, the coordinators are told."""


def default_grant_units() -> int:
    """Give what each side lets the other owe when nobody says otherwise: 20 hours."""
    return HOURS_GRANTED_BY_DEFAULT * LINE_UNITS_PER_HOUR


def default_largest_units() -> int:
    """Give the largest single transfer when nobody says otherwise: 5 hours."""
    return HOURS_LARGEST_BY_DEFAULT * LINE_UNITS_PER_HOUR


def terms_hash(terms: Terms) -> str:
    """Give the hash by which the other side accepts these terms."""
    return b64(sha256(b"ruilbrug/terms/v1\n" + encode(terms)).digest())
