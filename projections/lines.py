"""Lines and the trades on them, as a fold of the own log and of what each partner sent.

A received event changes a line's heads, its terms and what the partner says, but never a balance
and never a hold: those change by own events alone (design section 4). Decides nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

import msgspec

from schemas.amounts import Rate
from schemas.core_parts import Fixed
from schemas.pay_cores import PayRequest
from schemas.terms import ALARM_PERCENT, Terms, terms_hash

DAY_S: Final = 24 * 3600

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
    REQUESTED = "requested"
    """The payee's side has asked, nobody has consented yet; nothing is held."""
    DECLINED = "declined"


DONE = frozenset(
    {
        Phase.SETTLED,
        Phase.ABORTED,
        Phase.CREDITED,
        Phase.REJECTED,
        Phase.RELEASED,
        Phase.DECLINED,
    }
)
"""Nothing more will happen to it."""

FAILED = frozenset({Phase.ABORTED, Phase.REJECTED, Phase.RELEASED, Phase.DECLINED})
"""It ended without a booking."""


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
    request: str = ""
    """Id of the `pay.request` that it answers."""

    def key(self) -> TransferKey:
        """Give the key under which the path is burned."""
        return (self.path, self.line, self.direction)


def requested(core: PayRequest, event_id: str, direction: Direction) -> Transfer:
    """Give the trade that a request begins, as either side sees it first."""
    return Transfer(
        path=core.path,
        line=core.line,
        direction=direction,
        phase=Phase.REQUESTED,
        prepare="",
        prepare_n=0,
        line_units=core.line_units,
        payer_minor=core.payer_minor,
        payee_minor=core.payee_minor,
        terms_rev=core.terms_rev,
        fixed=core.fixed,
        expires_at_s=core.expires_at_s,
        reverses=core.reverses or "",
        at_s=core.ts,
        request=event_id,
    )


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one side said after booking: all it has committed or credited, in line units."""

    total: int = 0


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that one side lowered alone; `covers` is its own open proposal at that moment."""

    grants_units: int
    covers: str = ""


