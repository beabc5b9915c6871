"""Where places are: the lists as they were taken over, look-ups, distances, the plane map."""

from __future__ import annotations

import math
from hashlib import sha256
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.members.plane import COLUMN, SQUARE_M, WIDE_M, on_map, squares_around
from federation.members.postcodes import (
    SOURCES,
    Spot,
    all_places,
    distance_m,
    locate,
    place_for_tables,
    place_of,
    postcodes_of,
    read_spot,
)

PLACES = files("federation.members").joinpath("places")
SPOTS = [spot for place in all_places() for _, spot in place.localities]
spots = st.sampled_from(SPOTS)


def test_the_lists_are_those_that_were_taken_over() -> None:
    sums = PLACES.joinpath("SHA256SUMS").read_text("utf-8").splitlines()

    assert len(sums) == 2
    for line in sums:
        digest, name = line.split()
        assert sha256(PLACES.joinpath(name).read_bytes()).hexdigest() == digest, name


def test_every_source_is_named_with_its_licence() -> None:
    said = PLACES.joinpath("SOURCES.md").read_text("utf-8")

    for source in SOURCES:
        assert source.name in said
        assert source.url in said
        assert source.licence_url in said


def test_all_of_belgium_is_there() -> None:
    assert len(all_places()) == 1146
    assert len(SPOTS) == 2781
    for place in all_places():
        assert 49.4 < place.spot.latitude < 51.6
        assert 2.5 < place.spot.longitude < 6.5
        assert place.municipalities, place.postcode


@pytest.mark.parametrize("written", ["9000", " 9000 ", "B-9000", "b 9000", "BE-9000", "BE9000"])
def test_a_postcode_is_read_however_it_is_written(written: str) -> None:
    place = place_of(written)

    assert place is not None
    assert place.names == ("Gent", "Gand")


@pytest.mark.parametrize(
    "written", ["", "900", "90000", "0900", "1012 AB", "९०००", "9999", "9000\n1"]
)
def test_what_is_no_belgian_postcode_is_no_place(written: str) -> None:
    assert place_of(written) is None
    assert place_for_tables(written) is None


@pytest.mark.parametrize(
    ("postcode", "dutch", "french"),
    [
        ("1050", "Elsene", "Ixelles"),
        ("1020", "Laken", "Laeken"),
        ("1640", "Sint-Genesius-Rode", "Rhode-Saint-Genèse"),
        ("4000", "Luik", "Liège"),
        ("8000", "Brugge", "Bruges"),
        ("2220", "Heist-op-den-Berg", "Heist-op-den-Berg"),
        ("9940", "Evergem", "Evergem"),
    ],
)
def test_a_place_is_called_as_its_reader_calls_it(postcode: str, dutch: str, french: str) -> None:
    place = place_of(postcode)

    assert place is not None
    assert place.name("nl") == dutch
    assert place.name("fr") == french


@pytest.mark.parametrize(
    ("name", "postcode"),
    [("gent", "9000"), ("GAND", "9000"), ("liege", "4000"), ("Sint Job in 't Goor", "2960"),
     ("heist op den berg", "2220"), ("Laken", "1020"), ("'s-Gravenwezel", "2970")],
)  # fmt: skip
def test_a_name_is_found_without_case_accents_and_hyphens(name: str, postcode: str) -> None:
    assert postcodes_of(name)[0] == postcode


def test_a_name_that_two_places_share_gives_both() -> None:
    assert {"1500", "2980"} <= set(postcodes_of("Halle"))
    assert postcodes_of("Nergenshuizen") == ()


def test_every_name_leads_back_to_its_postcode() -> None:
    for place in all_places():
        for name in place.names:
            assert place.postcode in postcodes_of(name), name


@pytest.mark.parametrize(
    "typed", ["9940 Sleidinge", "Sleidinge", "sleidinge (9940)", "B-9940 SLEIDINGE"]
)
def test_a_locality_is_found_by_name_and_postcode(typed: str) -> None:
    assert read_spot(typed) == Spot(51.1336, 3.674)


def test_a_postcode_with_a_name_that_is_not_there_is_its_middle() -> None:
    assert locate("9940", "Nergens") == locate("9940")
    assert read_spot("ergens in 9940") == locate("9940")
    assert read_spot("nergens") is None
    assert locate("", "") is None


def test_known_distances() -> None:
    gent, leuven, brugge = (locate(code) for code in ("9000", "3000", "8000"))
    assert gent is not None
    assert leuven is not None
    assert brugge is not None

    assert distance_m(gent, leuven) == 71_480
    assert abs(distance_m(gent, brugge) - 40_000) < 2_500


@given(spots, spots, spots)
def test_distances_are_a_metric(one: Spot, two: Spot, three: Spot) -> None:
    assert distance_m(one, one) == 0
    assert distance_m(one, two) == distance_m(two, one) >= 0
    assert distance_m(one, three) <= distance_m(one, two) + distance_m(two, three) + 2


@given(spots, spots)
def test_the_plane_map_keeps_distances(one: Spot, two: Spot) -> None:
    on_sphere = distance_m(one, two)

    assert abs(math.dist(on_map(one), on_map(two)) - on_sphere) <= 0.0005 * on_sphere + 1


@given(spots, spots, st.integers(1, 100_000), st.sampled_from((SQUARE_M, WIDE_M)))
def test_whoever_is_in_a_circle_is_in_one_of_its_squares(
    middle: Spot, other: Spot, within_m: int, square_m: int
) -> None:
    here, there = on_map(middle), on_map(other)
    square = COLUMN * math.floor(there.east / square_m) + math.floor(there.north / square_m)

    if math.dist(here, there) <= within_m:
        assert square in squares_around(here, within_m, square_m)
