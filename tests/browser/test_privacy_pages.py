"""A member reads what is done with its data, has itself erased, and thinks better of it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import DESKTOP, PHONE, Screen
from tests.browser.visits import faults, visiting
from tests.federation.web.conftest import House

PAGES = ("/privacy", "/me/looked", "/me/erase")


async def looked_at(page: Page) -> list[str]:
    """Look with the engine on a phone, and on a wide screen."""
    wrong = await faults(page, engine=True)
    await page.set_viewport_size({"width": DESKTOP, "height": 900})
    wrong += await faults(page)
    await page.set_viewport_size({"width": PHONE, "height": 900})
    return wrong


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE", "en-GB"])
async def test_erasure_and_what_is_kept_in_three_languages(
    house: House, browser: Browser, language: str
) -> None:
    await house.group.ask("pay", payer="001", payee="002", amount_minor=7)
    cora = await house.signed_in("003")
    await cora.get("/members/001")
    wrong = []
    screen = Screen(PHONE, language=language)
    async with visiting(browser, house, "001", screen) as page:
        for path in PAGES:
            await page.goto(path)
            assert await page.get_attribute("html", "lang") == language[:2]
            wrong += await looked_at(page)
        await page.locator("button[value=ask]").click()
        await page.wait_for_selector("button[value=stay]")
        wrong += await looked_at(page)
        await page.locator("button[value=stay]").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("button[value=ask]")
    async with visiting(browser, house, "003", screen) as page:
        await page.goto("/members/001/erase")
        wrong += await looked_at(page)
        await page.locator("button[value=now]").click()
        await page.wait_for_url("**/members?**")

    assert wrong == []
    assert house.node.machine.books.members.is_erased(house.account("001"))
