"""What a group shows of itself is rounded as the umbrella rounds, and hides as much."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from federation.group.public_figures import Inside, Leg, Shown, inside, public_quarter, shown
from federation.umbrella.flow_figures import quarter_cells, totals_of
from federation.umbrella.flows import Flow
from schemas.amounts import LINE_UNITS_PER_HOUR as HOUR
from schemas.bodies import AccountKind
from schemas.published_figures import TRADES_MIN, too_few

MEMBER, GROUP, CLEARING, ROUNDING = (
    AccountKind.MEMBER,
    AccountKind.GROUP,
    AccountKind.CLEARING,
    AccountKind.ROUNDING,
)
cells = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 40 * HOUR)), max_size=6)


def booked(seq: int, *moved: tuple[int, AccountKind, int]) -> list[Leg]:
    return [Leg(seq, account, kind, minor) for account, kind, minor in moved]


@given(cells, cells)
def test_what_passes_between_groups_is_what_the_umbrella_shows(
    gave: list[tuple[int, int]], got: list[tuple[int, int]]
) -> None:
    """To the hour: else one could be subtracted from the other."""
    flows = [
        Flow(payer=f"g{at}", payee="us", trades=n, units=u) for at, (n, u) in enumerate(gave)
    ] + [Flow(payer="us", payee=f"h{at}", trades=n, units=u) for at, (n, u) in enumerate(got)]
    theirs = next((one for one in totals_of(quarter_cells(flows)) if one.node == "us"), None)

    ours = public_quarter("2026-Q2", Inside(0, 0, frozenset()), 20, gave=gave, got=got)

    assert theirs is not None or ours.empty
    if theirs is not None:
        assert (ours.gave.trades, ours.gave.hours) == (theirs.gave_trades, theirs.gave_hours)
        assert (ours.got.trades, ours.got.hours) == (theirs.got_trades, theirs.got_hours)


@given(cells, st.integers(1, TRADES_MIN - 1), st.integers(1, 40 * HOUR))
def test_nothing_shown_depends_on_what_a_small_cell_holds(
    found: list[tuple[int, int]], trades: int, units: int
) -> None:
    other = [(trades, units) if too_few(cell[0]) else cell for cell in found]

    assert shown(found, HOUR) == shown(other, HOUR)


def test_help_of_members_counts_and_contributions_do_not() -> None:
    legs = [
        *booked(1, (11, MEMBER, -8), (12, MEMBER, 8)),
        *booked(2, (11, MEMBER, -5), (90, GROUP, 5)),
        *booked(3, (11, MEMBER, -6), (12, MEMBER, 3), (13, MEMBER, 3)),
        *booked(4, (14, MEMBER, 7), (91, CLEARING, -6), (92, ROUNDING, -1)),
        *booked(5, (15, MEMBER, -4), (93, AccountKind.SUSPENSE, 4)),
    ]

    assert inside(legs) == Inside(trades=3, minor=14, people=frozenset({11, 12, 13, 14}))


def test_fewer_than_five_are_told_as_few_and_stand_in_no_sum() -> None:
    few = Inside(4, 400, frozenset({1, 2, 3, 4}))
    enough = Inside(5, 50, frozenset({1, 2, 3, 4, 5}))

    hidden = public_quarter("2026-Q1", few, 20, gave=[(4, 9 * HOUR)], got=[])
    seen = public_quarter("2026-Q1", enough, 20, gave=[], got=[])

    assert (hidden.inside, hidden.gave) == (Shown(small=1), Shown(small=1))
    assert (hidden.people, hidden.few_people) == (0, True)
    assert hidden.all == Shown(small=2)
    assert not hidden.empty
    assert seen.inside == Shown(trades=5, hours=3)
    assert (seen.people, seen.few_people) == (5, False)
