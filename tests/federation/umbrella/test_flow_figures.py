"""What is published follows from rounded cells alone, so no subtraction finds a hidden one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.umbrella.flow_figures import (
    Audience,
    Cell,
    figures,
    quarter_cells,
    settled,
    totals_of,
    year_cells,
)
from federation.umbrella.flows import Flow, quarter_period
from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.published_figures import TRADES_MIN, round_hours

HOUR = LINE_UNITS_PER_HOUR
pairs = st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")).filter(
    lambda pair: pair[0] != pair[1]
)
quarter = st.dictionaries(pairs, st.tuples(st.integers(1, 12), st.integers(1, 40 * HOUR))).map(
    lambda found: [
        Flow(payer=payer, payee=payee, trades=trades, units=units)
        for (payer, payee), (trades, units) in found.items()
    ]
)


def hidden_changed(flows: list[Flow], trades: int, units: int) -> list[Flow]:
    """Give the same with other contents of each cell that is too small to be shown."""
    return [
        Flow(payer=flow.payer, payee=flow.payee, trades=trades, units=units)
        if flow.trades < TRADES_MIN
        else flow
        for flow in flows
    ]


@given(st.lists(quarter, max_size=4), st.integers(1, 4), st.integers(1, 40 * HOUR))
def test_nothing_published_depends_on_what_a_small_cell_holds(
    quarters: list[list[Flow]], trades: int, units: int
) -> None:
    """Cells, totals and years are the same whatever is hidden: there is nothing to be guessed."""
    shown = [quarter_cells(flows) for flows in quarters]
    other = [quarter_cells(hidden_changed(flows, trades, units)) for flows in quarters]

    assert shown == other
    assert year_cells(shown) == year_cells(other)
    for cells in (*shown, year_cells(shown)):
        for cell in cells:
            assert cell.trades == 0 or cell.trades >= TRADES_MIN


@given(quarter)
def test_totals_are_sums_of_the_rounded_cells(flows: list[Flow]) -> None:
    cells = quarter_cells(flows)

    found = figures("2026-Q3", cells, pairs=True, totals=True)

    assert found.hours == sum(cell.hours for cell in cells)
    assert found.totals is not None
    for side in (0, 1):
        named = [(t.gave_hours, t.got_hours)[side] for t in found.totals]
        assert sum(named) == found.hours
    assert sum(total.gave_trades for total in found.totals) == found.trades


def test_fewer_than_five_trades_are_not_told() -> None:
    cells = quarter_cells(
        [
            Flow(payer="a", payee="b", trades=4, units=90 * HOUR),
            Flow(payer="b", payee="a", trades=5, units=HOUR * 3 // 2),
        ]
    )

    assert cells == (
        Cell(payer="a", payee="b", small=1),
        Cell(payer="b", payee="a", trades=5, hours=2),
    )
    assert [total.got_hours for total in totals_of(cells)] == [0, 2]


def test_a_year_adds_only_the_quarters_that_were_shown() -> None:
    small = quarter_cells([Flow(payer="a", payee="b", trades=4, units=4 * HOUR)])
    large = quarter_cells([Flow(payer="a", payee="b", trades=6, units=6 * HOUR)])

    assert year_cells([small, large, small]) == (
        Cell(payer="a", payee="b", trades=6, hours=6, small=2),
    )


@pytest.mark.parametrize(
    ("units", "hours"),
    [(0, 0), (HOUR // 2 - 1, 0), (HOUR // 2, 1), (HOUR, 1), (HOUR * 3 // 2, 2)],
)
def test_hours_are_whole(units: int, hours: int) -> None:
    assert round_hours(units, HOUR) == hours


def test_a_quarter_is_published_a_month_after_its_end() -> None:
    end = quarter_period(2026, 3).end

    assert not settled(2026, 3, end + 29)
    assert settled(2026, 3, end + 30)


def test_auditors_see_what_partners_see_and_partners_what_all_see() -> None:
    seen = {who: {what for what in Audience if who.sees(what)} for who in Audience}

    assert seen == {
        Audience.PUBLIC: {Audience.PUBLIC},
        Audience.PARTNERS: {Audience.PUBLIC, Audience.PARTNERS},
        Audience.AUDITORS: set(Audience),
    }


def test_what_is_not_shown_is_not_there() -> None:
    cells = quarter_cells([Flow(payer="a", payee="b", trades=6, units=6 * HOUR)])

    found = figures("2026-Q3", cells, pairs=False, totals=False)

    assert (found.cells, found.totals, found.hours) == (None, None, 6)
