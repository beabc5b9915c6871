"""What is found by which words, over real PostgreSQL: three languages, accents, typing errors."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.members.placed_words import placed_words
from federation.members.search import FEW, WORDS_MAX, search, written_words
from federation.members.search_shapes import Page, Query, Sort
from tests.federation.members.conftest import Group
from tests.federation.members.post_rows import NOW_S, THEM, put

WORDS = [
    "fiets",
    "fietsen",
    "herstelling",
    "de",
    "les",
    "réparation",
    "paint",
    "walls",
    "d'études",
    "mes",
    "samen",
]


async def find(group: Group, text: str, **more: Any) -> Page:
    return await search(group.node, group.reader("001"), Query(text=text, **more), now_s=NOW_S)


def titles(page: Page) -> list[str]:
    return [hit.title for hit in page.hits]


@pytest.mark.parametrize(
    ("title", "texts"),
    [
        ("Fietsen herstellen", ["fiets", "fietsen", "Fiets Herstellen", "herstelling fiets"]),
        ("Fietsherstelling aan huis", ["fiets", "fietsherstelling", "fietsen"]),
        ("Taarten en koeken bakken", ["taart", "bakken", "de taart"]),
        ("Réparation de vélos", ["réparation vélo", "reparation velo", "vélos", "réparer"]),
        ("Cours à domicile", ["cours domicile", "cours à domicile"]),
        ("Painting your walls", ["paint wall", "painted", "walls"]),
        ("Crème brûlée maken", ["creme brulee", "CRÈME BRÛLÉE", "crème"]),
        ("Creme brulee maken", ["crème brûlée"]),
        ("Zoë's naaiatelier", ["zoe", "Zoë", "naaiatelier"]),
        ("Auto/fiets te leen", ["fiets", "auto"]),
        ("Haag.Scheren <snel>", ["haag", "scheren", "snel"]),
        ("Велосипед ремонт", ["велосипед", "ВЕЛОСИПЕД"]),
        ("תיקון אופניים", ["אופניים"]),
        ("إصلاح الدراجات", ["الدراجات"]),
        ("Samen zingen 🎵", ["🎵", "zingen 🎵"]),
    ],
)
async def test_words_are_found_in_every_form(group: Group, title: str, texts: list[str]) -> None:
    await put(group.node, title)
    await put(group.node, "Iets heel anders")

    for text in texts:
        page = await find(group, text)
        assert titles(page) == [title], text
        assert page.total == 1


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Fietsherstelling aan huis", "fiets"),
        ("Réparation de vélos", "réparation vélo"),
        ("Велосипед ремонт", "велосипед"),
        ("Bureau d'études", "d'études"),
        ("Naar ~o'brien gaan", "~o'brien"),
        ("Schijf c:\\oud wissen", "c:\\oud"),
        ("Samen zingen 🎵", "zingen 🎵"),
        ("Lid sinds 900261@fiets", "900261@fiets"),
    ],
)
async def test_words_are_found_in_a_neighbourhood_as_anywhere(
    group: Group, title: str, text: str
) -> None:
    for _ in range(FEW):
        await put(group.node, title, postcode="9000")
    await put(group.node, title, postcode="6700")
    await put(group.node, "Iets heel anders", postcode="9000")

    for within_km in (1, 25, 60):
        page = await find(group, text, near="9000", within_km=within_km)
        assert titles(page) == [title] * FEW, within_km
        assert not page.forgiven
    assert titles(await find(group, text, near="9000")) == [title] * (FEW + 1)


def test_each_square_is_asked_for_every_word() -> None:
    assert placed_words("'d''a':* & ( 'b' | 'c' )", (-7, 8)) == (
        "('ӹd''a':* & ( 'ӹb' | 'ӹc' )) | ('Ĉd''a':* & ( 'Ĉb' | 'Ĉc' ))"
    )
    assert placed_words("", (-7, 8)) == "", "no word asks for nothing"


async def test_stems_of_many_texts_are_those_of_each(group: Group) -> None:
    chance = random.Random(25)
    usual, rare = [*WORDS, *"abzAZ 09,;:!?()'-\"\n\t    é"], [*"./<>@#$%&*+=[]{}|\\^_`~€ж", "🎵"]
    texts = [
        "".join(chance.choices(pieces, k=chance.randrange(60)))
        for pieces in (WORDS, usual, usual + rare)
        for _ in range(700)
    ]

    odd = await group.node.pool.fetch(
        """
        SELECT said.text, plain.stems(plain.simplified(said.text)) AS alone, many.search
        FROM unnest($1::text[]) WITH ORDINALITY AS said (text, n)
        LEFT JOIN plain.stems_of_many(ARRAY(
            SELECT plain.simplified(text)
            FROM unnest($1::text[]) WITH ORDINALITY AS all_said (text, n) ORDER BY n)
        ) AS many USING (n)
        WHERE plain.stems(plain.simplified(said.text)) <> coalesce(many.search, '')
        """,
        texts,
    )

    assert [tuple(row) for row in odd] == []


async def test_a_word_too_long_for_a_square_before_it_is_no_trouble(group: Group) -> None:
    longest = "b" + "a1" * 1_022
    await put(group.node, "Fiets", text=longest, postcode="9000")

    assert titles(await find(group, "fiets", near="9000", within_km=25)) == ["Fiets"]


async def test_every_word_must_be_there_wherever(group: Group) -> None:
    await put(group.node, "Fiets", text="Herstellen in Gent", category_name="Vervoer")
    await put(group.node, "Fiets wassen")

    assert titles(await find(group, "fiets herstellen")) == ["Fiets"]
    assert titles(await find(group, "fiets vervoer")) == ["Fiets"]


async def test_the_place_of_a_post_is_a_word_too(group: Group) -> None:
    await put(group.node, "Fiets", postcode="3000")
    await put(group.node, "Fiets", postcode="9000")

    assert [hit.place for hit in (await find(group, "fiets leuven")).hits] == ["Leuven"]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Fiets herstellen", "fietz hersteln"),
        ("Haag scheren", "haag scherren"),
        ("Massage", "masage"),
        ("Confituur van pruimen", "konfituur"),
        ("Gitaarles", "gitarles"),
        ("Fiets herstellen", "fietsherstellen"),
        ("Boekhouding nakijken", "boekhoudig"),
    ],
)
async def test_typing_errors_are_forgiven(group: Group, title: str, text: str) -> None:
    await put(group.node, title)
    await put(group.node, "Zolder opruimen")

    page = await find(group, text)

    assert titles(page) == [title]
    assert page.forgiven


async def test_nothing_is_forgiven_when_enough_is_found(group: Group) -> None:
    for _ in range(5):
        await put(group.node, "Massage")
    await put(group.node, "Masage")

    page = await find(group, "massage")

    assert titles(page) == ["Massage"] * 5
    assert not page.forgiven


async def test_what_was_asked_for_comes_before_what_is_like_it(group: Group) -> None:
    await put(group.node, "Massages geven", placed_at_s=1)
    await put(group.node, "Masage", placed_at_s=NOW_S)

    assert titles(await find(group, "massage", sort=Sort.NEW)) == ["Massages geven", "Masage"]


async def test_a_word_in_the_title_fits_better(group: Group) -> None:
    for number in range(6):
        await put(group.node, f"Hulp {number}", text="ook fietsen", placed_at_s=NOW_S - number)
    await put(group.node, "Fiets", placed_at_s=1)

    fit = titles(await find(group, "fiets", sort=Sort.FIT))

    assert fit == ["Fiets", *(f"Hulp {number}" for number in range(6))]
    assert titles(await find(group, "fiets", sort=Sort.NEW)) == [*fit[1:], "Fiets"]


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE plain.post; --",
        "fiets' & !haag | (",
        "' | '':* & \\' <-> \\\\",
        "$1 $$ {} %s %(x)s",
        "fiets:* & haag:AB",
        "\0fiets\0",
        "fiets\ud800",
        "a' OR 1=1",
        "((((((((((",
        "!!! ??? ...",
        "🚲🚲🚲 👩‍🔧",
        "\u202efiets\u202c",
        "x" * 10_000,
        "fiets " * 2_000,
        "'" * 10_000,
        "ﷺ" * 400,
        " \t\n ",
    ],
)
async def test_whatever_is_typed_does_no_harm(group: Group, text: str) -> None:
    await put(group.node, "Fiets herstellen")

    for sort in Sort:
        page = await find(group, text, sort=sort, category=text[:300])
        assert page.total <= 1
        assert (await find(group, text, sort=sort, near="9000", within_km=25)).total == 0
    assert (await find(group, "")).total == 1


@pytest.mark.parametrize("text", ["", "   ", "!!!", "- / ."])
async def test_no_word_at_all_asks_for_nothing(group: Group, text: str) -> None:
    await put(group.node, "Fiets")
    await put(group.node, "Haag", node_id=THEM)

    page = await find(group, text)

    assert page.total == 2
    assert not page.forgiven


async def test_only_small_words_still_ask_for_something(group: Group) -> None:
    await put(group.node, "Mes slijpen")
    await put(group.node, "Haag scheren")

    assert titles(await find(group, "mes")) == ["Mes slijpen"]


@given(st.text(max_size=300))
def test_few_words_count_and_they_can_be_sent(text: str) -> None:
    words = written_words(text)

    assert len(words.split()) <= WORDS_MAX
    assert "\0" not in words
    words.encode("utf-8")
    assert written_words(words) == words


async def test_all_that_a_post_says_is_text(group: Group) -> None:
    nasty = "<script>alert('x')</script> \u202eفيتس 🚲 '; --"
    await put(group.node, nasty, text=nasty, category_name=nasty)

    page = await find(group, "alert")

    assert titles(page) == [nasty]
    assert page.hits[0].text == nasty
