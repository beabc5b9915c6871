"""The first pages in real Chromium: every width, large letters, keyboard, a quiet console."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import Screen
from tests.browser.visits import visiting
from tests.federation.web.conftest import House


async def test_the_keyboard_reaches_the_content_at_once(house: House, browser: Browser) -> None:
    async with visiting(browser, house, "001") as page:
        await page.goto("/home")

        await page.keyboard.press("Tab")
        assert await page.evaluate("() => document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")

        assert await page.evaluate("() => document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("scripts", [True, False])
async def test_members_are_found_with_and_without_scripts(
    house: House, browser: Browser, scripts: bool
) -> None:
    async with visiting(browser, house, "001", Screen(scripts=scripts)) as page:
        await page.goto("/members")

        await page.fill("#q", "peeters")
        if not scripts:
            await page.click("form[role=search] button")
        await page.wait_for_selector("text=Cora", state="detached")

        assert await page.locator(".rows li").count() == 1


async def test_signing_in_by_hand_takes_three_steps(house: House, browser: Browser) -> None:
    async with visiting(browser, house) as page:
        await page.goto("/login")

        await page.fill("#address", "an@voorbeeld.be")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#code")
        await page.fill("#code", (await house.mail.next()).code)
        await page.keyboard.press("Enter")

        await page.wait_for_selector("h1:has-text('Dag An Peeters')")
