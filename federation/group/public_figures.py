"""What a group shows to everybody of a quarter: hours given, and how many members took part. Pure.

Rounded by the rule by which the umbrella publishes (`schemas.published_figures`), with the same
cells: what this group gave each other one, and got of it, is a cell each; what members gave each
other is one more. So whoever holds a group's figures against the umbrella's learns nothing new.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.bodies import AccountKind
from schemas.published_figures import round_hours, too_few

if TYPE_CHECKING:
    from collections.abc import Iterable


class Leg(NamedTuple):
    """One posting of a booking: which account, and by how much its balance moved."""

    seq: int
    account: int
    kind: AccountKind
    amount_minor: int


class Inside(NamedTuple):
    """What members gave each other, and who had part in anything."""

    trades: int
    minor: int
    people: frozenset[int]
    """Members who gave or got help, inside the group or of another."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The sum of some cells as they are shown."""

    trades: int = 0
    hours: int = 0
    small: int = 0
    """How many cells had fewer than 5 trades; these are in no sum."""

    def __add__(self, other: Shown) -> Shown:
        """Sum two."""
        return Shown(
            trades=self.trades + other.trades,
            hours=self.hours + other.hours,
            small=self.small + other.small,
        )


class PublicQuarter(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a quarter; it follows from rounded cells alone."""

    name: str
    """`2026-Q3`."""
    inside: Shown
    gave: Shown
    """To members of other groups."""
    got: Shown
    people: int
    """Members who took part; 0 when they were fewer than 5, or none."""
    few_people: bool

    @property
    def all(self) -> Shown:
        """All together, as it is shown."""
        return self.inside + self.gave + self.got

    @property
    def empty(self) -> bool:
        """Tell whether nothing happened at all."""
        return self.all == Shown()


def inside(legs: Iterable[Leg]) -> Inside:
    """Sum what members gave each other; `legs` stand in the order of the log.

    A booking in which an account of the group has part is a contribution or a gift, no help. One
    with another group makes its member one who took part; its hours are a cell of `public_quarter`.
    """
    trades, minor, people = 0, 0, set[int]()
    for _, booked in groupby(legs, key=attrgetter("seq")):
        moved = [leg for leg in booked if leg.amount_minor]
        members = [leg for leg in moved if leg.kind is AccountKind.MEMBER]
        kinds = {leg.kind for leg in moved} - {AccountKind.MEMBER}
        if AccountKind.CLEARING in kinds:
            people.update(leg.account for leg in members)
        elif members and not kinds:
            givers = sum(leg.amount_minor > 0 for leg in members)
            trades += max(givers, len(members) - givers)
            minor += sum(max(leg.amount_minor, 0) for leg in members)
            people.update(leg.account for leg in members)
    return Inside(trades, minor, frozenset(people))


def shown(cells: Iterable[tuple[int, int]], per_hour: int) -> Shown:
    """Sum cells of (trades, amount) as they are shown; those without trades are none."""
    found = [(trades, amount) for trades, amount in cells if trades]
    large = [(trades, amount) for trades, amount in found if not too_few(trades)]
    return Shown(
        trades=sum(trades for trades, _ in large),
        hours=sum(round_hours(amount, per_hour) for _, amount in large),
        small=len(found) - len(large),
    )


def public_quarter(
    name: str,
    found: Inside,
    minor_per_hour: int,
    *,
    gave: Iterable[tuple[int, int]],
    got: Iterable[tuple[int, int]],
) -> PublicQuarter:
    """Give what is shown; `gave` and `got` are (trades, line units) of each other group."""
    few = bool(found.people) and too_few(len(found.people))
    return PublicQuarter(
        name=name,
        inside=shown([(found.trades, found.minor)], minor_per_hour),
        gave=shown(gave, LINE_UNITS_PER_HOUR),
        got=shown(got, LINE_UNITS_PER_HOUR),
        people=0 if few else len(found.people),
        few_people=few,
    )
