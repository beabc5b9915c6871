"""The ribbons of a Sankey fill their bars, and the picture holds all there is."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.web.course_chart import BOTTOM, TOP, draw_course
from federation.web.sankey import OTHERS, SHOWN_MAX, Amount, Bar, Ribbon, draw_sankey

names = st.integers(0, 30).map("group {}".format)
amounts = st.lists(st.builds(Amount, names, names, st.integers(1, 10**12)), max_size=60)


@given(amounts)
def test_nothing_is_left_out_of_the_picture(given_amounts: list[Amount]) -> None:
    picture = draw_sankey(given_amounts)

    total = sum(one.amount for one in given_amounts)
    assert sum(ribbon.amount for ribbon in picture.ribbons) == total
    assert sum(bar.amount for bar in picture.givers) == total
    assert sum(bar.amount for bar in picture.takers) == total
    assert len(picture.givers) <= SHOWN_MAX
    assert len(picture.takers) <= SHOWN_MAX


def filled(bars: tuple[Bar, ...], parts: list[tuple[str, float, Ribbon]]) -> None:
    """See that the parts of each bar lie side by side from its top to its end."""
    by_group: dict[str, list[tuple[float, Ribbon]]] = defaultdict(list)
    for group, y, ribbon in parts:
        by_group[group].append((y, ribbon))
    for bar in bars:
        found = sorted(by_group[bar.group], key=lambda part: part[0])
        assert found[0][0] == pytest.approx(bar.y)
        for (y, ribbon), (following, _) in pairwise(found):
            assert y + ribbon.height == pytest.approx(following)
        assert found[-1][0] + found[-1][1].height == pytest.approx(bar.y + bar.height, abs=0.1)


@given(amounts)
def test_ribbons_fill_their_bars_and_stay_inside(given_amounts: list[Amount]) -> None:
    picture = draw_sankey(given_amounts)

    filled(picture.givers, [(r.giver, r.left_y, r) for r in picture.ribbons])
    filled(picture.takers, [(r.taker, r.right_y, r) for r in picture.ribbons])
    for bars in (picture.givers, picture.takers):
        assert all(0 <= bar.label_y < bar.y for bar in bars)
        assert all(bar.y + bar.height <= picture.height for bar in bars)
        for one, following in pairwise(bars):
            assert one.y + one.height < following.label_y


def test_small_groups_are_drawn_as_one_and_the_largest_first() -> None:
    picture = draw_sankey([Amount(f"g{n:02}", "taker", 100 - n) for n in range(12)])

    assert [bar.group for bar in picture.givers] == [*(f"g{n:02}" for n in range(7)), OTHERS]
    assert picture.givers[-1].groups == 5
    assert picture.takers[0].groups == 1


def test_eight_groups_all_have_a_bar_of_their_own() -> None:
    picture = draw_sankey([Amount(f"g{n}", "taker", 1) for n in range(8)])

    assert OTHERS not in {bar.group for bar in picture.givers}


def test_nothing_traded_is_an_empty_picture() -> None:
    assert draw_sankey([]).ribbons == ()


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_position_and_limits_fit_the_picture(found: list[tuple[int, int, int]]) -> None:
    chart = draw_course(*zip(*found, strict=True))

    points = [
        tuple(map(int, point.split(",")))
        for line in (chart.net, chart.upper, chart.lower)
        for point in line.split()
    ]
    assert all(0 <= x <= chart.width and TOP <= y <= BOTTOM for x, y in points)
    assert len(chart.net.split()) == len(found)
    assert TOP <= chart.zero_y <= BOTTOM
