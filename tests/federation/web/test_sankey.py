"""The ribbons of a Sankey fill their bars, and the picture holds all there is."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.web.course_chart import BOTTOM, TOP, draw_course
from federation.web.hours import hours
from federation.web.label_width import Label, amount_label, name_label, text_width
from federation.web.sankey import (
    BROAD,
    NARROW,
    OTHERS,
    SHOWN_MAX,
    Amount,
    Bar,
    Ribbon,
    Sankey,
    draw_sankey,
)
from federation.words.texts import texts
from schemas.texts.words import Language

LABEL_ROOM = NARROW // 2 - 6
SIZE_UP, SIZE_DOWN = 13, 4
"""How far letters reach above and below the line that they stand on."""
names = st.integers(0, 30).map("group {}".format)
amounts = st.lists(st.builds(Amount, names, names, st.integers(1, 10**12)), max_size=60)
widths = st.sampled_from([0, 1])
"""Which of the two pictures: for a phone, for a wide screen."""


@given(amounts, widths)
def test_nothing_is_left_out_of_the_picture(given_amounts: list[Amount], at: int) -> None:
    picture = draw_sankey(given_amounts)[at]

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


@given(amounts, widths)
def test_ribbons_fill_their_bars_and_stay_inside(given_amounts: list[Amount], at: int) -> None:
    picture = draw_sankey(given_amounts)[at]

    filled(picture.givers, [(r.giver, r.left_y, r) for r in picture.ribbons])
    filled(picture.takers, [(r.taker, r.right_y, r) for r in picture.ribbons])
    for bars in (picture.givers, picture.takers):
        assert all(0 <= bar.label_y < bar.y for bar in bars)
        assert all(bar.y + bar.height <= picture.height for bar in bars)
        assert all(bar.x >= 0 and bar.x + bar.width <= picture.width for bar in bars)
        for one, following in pairwise(bars):
            assert one.y + one.height < following.label_y


class Box(NamedTuple):
    """What something covers of the picture."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def box(picture: Sankey, label: Label, bar: Bar, y: float) -> Box:
    """Give what a label covers: at its side, as wide as its letters or as it has to be."""
    width = text_width(label.text) if label.length is None else label.length
    left = picture.width - width if bar.x else 0
    return Box(left, y - SIZE_UP, left + width, y + SIZE_DOWN)


texts_of_any_kind = st.one_of(st.text(max_size=60), st.text("MWmw@Œ", max_size=60))


@given(
    amounts,
    st.lists(texts_of_any_kind, min_size=1),
    st.sampled_from([1, 7, 100, 10**6]),
    st.sampled_from(list(Language)),
    widths,
)
def test_labels_never_lie_over_each_other_nor_over_a_bar(
    given_amounts: list[Amount], called: list[str], times: int, language: Language, at: int
) -> None:
    picture = draw_sankey(given_amounts)[at]
    room = picture.label_room

    found: list[Box] = []
    for number, bar in enumerate((*picture.givers, *picture.takers)):
        name = name_label(called[number % len(called)], room)
        amount = amount_label(hours(bar.amount * times, texts(language)), room)
        found += [box(picture, name, bar, bar.label_y), box(picture, amount, bar, bar.amount_y)]
    bars = [
        Box(bar.x, bar.y, bar.x + bar.width, bar.y + bar.height)
        for bar in (*picture.givers, *picture.takers)
    ]

    for one, other in combinations(found, 2):
        assert not one.meets(other)
    for one in found:
        assert 0 <= one.left <= one.right <= picture.width
        assert 0 <= one.top < one.bottom <= picture.height
        assert not any(one.meets(bar) for bar in bars)


def test_what_fits_is_whole_and_what_does_not_is_cut_but_never_an_amount() -> None:
    long = "LETS Leuven en de Dijlevallei tot in Aarschot"

    assert name_label("LETS Gent", LABEL_ROOM) == Label("LETS Gent")
    cut = name_label(long, LABEL_ROOM)
    assert cut.text.endswith("…")
    assert long.startswith(cut.text[:-1])
    assert len(cut.text) >= 18
    assert name_label("世界", LABEL_ROOM).length == 31
    assert amount_label("1 234,56 uur", LABEL_ROOM).length is None
    assert amount_label("9" * 40, LABEL_ROOM) == Label("9" * 40, LABEL_ROOM)


def test_a_wide_screen_has_room_for_names() -> None:
    narrow, broad = draw_sankey([Amount("giver", "taker", 1)])
    name = "LETS Leuven en de Dijlevallei tot in Aarschot"

    assert (narrow.width, broad.width) == (NARROW, BROAD)
    assert narrow.label_room == LABEL_ROOM
    assert name_label(name, narrow.label_room).text != name
    assert name_label(name, broad.label_room) == Label(name)


def test_small_groups_are_drawn_as_one_and_the_largest_first() -> None:
    picture, _ = draw_sankey([Amount(f"g{n:02}", "taker", 100 - n) for n in range(12)])

    assert [bar.group for bar in picture.givers] == [*(f"g{n:02}" for n in range(7)), OTHERS]
    assert picture.givers[-1].groups == 5
    assert picture.takers[0].groups == 1


def test_eight_groups_all_have_a_bar_of_their_own() -> None:
    picture, _ = draw_sankey([Amount(f"g{n}", "taker", 1) for n in range(8)])

    assert OTHERS not in {bar.group for bar in picture.givers}


def test_nothing_traded_is_an_empty_picture() -> None:
    assert [picture.ribbons for picture in draw_sankey([])] == [(), ()]


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
