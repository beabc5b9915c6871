"""Search, offers and wants in real Chromium: by hand and by keyboard, with and without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from federation.members import feed_serving
from tests.browser.chromium import Screen
from tests.browser.post_world import furnish
from tests.browser.visits import visiting
from tests.federation.web.conftest import House
from tests.federation.web.post_help import drawing


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


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
