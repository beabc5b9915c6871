"""The first pages in real Chromium: every width, large letters, keyboard, a quiet console."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import DESKTOP, PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, visiting
from tests.federation.web.conftest import House

OF_MEMBERS = (
    "/home",
    "/members",
    "/members/002",
    "/me",
    "/me/profile",
    "/me/devices",
    "/me/password",
    "/statement",
)
OF_STRANGERS = ("/", "/login", "/login/password")


@pytest.mark.parametrize(
    "screen",
    [
        Screen(PHONE_SMALL),
        Screen(PHONE, language="fr-BE"),
        Screen(DESKTOP, language="en-GB", scheme="dark"),
        Screen(PHONE, text_percent=200),
    ],
    ids=lambda screen: f"{screen.width}-{screen.language}-{screen.text_percent}",
)
async def test_every_page_fits_and_keeps_nobody_out(
    house: House, browser: Browser, screen: Screen
) -> None:
    await house.group.ask("pay", payer="001", payee="002", amount_minor=12, description="x" * 60)
    wrong = []
    for code, paths in (("001", OF_MEMBERS), ("", OF_STRANGERS)):
        async with visiting(browser, house, code, screen) as page:
            for path in paths:
                await page.goto(path)
                wrong += await faults(page, engine=True)

    assert wrong == []


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
