"""The statement as it is printed, in real Chromium."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.visits import visiting
from tests.federation.web.conftest import House
from tests.federation.web.test_statement import pay


@pytest.mark.parametrize("unfolded", [False, True])
async def test_the_months_stand_on_paper_in_numbers_once(
    house: House, browser: Browser, unfolded: bool
) -> None:
    await pay(house, "001", "002", 5, "taart")
    async with visiting(browser, house, "001") as page:
        await page.goto("/statement")
        on_screen = page.locator("th:visible:has-text('Maand')")
        assert await on_screen.count() == 0
        if unfolded:
            await page.click("summary:has-text('cijfers')")
            assert await on_screen.count() == 1

        await page.emulate_media(media="print")

        assert await page.locator("th:visible:has-text('Maand')").count() == 1
