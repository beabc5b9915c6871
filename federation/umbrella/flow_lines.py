"""What the lines between groups have agreed and when, read from the cores of both ends. Pure.

Proposals, acceptances, lowered limits and closings make a line's history, in whatever order the
two logs are read. Only what both ends signed is in force.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import msgspec

from federation.umbrella.flows import DayFlow, day_of
from schemas import cores
from schemas.terms import terms_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from schemas.amounts import Rate
    from schemas.terms import Terms


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """Terms that one end proposed and the other accepted."""

    terms: Terms
    day: int
    """When they were accepted."""
    from_seq: Mapping[str, int]
    """For each end, where its own log proposes or accepts them."""


class Lowered(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that one end lowered alone."""

    by: str
    seq: int
    day: int
    grants_units: int


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """The line as closed by one end, and what this end wrote off of a partner that had gone."""

    by: str
    day: int
    written_off_units: int


class LineHistory(msgspec.Struct, frozen=True, kw_only=True):
    """A line that two groups have agreed on."""

    line: str
    lower: str
    higher: str
    agreed: tuple[Agreed, ...]
    """By revision; at least one."""
    lowered: tuple[Lowered, ...] = ()
    closed: tuple[Closed, ...] = ()

    def is_end(self, node: str) -> bool:
        """Tell whether a group is one of the two."""
        return node in (self.lower, self.higher)

    def other(self, node: str) -> str:
        """Give the group at the other end."""
        return self.higher if node == self.lower else self.lower

    def rate(self, node: str) -> Rate:
        """Give the newest rate of an end's own unit."""
        return self.agreed[-1].terms.side(node).rate

    def granted_units(self, by: str, day: int) -> int:
        """Give what `by` let the other end owe it at the end of a day; nothing once closed."""
        if any(one.day <= day for one in self.closed):
            return 0
        current = next((one for one in reversed(self.agreed) if one.day <= day), None)
        if current is None:
            return 0
        by_terms = current.terms.side(by).grants_units
        lowered = [
            one
            for one in self.lowered
            if one.by == by and one.day <= day and one.seq > current.from_seq[by]
        ]
        newest = max(lowered, key=lambda one: one.seq, default=None)
        return by_terms if newest is None else min(by_terms, newest.grants_units)

    def without_trade(self) -> tuple[DayFlow, ...]:
        """Give what moved the line's balance without a trade: the opening, what was written off."""
        first = self.agreed[0]
        opening = first.terms.opening_units
        found = [
            self._moved(one.by, one.day, one.written_off_units)
            for one in self.closed
            if one.written_off_units
        ]
        if opening:
            debtor = self.lower if opening > 0 else self.higher
            found.insert(0, self._moved(debtor, first.day, abs(opening)))
        return tuple(found)

    def _moved(self, payer: str, day: int, units: int) -> DayFlow:
        return DayFlow(
            day=day, payer=payer, payee=self.other(payer), line=self.line, trades=0, units=units
        )


class LineStand(msgspec.Struct, frozen=True, kw_only=True):
    """How a line stands: who owes whom, of which limit, since when."""

    line: str
    debtor: str
    creditor: str
    owed_units: int
    limit_units: int
    """What the creditor lets the debtor owe it."""
    oldest_day: int | None = None
    """From when the oldest part of the debt dates."""

    @property
    def used(self) -> Fraction | None:
        """The share of the limit that is used; none without a limit."""
        return Fraction(self.owed_units, self.limit_units) if self.limit_units else None


def line_stand(
    history: LineHistory, lower_owes_units: int, *, day: int, oldest_day: int | None = None
) -> LineStand:
    """Give how a line stands at the end of a day, with what `lower` then owes, or is owed."""
    debtor = history.lower if lower_owes_units >= 0 else history.higher
    creditor = history.other(debtor)
    return LineStand(
        line=history.line,
        debtor=debtor,
        creditor=creditor,
        owed_units=abs(lower_owes_units),
        limit_units=history.granted_units(creditor, day),
        oldest_day=oldest_day,
    )


def line_histories(milestones: Iterable[Any]) -> dict[str, LineHistory]:
    """Put the milestones of all logs together, in whatever order they come."""
    parts: dict[str, _Parts] = {}
    for core in milestones:
        part = parts.setdefault(core.line, _Parts())
        if isinstance(core, cores.TermsPropose):
            if core.names_its_line():
                part.offers.setdefault(terms_hash(core.terms), core)
        elif isinstance(core, cores.TermsAccept):
            part.accepts.append(core)
        elif isinstance(core, cores.LineLimit):
            part.lowered.append(core)
        elif isinstance(core, cores.LineClose):
            part.closed.append(core)
    found = ((line, _history(line, part)) for line, part in sorted(parts.items()))
    return {line: history for line, history in found if history is not None}


class _Parts:
    """What was read of one line."""

    def __init__(self) -> None:
        self.offers: dict[str, cores.TermsPropose] = {}
        self.accepts: list[cores.TermsAccept] = []
        self.lowered: list[cores.LineLimit] = []
        self.closed: list[cores.LineClose] = []


def _history(line: str, part: _Parts) -> LineHistory | None:
    agreed: dict[int, Agreed] = {}
    for accept in sorted(part.accepts, key=lambda core: (core.ts, core.origin, core.seq)):
        offer = part.offers.get(accept.terms)
        if offer is not None and accept.origin == offer.terms.other(offer.origin).node:
            agreed.setdefault(
                offer.terms.rev,
                Agreed(
                    terms=offer.terms,
                    day=day_of(accept.ts),
                    from_seq={offer.origin: offer.seq, accept.origin: accept.seq},
                ),
            )
    if not agreed:
        return None
    ends = next(iter(agreed.values())).terms
    pair = {ends.lower.node, ends.higher.node}
    return LineHistory(
        line=line,
        lower=ends.lower.node,
        higher=ends.higher.node,
        agreed=tuple(agreed[rev] for rev in sorted(agreed)),
        lowered=tuple(
            Lowered(by=one.origin, seq=one.seq, day=day_of(one.ts), grants_units=one.grants_units)
            for one in sorted(part.lowered, key=lambda core: (core.origin, core.seq))
            if one.origin in pair
        ),
        closed=tuple(
            Closed(by=one.origin, day=day_of(one.ts), written_off_units=one.written_off_units)
            for one in sorted(part.closed, key=lambda core: (core.origin, core.seq))
            if one.origin in pair
        ),
    )
