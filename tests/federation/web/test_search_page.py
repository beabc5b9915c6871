"""The page of search: one box, one list over all groups, and what is said beside each hit."""

from __future__ import annotations

import re

import pytest

from federation.group.commands import SetLimits
from federation.members import categories, feed_serving, roles, search
from federation.members.feed_of import feed_of
from federation.node.use_cases import new_key
from federation.web.pages import search_form
from schemas.member_bodies import Price, PriceKind, Visibility
from tests.federation.web.conftest import House
from tests.federation.web.post_help import BIKE, beta, drawing, heard, lives_in, put


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


def titles(text: str) -> list[str]:
    return re.findall(r"<b><bdi>(.*?)</bdi></b>", text)


async def test_posts_of_all_groups_are_one_list_with_everything_beside_them(house: House) -> None:
    other = await beta(house)
    await put(other, "001", price=Price(kind=PriceKind.PIECE, amount_minor=24), photos=[drawing()])
    await heard(house, other)
    await lives_in(house, "002", "Bert", "9000")
    await put(house.group, "002", "Taart bakken")
    await lives_in(house, "001", "An", "3010")
    await house.seen()

    page = await (await house.signed_in("001")).get("/search")

    words = page.words.replace("\xa0", " ")
    assert re.search(r"aanbod Fiets herstellen Marc · beta · [1-9] km · ± 8 units per stuk", words)
    assert re.search(r"aanbod Taart bakken Bert · alfa · \d\d km · ± 8 units per stuk", words)
    assert titles(page.text) == [BIKE, "Taart bakken"], "the nearest first"
    assert re.search(
        rf'<img[^>]* src="/pictures/{other.node.id}/[\w-]{{43}}/small" alt=""', page.text
    )
    assert "2 gevonden." in words
    assert "GeoNames" in words
    assert "Statbel" in words
    assert "CC BY 4.0" in words


async def test_what_cannot_be_booked_comes_last_and_says_why(house: House) -> None:
    other = await house.world.make("beta", 60)
    await house.group.ask("line.invite", invitation=other.invitation)
    await other.ask("line.invite", invitation=house.group.invitation)
    await other.ask("member.add", code="001", name="Marc")
    await put(house.group, "002", "Band plakken")
    await put(other, "001", "Band leggen")
    await heard(house, other)

    page = await (await house.signed_in("001")).get("/search?q=band")

    assert titles(page.text) == ["Band plakken", "Band leggen"]
    assert page.words.count("Nu niet te boeken.") == 1
    assert "Met beta zijn er nog geen afspraken om te ruilen." in page.words


async def test_a_limit_of_ones_own_is_told_before_anybody_is_called(house: House) -> None:
    dear = Price(kind=PriceKind.PIECE, amount_minor=100)
    await house.node.do(SetLimits(house.account("001"), lower_minor=-50, upper_minor=50))
    await put(house.group, "002", price=dear)
    await put(house.group, "002", "Gezocht", want=True, price=dear)
    await put(house.group, "001", "Van mij")

    page = await (await house.signed_in("001")).get("/search")

    assert "Je zou onder je ondergrens komen." in page.words
    assert "Je zou boven je bovengrens komen." in page.words
    assert page.words.count("Nu niet te boeken.") == 2, "an own post needs no reason"
    assert "Van mij van jou" in page.words


async def test_the_scope_that_was_chosen_is_remembered(house: House) -> None:
    other = await beta(house)
    await put(other, "001", "Van daar")
    await heard(house, other)
    await put(house.group, "002", "Van hier")
    browser = await house.signed_in("001")
    assert set(titles((await browser.get("/search")).text)) == {"Van daar", "Van hier"}

    await browser.get("/search?scope=group")
    again = await browser.get("/search")

    assert titles(again.text) == ["Van hier"]
    assert re.search(r'scope=group" aria-current="true">Mijn groep', again.text)
    await browser.get("/search?scope=somewhere")
    assert titles((await browser.get("/search")).text) == ["Van hier"], (
        "an unknown word is no choice"
    )
    await browser.get("/search?scope=all")
    assert len(titles((await browser.get("/search")).text)) == 2


async def test_filters_narrow_the_list_and_stay_filled_in(house: House) -> None:
    category = (await house.group.ask("category.place", name="Tuin"))["category"]
    await put(house.group, "002", "Gras maaien", category=category)
    await put(house.group, "002", "Ladder", goods=True, postcode="9000", place="Gent")
    await put(house.group, "002", "Hulp gezocht", want=True, postcode="3000")
    browser = await house.signed_in("001")

    async def found(query: str) -> set[str]:
        return set(titles((await browser.get(f"/search?{query}")).text))

    assert await found("side=want") == {"Hulp gezocht"}
    assert await found("kind=goods") == {"Ladder"}
    assert await found("category=Tuin") == {"Gras maaien"}
    assert await found("near=9000&within=10") == {"Ladder"}
    assert await found(f"group={house.node.id}") == {"Gras maaien", "Ladder", "Hulp gezocht"}
    assert await found("group=" + "b" * 52) == set()
    page = await browser.get("/search?category=Tuin&kind=service&sort=new&q=gras")
    assert "Fijner zoeken (3)" in page.words
    assert '<details class="filter">' in page.text, "what was found stands high on the screen"
    assert '<option value="Tuin" selected>' in page.text
    assert '<option value="new" selected>' in page.text
    assert 'value="gras"' in page.text


