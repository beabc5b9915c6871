"""Lines and the trades on them, as a fold of the own log and of what each partner sent.

A received event changes a line's heads, its terms and what the partner says, but never a balance
and never a hold: those change by own events alone (design section 4). Decides nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from schemas.cores import Fixed
from schemas.terms import Terms

Direction = Literal["out", "in"]
TransferKey = tuple[str, str, Direction]
"""(path, line, direction); `out` when this node is the payer's."""


class Phase(StrEnum):
    """How far a transfer has come, as this node's own log tells it."""

    PREPARED = "prepared"
    COMMITTED = "committed"
    SETTLED = "settled"
    ABORTED = "aborted"
    ACCEPTED = "accepted"
    CREDITED = "credited"
    REJECTED = "rejected"
    SILENT = "silent"
    RELEASED = "released"


DONE = frozenset({Phase.SETTLED, Phase.ABORTED, Phase.CREDITED, Phase.REJECTED, Phase.RELEASED})
"""Nothing more will happen, but a late commit may still credit a `RELEASED` one's sibling."""


class Transfer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One payment on one line, seen from this node. Amounts are those of the prepare."""

    path: str
    line: str
    direction: Direction
    phase: Phase
    prepare: str
    """Id of the prepare event."""
    prepare_n: int
    """Place of the prepare in the payer's chain."""
    account: int = 0
    payee: str = ""
    """The payee's pseudonym, at the payer's node."""
    line_units: int = 0
    payer_minor: int = 0
    payee_minor: int = 0
    terms_rev: int = 0
    fixed: Fixed = Fixed.PAYEE
    expires_at_s: int = 0
    reverses: str = ""
    accept: str = ""
    commit: str = ""
    code: str = ""
    first_seq: int = 0
    last_seq: int = 0
    at_s: int = 0
    peer_subject: str = ""
    """Whose data key seals the peer text that came or went with it."""
    voided: bool = False
    """The payer's own abort came in: a later commit of this path is void."""

    def key(self) -> TransferKey:
        """Give the key under which the path is burned."""
        return (self.path, self.line, self.direction)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one side said after booking: all it committed or credited, and its balance."""

    n: int = 0
    total: int = 0
    balance: int = 0


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line as this node sees it. `balance_units` is positive when this node owes the other."""

    line: str
    us: str
    peer: str
    counter: int
    terms: Terms | None = None
    """In force: the highest revision that one side proposed and the other accepted."""
    terms_before: tuple[Terms, ...] = ()
    own_proposal: Terms | None = None
    their_proposal: Terms | None = None
    quarantined: str = ""
    clearing: int = 0
    out_n: int = 0
    out_id: str = ""
    in_n: int = 0
    in_id: str = ""
    balance_units: int = 0
    paid_units: int = 0
    """All this side ever committed; only grows (I11)."""
    credited_units: int = 0
    """All this side ever gave a receipt for; only grows (I11)."""
    held_out_units: int = 0
    held_in_units: int = 0
    their_commit: Claim = Claim()
    their_receipt: Claim = Claim()

    def owed_to_us(self) -> int:
        """Give what the other side owes, with everything accepted and undecided (I8)."""
        return -self.balance_units + self.held_in_units

    def owed_by_us(self) -> int:
        """Give what this side owes, with everything prepared and undecided."""
        return self.balance_units + self.held_out_units

    def open(self) -> bool:
        """Tell whether new trades may be admitted."""
        return self.terms is not None and not self.quarantined and self.clearing > 0

    def terms_of(self, rev: int) -> Terms | None:
        """Give the terms of a revision that is or was in force."""
        if self.terms is not None and self.terms.rev == rev:
            return self.terms
        return next((terms for terms in self.terms_before if terms.rev == rev), None)


def with_terms(line: Line, terms: Terms) -> Line:
    """Give the line with new terms in force; the old ones stay known for late commits."""
    before = line.terms_before if line.terms is None else (*line.terms_before, line.terms)
    return msgspec.structs.replace(line, terms=terms, terms_before=before)