class Heads(msgspec.Struct, frozen=True, kw_only=True):
    """Where both chains stood when our newest `line.heads` was written, and when that was."""

    out_n: int = 0
    in_n: int = 0
    at_s: int = 0


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side sent on one day and should not have; `day` counts from 1970."""

    day: int = 0
    count: int = 0

    def on(self, at_s: int) -> int:
        """Count those of the day of `at_s`."""
        return self.count if self.day == at_s // DAY_S else 0

    def and_one(self, at_s: int) -> Faults:
        """Count one more; another day begins anew."""
        return Faults(day=at_s // DAY_S, count=self.on(at_s) + 1)


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line as this node sees it. `balance_units` is positive when this node owes the other.

    Always: balance = opening + paid - credited + written off (asserted by `check`).
    """

    line: str
    us: str
    peer: str
    counter: int
    terms: Terms | None = None
    """In force: the highest revision that one side proposed and the other accepted."""
    terms_before: tuple[Terms, ...] = ()
    own_proposal: Terms | None = None
    their_proposal: Terms | None = None
    old_account: int = 0
    """Where our side of an opening position comes from, while our proposal is open."""
    own_limit: Limit | None = None
    their_limit: Limit | None = None
    own_frozen: str = ""
    """Why this side admits no new trades, while it does not."""
    their_frozen: str = ""
    own_closed: bool = False
    their_closed: bool = False
    quarantined: str = ""
    clearing: int = 0
    clearing_rate: Rate | None = None
    """By which the clearing account stands: I2 is R(balance) at this rate."""
    out_n: int = 0
    out_id: str = ""
    in_n: int = 0
    in_id: str = ""
    opening_units: int = 0
    balance_units: int = 0
    paid_units: int = 0
    """All this side ever committed; only grows (I11)."""
    credited_units: int = 0
    """All this side ever gave a receipt for; only grows (I11)."""
    written_units: int = 0
    """All this side ever wrote off, as it changed the balance."""
    held_out_units: int = 0
    held_in_units: int = 0
    their_commit: Claim = Claim()
    their_receipt: Claim = Claim()
    their_opening_units: int = 0
    """The opening position that the other side has booked, as it sees it."""
    their_written_units: int = 0
    heads: Heads = Heads()
    """What our newest `line.heads` told."""
    faults: Faults = Faults()
    """How often the other side was wrong today."""

    def owed_to_us(self) -> int:
        """Give what the other side owes, with everything accepted and undecided (I8)."""
        return -self.balance_units + self.held_in_units

    def owed_by_us(self) -> int:
        """Give what this side owes, with everything prepared and undecided."""
        return self.balance_units + self.held_out_units

    def unconfirmed_units(self) -> int:
        """Give what this side has prepared or committed and the other has not confirmed yet."""
        return self.held_out_units + self.paid_units - self.their_receipt.total

    def open(self) -> bool:
        """Tell whether new trades may be admitted."""
        return (
            self.terms is not None
            and self.clearing > 0
            and not (self.quarantined or self.own_frozen or self.their_frozen)
            and not (self.own_closed or self.their_closed)
        )

    def closed(self) -> bool:
        """Tell whether both sides are done with this line."""
        return self.own_closed and self.their_closed

    def terms_of(self, rev: int) -> Terms | None:
        """Give the terms of a revision that is or was in force."""
        if self.terms is not None and self.terms.rev == rev:
            return self.terms
        return next((terms for terms in self.terms_before if terms.rev == rev), None)

    def their_balance(self) -> int:
        """Give the line balance that the other side must have by its own chain so far."""
        return (
            self.their_opening_units
            + self.their_commit.total
            - self.their_receipt.total
            + self.their_written_units
        )

    def check(self) -> None:
        """Assert what always holds between the numbers of a line."""
        sums = self.opening_units + self.paid_units - self.credited_units + self.written_units
        assert self.balance_units == sums, "the balance of a line is the sum of what moved it"
        assert self.held_out_units >= 0, "I9"
        assert self.held_in_units >= 0, "I9"


def granted_by_us(line: Line) -> int:
    """Give how many line units the other side may owe us: terms, lowered by our own limit."""
    assert line.terms is not None
    return _granted(line.terms.side(line.us).grants_units, line.own_limit)


def granted_by_them(line: Line) -> int:
    """Give how many line units we may owe the other side."""
    assert line.terms is not None
    return _granted(line.terms.other(line.us).grants_units, line.their_limit)


def used_percent(owed_units: int, granted_units: int) -> int:
    """Give how much of a limit is used, in whole percent, rounded down; 0 when nothing is owed.

    Who owes anything where nothing may be owed any more has used all of it.
    """
    if owed_units <= 0:
        return 0
    return owed_units * 100 // granted_units if granted_units else 100


def near_limit(owed_units: int, granted_units: int) -> bool:
    """Tell whether so much of a limit is used that coordinators and the umbrella are told."""
    return used_percent(owed_units, granted_units) >= ALARM_PERCENT


def alarm_from_units(granted_units: int) -> int:
    """Give the least that somebody owes of a limit for `near_limit` to hold."""
    return max(1, -(-granted_units * ALARM_PERCENT // 100))


def _granted(by_terms: int, limit: Limit | None) -> int:
    return by_terms if limit is None else min(by_terms, limit.grants_units)


def with_terms(line: Line, terms: Terms) -> Line:
    """Give the line with new terms in force; the old ones stay known for late commits.

    A limit ends here unless it was given while these terms were the giver's open proposal.
    """
    before = line.terms_before if line.terms is None else (*line.terms_before, line.terms)
    name = terms_hash(terms)
    own, theirs = line.own_limit, line.their_limit
    return msgspec.structs.replace(
        line,
        terms=terms,
        terms_before=before,
        clearing_rate=line.clearing_rate or terms.side(line.us).rate,
        own_limit=own if own is not None and own.covers == name else None,
        their_limit=theirs if theirs is not None and theirs.covers == name else None,
    )
