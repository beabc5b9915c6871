"""A card counts only as the group signed it, and nothing older or of a time to come replaces it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.note import NoteSigner
from events.signing import PrivateKey
from federation.members.postcodes import read_spot
from federation.public.card import card_of, read_card, sign_card, texts_of, unit_names_of
from federation.public.directory import Listed, in_order
from federation.public.page import PublicPage
from federation.web.directory_map import draw_map
from schemas.amounts import Rate, Unit
from schemas.errors import VerificationError
from schemas.group_card import CARD_BYTES_MAX

NODE, OTHER = "a" * 52, "b" * 52
ORIGIN = "gent.example/log"
KEY = PrivateKey(bytes(range(32)))
STRANGER = PrivateKey(bytes(range(1, 33)))
NOW_S = 1_790_000_000
PAGE = PublicPage(
    lead={"nl": "Wij zijn buren"}, join={"nl": "Bel ons\nof kom langs"}, postcode="9000"
)


def signed(key: PrivateKey = KEY, *, node: str = NODE, made_at_s: int = NOW_S) -> bytes:
    card = card_of(PAGE, node=node, name="LETS Gent", made_at_s=made_at_s)
    return sign_card(card, NoteSigner(ORIGIN, key))


def read(note: bytes, **said: int) -> object:
    return read_card(note, node=NODE, origin=ORIGIN, key=KEY.public, now_s=said.get("now_s", NOW_S))


def test_a_card_says_what_the_page_says() -> None:
    assert read(signed()) == card_of(PAGE, node=NODE, name="LETS Gent", made_at_s=NOW_S)


@pytest.mark.parametrize(
    ("singular", "plural", "names"),
    [
        ("duim", "duimen", ("duim", "duimen")),
        ("du\nim\N{RIGHT-TO-LEFT OVERRIDE}", " duimen ", ("duim", "duimen")),
        ("", "", None),
        ("duim", "\n", None),
    ],
)
def test_a_card_says_what_the_unit_is_called(
    singular: str, plural: str, names: tuple[str, str] | None
) -> None:
    unit = Unit(singular="duim", plural="duimen", rate=Rate(20, 0))
    card = card_of(PAGE, node=NODE, name="LETS Gent", made_at_s=NOW_S, unit=unit)
    said = msgspec.structs.replace(card, unit_singular=singular, unit_plural=plural)

    assert unit_names_of(card) == ("duim", "duimen")
    assert unit_names_of(said) == names


@pytest.mark.parametrize(
    "note",
    [
        signed(STRANGER),
        signed(node=OTHER),
        signed(made_at_s=NOW_S + 301),
        b"x" * (CARD_BYTES_MAX + 1),
        b"",
    ],
)
def test_what_is_not_the_groups_own_card_is_none(note: bytes) -> None:
    with pytest.raises(VerificationError):
        read(note)


@given(st.integers(0, len(signed()) - 1), st.integers(1, 255))
def test_no_byte_of_a_card_can_be_changed(at: int, by: int) -> None:
    note = bytearray(signed())
    note[at] ^= by

    with pytest.raises(VerificationError):
        read(bytes(note))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_nothing_else(note: bytes) -> None:
    with pytest.raises(VerificationError):
        read(note)


def test_texts_of_others_hold_nothing_that_turns_a_page_around() -> None:
    said = {"nl": "a\N{RIGHT-TO-LEFT OVERRIDE}b\x07\nc", "fr": " \N{ZERO WIDTH SPACE} "}

    assert texts_of(said) == {"nl": "ab\nc"}


def group(name: str, postcode: str) -> Listed:
    return Listed(node=name, name=name, url=f"https://{name}.example", postcode=postcode)


def test_the_nearest_group_comes_first_and_one_without_a_place_last() -> None:
    groups = [group("Aarlen", ""), group("Brugge", "8000"), group("Gent", "9000")]

    near = in_order(groups, read_spot("9050 Gentbrugge"))

    assert [one.group.name for one in near] == ["Gent", "Brugge", "Aarlen"]
    assert (near[0].away_m or 0) < (near[1].away_m or 0)
    assert near[2].away_m is None
    assert [one.group.name for one in in_order(groups, None)] == ["Aarlen", "Brugge", "Gent"]


def test_the_map_holds_every_place_and_groups_of_one_place_share_a_dot() -> None:
    groups = in_order([group("x", "9000"), group("y", "9000"), group("z", "6700")], None)

    drawn = draw_map(groups, read_spot("8400"))

    assert sorted(dot.number for dot in drawn.dots) == ["1+", "3"]
    here = drawn.here
    assert here is not None
    for x, y in [(dot.x, dot.y) for dot in drawn.dots] + [here]:
        assert 0 <= x <= drawn.width
        assert 0 <= y <= drawn.height
    by_number = {dot.number: dot for dot in drawn.dots}
    assert here[0] < by_number["1+"].x < by_number["3"].x  # Oostende, Gent, Aarlen: west to east
    assert by_number["1+"].y < by_number["3"].y
    assert len(drawn.land) < 20_000