async def test_a_place_that_nobody_knows_is_said_beside_its_field(house: House) -> None:
    browser = await house.signed_in("001")

    page = await browser.get("/search?near=Nergenshuizen&q=fiets")

    assert page.status == 200, "a page that htmx puts in as well"
    assert 'id="near-wrong"' in page.text
    assert "deze postcode of plaats kennen we niet" in page.text.partition('id="found"')[2]
    assert 'value="fiets"' in page.text
    assert "Niets gevonden" not in (await browser.get("/search?page=nonsense")).words


async def test_typing_errors_are_forgiven_and_it_says_so(house: House) -> None:
    await put(house.group, "002")
    browser = await house.signed_in("001")

    page = await browser.get("/search?q=fietz+hersteln")

    assert titles(page.text) == [BIKE]
    assert "We zochten ook naar woorden die erop lijken." in page.words
    nothing = await browser.get("/search?q=xylofoon&scope=group")
    assert "Niets gevonden." in nothing.words
    assert nothing.text.count('href="/posts/new') == 1
    assert "Zoek in heel Vlaanderen" in nothing.words


async def test_a_long_list_goes_on_page_by_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE", 2)
    for n in range(5):
        await put(house.group, "002", f"Nummer {n}")
    browser, seen = await house.signed_in("001"), []

    page = await browser.get("/search?scope=group&q=nummer")
    while True:
        seen += titles(page.text)
        following = re.search(r'href="(/search\?[^"]*page=[^"]+)">Meer tonen', page.text)
        if following is None:
            break
        page = await browser.get(following[1].replace("&amp;", "&"))

    assert sorted(seen) == [f"Nummer {n}" for n in range(5)]


async def test_a_stranger_finds_what_is_for_everybody_and_no_more(house: House) -> None:
    await put(house.group, "002", "Voor iedereen", visibility=Visibility.PUBLIC)
    await put(house.group, "002", "Voor leden", visibility=Visibility.MEMBERS)
    await put(house.group, "002", "Voor buren")

    page = await house.browser().get("/search")

    assert titles(page.text) == ["Voor iedereen"]
    assert "Nu niet te boeken" not in page.words, "who is no member books nothing"
    assert "Aanmelden" in page.words


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"onx="', "דוד", "🍰", "%00", "x" * 900]
)
async def test_whatever_is_looked_for_harms_no_page(house: House, hostile: str) -> None:
    await put(house.group, "002", f"Taart {hostile[:40]}")
    browser = await house.signed_in("001")

    for name in ("q", "category", "near", "group", "scope", "sort", "side", "kind", "within"):
        page = await browser.get(f"/search?{name}={hostile}")
        assert page.status == 200, name
        assert "<script>alert" not in page.text
        assert '"onx="' not in page.text


async def test_the_filters_follow_what_there_is_to_choose(house: House) -> None:
    browser = await house.signed_in("001")
    other = await beta(house)
    assert ">Fietsen</option>" not in (await browser.get("/search")).text

    reader = roles.reader_of(house.node, house.account("003"))
    await categories.place(house.node, reader, "Fietsen", key=new_key())
    await house.seen()
    assert ">Fietsen</option>" in (await browser.get("/search")).text

    assert ">beta</option>" in (await browser.get("/search")).text
    choices = feed_of(house.node).choices
    await choices.choose(other.node.id, reads_ours=None, shown_here=False)
    assert ">beta</option>" not in (await browser.get("/search")).text


async def test_a_new_group_is_among_the_filters(house: House) -> None:
    browser = await house.signed_in("001")
    assert ">beta</option>" not in (await browser.get("/search")).text

    await beta(house)

    assert ">beta</option>" in (await browser.get("/search")).text


async def test_what_is_wrong_with_a_filter_stands_on_its_own_page_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_form, "WRITTEN_MAX", 1)
    browser = await house.signed_in("001")

    for near, more, wrong in (
        ("9000", "", False),
        ("nergens", "&page=x", False),
        ("nergens", "", True),
        ("nergens", "", True),
        ("3000", "", False),
    ):
        page = await browser.get(f"/search?near={near}{more}")
        assert f'value="{near}"' in page.text
        assert ('id="near-wrong"' in page.text) is wrong
