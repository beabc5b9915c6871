"""What another rate of the group changes on each line, before it is proposed. Pure."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from federation.line.terms import proposes_nothing
from federation.node.line_deeds import Amount
from projections.lines import granted_by_them, granted_by_us
from schemas.amounts import minor_floor, to_minor
from schemas.encoding import b64, encode

if TYPE_CHECKING:
    from projections.books import Books
    from projections.lines import Line
    from schemas.amounts import Rate


class LineAtRate(msgspec.Struct, frozen=True, kw_only=True):
    """A line by the old rate and by the new one; the hours stay, our minor units change."""

    line: str
    peer: str
    owed: tuple[Amount, Amount]
    """Now, and once the other side has accepted; never below zero."""
    we_owe: bool
    """It is we who received more; else the other side did."""
    we_may_owe: tuple[Amount, Amount]
    they_may_owe: tuple[Amount, Amount]
    asked: bool
    """The same rate was proposed already, and waits for an answer."""
    can_be_asked: bool
    """A proposal can be made now; else one waits, or the line is set aside."""


class RateChange(msgspec.Struct, frozen=True, kw_only=True):
    """All that another rate changes, as somebody reads it before it is done."""

    before: int
    """Units an hour."""
    after: int
    lines: tuple[LineAtRate, ...]

    def seen(self) -> str:
        """Give the hash by which somebody says what was read."""
        return b64(sha256(b"ruilbrug/rate/v1\n" + encode(self)).digest())


def rate_change(books: Books, before: Rate, after: Rate) -> RateChange:
    """Say what becomes of each line that has other terms than this rate."""
    return RateChange(
        before=before.per_hour,
        after=after.per_hour,
        lines=tuple(_at(line, after) for line in concerned(books, after)),
    )


def concerned(books: Books, rate: Rate) -> list[Line]:
    """Give the lines whose terms say another rate of ours."""
    return [
        line
        for line in books.lines.values()
        if line.terms is not None and not line.own_closed and line.terms.side(line.us).rate != rate
    ]


def was_asked(line: Line, rate: Rate) -> bool:
    """Tell whether a proposal of ours with this rate waits for their answer."""
    return line.own_proposal is not None and line.own_proposal.side(line.us).rate == rate


def _at(line: Line, rate: Rate) -> LineAtRate:
    old = line.clearing_rate
    assert old is not None
    owed, ours, theirs = abs(line.balance_units), granted_by_them(line), granted_by_us(line)
    return LineAtRate(
        line=line.line,
        peer=line.peer,
        owed=(Amount(to_minor(owed, old), owed), Amount(to_minor(owed, rate), owed)),
        we_owe=line.balance_units >= 0,
        we_may_owe=(Amount(minor_floor(ours, old), ours), Amount(minor_floor(ours, rate), ours)),
        they_may_owe=(
            Amount(minor_floor(theirs, old), theirs),
            Amount(minor_floor(theirs, rate), theirs),
        ),
        asked=was_asked(line, rate),
        can_be_asked=proposes_nothing(line) is None,
    )
