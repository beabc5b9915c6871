"""Search, offers and wants in real Chromium: every width and language, with and without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from federation.members import feed_serving
from schemas.member_bodies import Price, PriceKind, Visibility
from tests.browser.accessibility import findings
from tests.browser.chromium import DESKTOP, PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, visiting
from tests.federation.web.conftest import House
from tests.federation.web.post_help import beta, drawing, heard, lives_in, put

LONG = "Fietsenherstellingswerkplaatsbezoek met onbreekbaarlangewoordensamenstelling"


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


async def furnish(house: House) -> list[str]:
    """Fill two groups with what people offer; give the addresses of all pages of posts."""
    other = await beta(house)
    above = (await house.group.ask("category.place", name="Vervoer"))["category"]
    below = (await house.group.ask("category.place", name="Fietsen", parent=above))["category"]
    await put(
        other,
        "001",
        text="Banden, remmen, versnellingen.\nIk kom aan huis.",
        price=Price(kind=PriceKind.PIECE, amount_minor=24),
        photos=[drawing((200, 120, 40)), drawing((40, 120, 200)), drawing((90, 160, 60))],
    )
    theirs = await heard(house, other)
    await lives_in(house, "001", "An Peeters", "3010")
    await lives_in(house, "002", "Bert", "3001")
    contacts = [{"kind": "tel", "value": "016 11 22 33", "access": "members"}]
    await house.group.ask("member.describe", code="005", contacts=contacts)
    hour = Price(kind=PriceKind.HOUR, amount_minor=20)
    talk = Price(kind=PriceKind.TALK)
    inside = await put(house.group, "005", LONG, price=hour, category=below, photos=[drawing()])
    await put(house.group, "002", "Hulp bij het verhuizen", want=True, price=talk)
    public = await put(house.group, "002", "Taart", goods=True, visibility=Visibility.PUBLIC)
    own = await put(house.group, "001", "Gras maaien", photos=[drawing((9, 99, 9))])
    await house.seen()
    return [
        "/search",
        "/search?q=fiets&side=offer&near=9000&within=100",
        "/search?q=xylofoon&scope=group",
        "/search?near=nergens",
        theirs,
        f"/posts/{inside}",
        f"/posts/{own}",
        f"/posts/{public}",
        "/posts/999",
        "/posts/new",
        f"/posts/{own}/edit",
        f"/posts/{own}/renew",
        f"/posts/{own}/end",
        "/me/posts",
        "/me/away",
    ]


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE", "en-GB"])
async def test_every_page_is_for_everybody_in_every_language(
    house: House, browser: Browser, language: str
) -> None:
    paths = await furnish(house)
    wrong = []
    screen = Screen(width=PHONE, language=language)
    async with visiting(browser, house, "001", screen, refusals=frozenset({404})) as page:
        for path in paths:
            await page.goto(path)
            assert await page.get_attribute("html", "lang") == language[:2]
            for details in await page.locator("details:not([open]) > summary").all():
                await details.click()
            wrong += await findings(page)
    async with visiting(browser, house, "", screen, refusals=frozenset({404})) as page:
        for path in ("/search", paths[7], "/posts/999"):
            await page.goto(path)
            wrong += await findings(page)

    assert wrong == []


@pytest.mark.parametrize(
    ("width", "percent"),
    [(PHONE_SMALL, 100), (PHONE, 100), (DESKTOP, 100), (PHONE_SMALL, 200), (DESKTOP, 200)],
)
async def test_every_page_fits_on_every_screen(
    house: House, browser: Browser, width: int, percent: int
) -> None:
    paths = await furnish(house)
    screen = Screen(width=width, text_percent=percent)
    async with visiting(browser, house, "001", screen, refusals=frozenset({404})) as page:
        for path in paths:
            await page.goto(path)
            for details in await page.locator("details:not([open]) > summary").all():
                await details.click()
            assert await faults(page) == [], path


async def test_in_the_dark_the_letters_can_be_read_too(house: House, browser: Browser) -> None:
    paths = await furnish(house)
    wrong = []
    async with visiting(browser, house, "001", Screen(scheme="dark")) as page:
        for path in (paths[0], paths[4], paths[6], "/posts/new", "/me/posts"):
            await page.goto(path)
            wrong += await findings(page)

    assert wrong == []


@pytest.mark.parametrize("scripts", [True, False])
async def test_from_a_word_to_the_first_message_takes_three_taps(
    house: House, browser: Browser, scripts: bool
) -> None:
    await furnish(house)
    async with visiting(browser, house, "001", Screen(scripts=scripts)) as page:
        await page.goto("/search")
        await page.fill("#q", "fiets herstellen")
        if scripts:
            await page.wait_for_selector("text=Gras maaien", state="detached")
            assert "q=fiets" in page.url, "the back button leads to what was found"
        else:
            await page.keyboard.press("Enter")
        await page.click("a.hit:has-text('Marc')")
        await page.wait_for_selector("h1:has-text('Fiets herstellen')")

        assert "± 8 units per stuk" in (await page.inner_text(".big")).replace("\xa0", " ")
        href = await page.get_attribute("a:has-text('Ik heb interesse')", "href")
        assert href is not None
        assert href.startswith("/threads/new?node=")
        await page.click("summary:has-text('Bel of schrijf')")
        assert await page.is_visible("text=zodra Marc geantwoord heeft")
        await page.go_back()
        assert await page.input_value("#q") == "fiets herstellen"


@pytest.mark.parametrize("scripts", [True, False])
async def test_an_offer_with_pictures_is_placed_by_hand(
    house: House, browser: Browser, tmp_path: Path, scripts: bool
) -> None:
    shot = tmp_path / "foto.jpg"
    shot.write_bytes(drawing())
    none = tmp_path / "brief.jpg"
    none.write_bytes(b"no picture")
    async with visiting(
        browser, house, "001", Screen(scripts=scripts), refusals=frozenset({422})
    ) as page:
        await page.goto("/home")
        await page.click("text=Vraag of aanbod plaatsen")
        await page.fill("#title", "Taart bakken")
        await page.set_input_files("#picture", [shot, none])
        await page.fill("#price", "een")
        await page.click("main button.button")
        await page.wait_for_selector("text=Foto 2 kunnen we niet lezen")
        assert await page.is_visible("text=Schrijf een getal")
        assert await page.locator(".kept img").count() == 1
        await page.fill("#price", "15")
        await page.click("main button.button")

        await page.wait_for_selector("h1:has-text('Taart bakken')")
        loaded = "() => [...document.images].every(one => one.complete && one.naturalWidth > 0)"
        await page.wait_for_function(loaded) if scripts else None
        await page.go_back()
        await page.goto("/me/posts")
        assert await page.locator(".own-row").count() == 1


async def test_with_the_keyboard_alone_a_hit_is_opened(house: House, browser: Browser) -> None:
    await furnish(house)
    async with visiting(browser, house, "001") as page:
        await page.goto("/search?q=taart")
        await page.focus("#q")
        for _ in range(12):
            await page.keyboard.press("Tab")
            if await page.evaluate("() => document.activeElement.classList.contains('hit')"):
                break
        await page.keyboard.press("Enter")

        await page.wait_for_selector("h1:has-text('Taart')")


async def test_another_groups_server_that_is_away_leaves_the_page_whole(
    house: House, browser: Browser
) -> None:
    paths = await furnish(house)
    await house.world.nodes[-1].stop()
    async with visiting(browser, house, "001") as page:
        await page.goto(paths[4])
        await page.wait_for_load_state("networkidle")

        assert await page.is_visible("text=Ik heb interesse")
        assert await page.locator(".pictures img").count() == 3
