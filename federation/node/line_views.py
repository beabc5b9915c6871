"""The lines of a group as its coordinators see them: use of limits, what is in doubt, who else.

Amounts are in minor units of the own group: the balance as it is booked, limits and what is set
apart rounded down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from events.restore import Mode
from federation.node.line_doctor import Advice, examine
from projections.lines import alarm_from_units, granted_by_them, granted_by_us, with_terms
from schemas.amounts import Rate, minor_floor, to_minor
from schemas.terms import terms_hash

if TYPE_CHECKING:
    from federation.node.service import Node
    from projections.lines import Line
    from schemas.terms import Terms


class ShownTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Terms as one side reads them; amounts in line units, rates in whole units per hour."""

    terms: str
    """Their hash: who answers says what was read."""
    our_rate: Rate
    their_rate: Rate
    we_may_owe_units: int
    they_may_owe_units: int
    we_alarm_from_units: int
    """From here on our coordinators are told that we owe much, and ..."""
    they_alarm_from_units: int
    """... that they do."""
    largest_units: int
    we_owe_units: int
    """From before the line began; below zero when they owe us."""


class PartnerLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line with another group."""

    line: str
    peer: str
    name: str
    state: str
    balance_minor: int
    """What we received more than we gave; below zero the other way round."""
    we_may_owe_minor: int
    they_may_owe_minor: int
    held_in_minor: int
    """What is set apart and would raise the balance."""
    held_out_minor: int
    paused_by_us: str
    """The code of the reason; empty when it is not."""
    agreed: ShownTerms | None
    """What holds now."""
    proposed: ShownTerms | None
    """What would hold by what the other group has proposed, and waits for."""
    own_proposal: ShownTerms | None
    """The same of what we have proposed."""
    advice: tuple[Advice, ...]


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """A registered or invited group with which there is no line yet."""

    peer: str
    name: str


def lines_with_partners(node: Node, *, now_s: int) -> list[PartnerLine]:
    """Give every line that is not closed, by the name of the other group."""
    lines = [line for line in node.machine.books.lines.values() if not line.closed()]
    shown = [_shown(node, line, now_s=now_s) for line in lines]
    return sorted(shown, key=lambda one: one.name.casefold())


def without_line(node: Node) -> list[Neighbour]:
    """Give the groups of the umbrella's directory, and those invited, that have no line with us."""
    known = {line.peer for line in node.machine.books.lines.values() if not line.closed()}
    found = [
        Neighbour(peer=peer.node, name=peer.name)
        for peer in node.peers.all()
        if peer.node not in known and peer.node != node.id and peer.standing != "umbrella"
    ]
    return sorted(found, key=lambda one: one.name.casefold())


def _shown(node: Node, line: Line, *, now_s: int) -> PartnerLine:
    names = {peer.node: peer.name for peer in node.peers.everyone()}
    rate = None if line.terms is None else line.terms.side(line.us).rate
    advice = examine(
        node.machine.books,
        line,
        node.outbox.delivery(line.line),
        left=node.peers.get(line.peer) is None,
        releases=node.gate.mode is Mode.OPEN,
        now_s=now_s,
    )
    return PartnerLine(
        line=line.line,
        peer=line.peer,
        name=names.get(line.peer, line.peer),
        state=state_of_line(line),
        balance_minor=to_minor(line.balance_units, rate) if rate else 0,
        we_may_owe_minor=minor_floor(granted_by_them(line), rate) if rate else 0,
        they_may_owe_minor=minor_floor(granted_by_us(line), rate) if rate else 0,
        held_in_minor=minor_floor(line.held_out_units, rate) if rate else 0,
        held_out_minor=minor_floor(line.held_in_units, rate) if rate else 0,
        paused_by_us=str(line.own_frozen or ""),
        agreed=held(line),
        proposed=would_hold(line, line.their_proposal),
        own_proposal=would_hold(line, line.own_proposal),
        advice=tuple(advice),
    )


def state_of_line(line: Line) -> str:
    """Name the state of a line in one word."""
    states = (
        ("quarantined", bool(line.quarantined)),
        ("closed", line.closed()),
        ("closing", line.own_closed or line.their_closed),
        ("frozen", bool(line.own_frozen or line.their_frozen)),
        ("open", line.open()),
        ("proposed", bool(line.own_proposal or line.their_proposal)),
    )
    return next((name for name, holds in states if holds), "refused")


def held(line: Line) -> ShownTerms | None:
    """Give what holds on a line now: its terms, with the limits that one side lowered since."""
    if line.terms is None:
        return None
    ours, theirs = line.terms.side(line.us), line.terms.other(line.us)
    we_may, they_may = granted_by_them(line), granted_by_us(line)
    return ShownTerms(
        terms=terms_hash(line.terms),
        our_rate=ours.rate,
        their_rate=theirs.rate,
        we_may_owe_units=we_may,
        they_may_owe_units=they_may,
        we_alarm_from_units=alarm_from_units(we_may),
        they_alarm_from_units=alarm_from_units(they_may),
        largest_units=line.terms.largest_units,
        we_owe_units=line.terms.opening(line.us),
    )


def would_hold(line: Line, terms: Terms | None) -> ShownTerms | None:
    """Give what would hold once these terms were accepted; none of none."""
    return None if terms is None else held(with_terms(line, terms))
