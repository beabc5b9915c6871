"""Which entries of a log are counted in the sums of flows, and why others are set aside. Pure.

Invariant: what is counted of a log follows from its own entries in their order, so that whoever
holds them counts the same; and all that one log brings to any sum is at most `UNITS_MAX`, whatever
it signs. Nothing is left out silently: each entry that is set aside is told with its reason.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import msgspec

from federation.peer.channel import decode_line_core
from federation.umbrella.flows import MILESTONES
from schemas import cores
from schemas.encoding import parse
from schemas.errors import VerificationError
from schemas.ids import Count

UNITS_MAX: Final = 2**50
"""Three thousand million hours: no group comes near. Eight thousand such logs fit into 64 bits."""
READ: Final = frozenset(
    kind.__struct_config__.tag for kind in (cores.PayCommit, cores.PayReceipt, *MILESTONES)
)


class Why(StrEnum):
    """Why an entry is in no sum."""

    TOO_MUCH = "too_much"
    """With it the log would bring more than `UNITS_MAX`."""
    UNREADABLE = "unreadable"
    """It is of a kind that counts, and not of a form that this version reads."""


class Aside(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Entries of one log that are in no sum, for one reason."""

    node: str
    why: Why
    entries: int
    first_seq: int

    def facts(self) -> dict[str, Any]:
        """Give what a log line tells of them."""
        return {"why": self.why.value, "entries": self.entries, "seq": self.first_seq}


class _Stamp(msgspec.Struct, frozen=True):
    """What is read of every core; the rest only of those that count."""

    type: str
    ts: Count


_STAMP: Final = msgspec.json.Decoder(_Stamp)


class Counting:
    """Counts the entries of one log, in their order."""

    def __init__(self, node: str, counted_units: int = 0) -> None:
        """Go on behind entries of which so many units were counted."""
        self.node, self.counted_units = node, counted_units
        self.last_at_s = 0
        """When the last entry says that it was written."""
        self._asides: dict[Why, tuple[int, int]] = {}

    def take(self, seq: int, entry: bytes) -> Any:
        """Give an entry that counts; None for any other."""
        try:
            stamp = parse(_STAMP, entry)
            core = decode_line_core(entry) if stamp.type in READ else None
        except (msgspec.MsgspecError, VerificationError):
            return self._set_aside(Why.UNREADABLE, seq)
        self.last_at_s = stamp.ts
        if isinstance(core, cores.UnknownCore):
            return self._set_aside(Why.UNREADABLE, seq)
        units = _units(core)
        if self.counted_units + units > UNITS_MAX:
            return self._set_aside(Why.TOO_MUCH, seq)
        self.counted_units += units
        return core

    def asides(self) -> list[Aside]:
        """Give what was set aside."""
        return [
            Aside(node=self.node, why=why, entries=entries, first_seq=first)
            for why, (entries, first) in sorted(self._asides.items())
        ]

    def _set_aside(self, why: Why, seq: int) -> None:
        entries, first = self._asides.get(why, (0, seq))
        self._asides[why] = entries + 1, first


def _units(core: Any) -> int:
    """Give what an entry moves on its line, or says that was moved."""
    match core:
        case cores.PayCommit() | cores.PayReceipt():
            return core.line_units
        case cores.LineClose():
            return core.written_off_units
        case cores.TermsPropose():
            return abs(core.terms.opening_units)
        case _:
            return 0
