"""Which terms and limits held for a side at a place of its chain, from both chains alone.

In force is the highest revision that one side proposed and the other accepted by its hash, as far
as the side had seen it. A limit lowered alone ends with other terms, unless these were its giver's
own proposal before (design section 4). Where that cannot be told, the larger limit counts: nobody
is accused for what is not certain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from federation.umbrella.audit.records import Agreed, Lowered, Proposed
from schemas import cores
from schemas.terms import terms_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from federation.umbrella.audit.records import LineRecord, Side
    from schemas.terms import Terms


class InForce(NamedTuple):
    """Terms that both have signed, and where each chain says so."""

    terms: Terms
    proposer: str
    proposed_n: int
    acceptor: str
    accepted_n: int


def agreed(side: Side, core: Any) -> None:
    """Take in what a side says of terms and limits."""
    seen_n = core.seen.n if core.seen is not None else 0
    match core:
        case cores.TermsPropose():
            side.proposed.append(Proposed(core.n, terms_hash(core.terms), core.terms))
        case cores.TermsAccept():
            side.agreed.append(Agreed(core.n, seen_n, core.terms))
        case cores.LineLimit():
            side.lowered.append(Lowered(core.n, seen_n, core.grants_units))


def accepted(line: LineRecord) -> Iterator[InForce]:
    """Give all terms that were ever in force, for what else is asked here about a line."""
    for node in sorted(line.sides):
        other = line.other(node)
        for agreement in line.sides[node].agreed if other is not None else ():
            assert other is not None
            proposal = _proposal(other, agreement)
            if proposal is not None and _between(proposal.terms, node, other.node):
                yield InForce(proposal.terms, other.node, proposal.n, node, agreement.n)


def _between(terms: Terms, one: str, other: str) -> bool:
    return {terms.lower.node, terms.higher.node} == {one, other}


def _proposal(side: Side, agreement: Agreed) -> Proposed | None:
    """Give the proposal that was accepted: the newest of that hash that had been seen."""
    named = (p for p in reversed(side.proposed) if p.n <= agreement.seen_n)
    return next((p for p in named if p.hash == agreement.hash), None)


def terms_of(in_force: Iterable[InForce], rev: int) -> list[Terms]:
    """Give the terms of a revision that both have signed; an honest line has one."""
    return [one.terms for one in in_force if one.terms.rev == rev]


def granted_units(in_force: Iterable[InForce], side: Side, n: int, seen_n: int) -> int | None:
    """Give what `side` let the other owe it, at its event `n`, which had seen `seen_n`.

    Nothing before any terms are in force.
    """
    known = [one for one in in_force if _reached(one, side, n, seen_n)]
    if not known:
        return None
    now = max(known, key=lambda one: one.terms.rev)
    granted = now.terms.side(side.node).grants_units
    limit = next((one for one in reversed(side.lowered) if one.n <= n), None)
    if limit is None or any(_ends(one, limit, side) for one in known):
        return granted
    return min(granted, limit.grants_units)


def _reached(one: InForce, side: Side, n: int, seen_n: int) -> bool:
    return one.accepted_n <= (n if one.acceptor == side.node else seen_n)


def _ends(one: InForce, limit: Lowered, side: Side) -> bool:
    """Tell whether terms that came into force behind a limit have ended it."""
    if _reached(one, side, limit.n, limit.seen_n):
        return False
    return one.proposer != side.node or one.proposed_n > limit.n
