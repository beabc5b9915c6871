"""Rows of a search in the words of their reader."""

from __future__ import annotations

from typing import Any

import msgspec

from federation.members.search_shapes import Hit, PriceShown
from federation.web.hit_rows import HitRow, rows_of
from federation.words.texts import texts
from schemas.amounts import Rate, Unit
from schemas.errors import Code, Refusal
from schemas.member_bodies import Picture, PriceKind
from schemas.texts.words import Language

OURS = Unit(singular="knop", plural="knoppen", rate=Rate(20))
THEIRS = Unit(singular="tarra", plural="tarra", rate=Rate(12))
HIT = Hit(
    node="them",
    post="p1",
    group_name="LETS Aalst",
    account=None,
    poster="x",
    poster_name="Marc",
    want=False,
    goods=False,
    category_name="Tuin",
    title="Haag & gras",
    text="",
    price=PriceShown(
        kind=PriceKind.HOUR, own_minor=20, own_unit=OURS, their_minor=12, their_unit=THEIRS
    ),
    postcode="9300",
    place="Aalst",
    distance_m=12_400,
    placed_at_s=1,
    expires_at_s=2,
)


def row(reader: int | None = 1, language: Language = Language.NL, **changed: Any) -> HitRow:
    (found,) = rows_of([msgspec.structs.replace(HIT, **changed)], reader, texts(language))
    return found


def test_a_row_says_who_how_far_and_what_it_costs_here() -> None:
    found = row()

    assert found.title == "<bdi>Haag &amp; gras</bdi>"
    assert found.who == "<bdi>Marc</bdi> · <bdi>LETS Aalst</bdi>"
    assert (found.away, found.place) == ("12 km", "")
    assert found.price == "± 20\N{NO-BREAK SPACE}knoppen per uur"
    assert found.path == "/posts/them.p1"
    assert (found.reason, found.picture) == ("", "")


def test_where_the_distance_is_not_known_the_place_is_said() -> None:
    found = row(distance_m=None)

    assert (found.away, found.place) == ("", "<bdi>Aalst</bdi>")


def test_an_own_post_is_said_to_be_ones_own() -> None:
    found = row(reader=7, account=7, node="")

    assert found.who == "van jou"
    assert (found.away, found.place) == ("", "<bdi>Aalst</bdi>")
    assert found.path == "/posts/p1"


def test_a_price_that_cannot_be_said_here_is_said_as_there() -> None:
    price = msgspec.structs.replace(HIT.price, own_minor=None)

    assert row(price=price).price == "± 12\N{NO-BREAK SPACE}tarra per uur"


def test_why_it_cannot_be_booked_is_said_to_members_only() -> None:
    refusal = Refusal(Code.LINE_FROZEN)

    assert row(refusal=refusal).reason == "Ruilen met LETS Aalst kan even niet."
    assert row(reader=None, refusal=refusal).reason == ""
    assert row(language=Language.FR, refusal=refusal).reason != row(refusal=refusal).reason


def test_the_first_picture_is_shown_small() -> None:
    picture = Picture(digest="a_b", size=10)

    assert row(pictures=(picture, picture)).picture == "/pictures/them/a_b/small"
    assert row(node="", pictures=(picture,)).picture == "/pictures/a_b/small"
