"""A line as a whole: what went over it, how it stands, and what A7, A10 and A15 say of that.

I4 holds by what each payment is held to: a line's two positions differ by openings, write-offs and
what is on its way, and by nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from federation.umbrella.audit.agreed import granted_units, terms_of
from projections.lines import near_limit
from schemas.findings import What, found
from schemas.ids import line_counter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from federation.umbrella.audit.judged import Judge
    from federation.umbrella.audit.records import LineRecord, Named, Side
    from schemas.findings import Finding


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What went over a line from one group to the other, in line units, and what is on its way."""

    payer: str
    payee: str
    trades: int
    settled_units: int
    in_flight_units: int


class LineReport(msgspec.Struct, frozen=True, kw_only=True):
    """A line as the audit sees it. `owes_units`: what `lower` owes `higher`; negative, reversed."""

    line: str
    lower: str
    higher: str
    flows: tuple[Flow, ...]
    owes_units: int
    matched: bool
    """Both sides have booked the same, and nothing is on its way."""


def report(line: LineRecord) -> LineReport | None:
    """Say how a line stands; nothing before both logs speak of it."""
    pair = line.pair()
    if pair is None:
        return None
    lower, higher = pair
    flows = tuple(_flow(*pair) for pair in ((lower, higher), (higher, lower)))
    return LineReport(
        line=line.line,
        lower=lower.node,
        higher=higher.node,
        flows=flows,
        owes_units=lower.paid_units - lower.credited_units,
        matched=all(flow.in_flight_units == 0 for flow in flows),
    )


def _flow(payer: Side, payee: Side) -> Flow:
    return Flow(
        payer=payer.node,
        payee=payee.node,
        trades=payee.receipts,
        settled_units=payee.credited_units,
        in_flight_units=payer.paid_units - payer.void_units - payee.credited_units,
    )


def stands(line: LineRecord, nodes: Collection[str], by: Judge) -> Iterator[Finding]:
    """Give what is wrong with a line as a whole, as far as both logs were read."""
    yield from _not_theirs(line)
    for side, other in line.each():
        yield from _seen(line, side, other, nodes, by)
        if other is not None and side.node:
            yield from _opened(line, side, by)
            yield from _near_limit(line, side, other, by)


def _not_theirs(line: LineRecord) -> Iterator[Finding]:
    """A1: who writes on a line is one end of it; once it is known between whom it is."""
    for node in sorted(line.sides) if line.ends is not None else ():
        if not line.other_end(node):
            seq = line.sides[node].first_seq
            yield found(What.NOT_ITS_LINE, node, line=line.line, seq=seq)


def _seen(
    line: LineRecord, side: Side, other: Side | None, nodes: Collection[str], by: Judge
) -> Iterator[Finding]:
    """A10: what the other side has seen of this one's chain stands in its log."""
    node = side.node or node_of(line, other, nodes)
    if side.another is not None:
        yield found(What.ANOTHER_SEEN, node, line=line.line, seq=side.another.seq)
    late = [
        named
        for waiting in side.named.values()
        for named in waiting
        if by.now_s > named.ts + by.lag_s
    ]
    if late and node:
        first: Named = min(late, key=lambda named: named.seq)
        yield found(What.SEEN_MISSING, node, line=line.line, seq=first.seq)


def node_of(line: LineRecord, other: Side | None, nodes: Collection[str]) -> str:
    """Find out whose side it is that nothing was read of, among those that are followed.

    The line id says it: it is made of both ends.
    """
    known = "" if other is None else other.node
    end = line.other_end(known)
    if end:
        return end if end in nodes else ""
    return next(
        (n for n in nodes if n != known and line_counter(line.line, n, known) is not None), ""
    )


def _opened(line: LineRecord, side: Side, by: Judge) -> Iterator[Finding]:
    """A7: the opening position that was booked is the one in the terms."""
    said = [terms.opening(side.node) for terms in terms_of(by.in_force(line), 1)]
    if side.opening_seq >= 0 and said and side.opening_units not in said:
        yield found(
            What.OPENING_DIFFERS,
            side.node,
            line=line.line,
            seq=side.opening_seq,
            line_units=abs(side.opening_units - said[0]),
        )


def _near_limit(line: LineRecord, side: Side, other: Side, by: Judge) -> Iterator[Finding]:
    """A15: what this side owes, against what the other lets it owe now."""
    granted = granted_units(by.in_force(line), other, other.n, other.seen_n)
    owed = side.balance_units()
    if granted is not None and near_limit(owed, granted):
        yield found(What.NEAR_LIMIT, side.node, line=line.line, line_units=owed)
