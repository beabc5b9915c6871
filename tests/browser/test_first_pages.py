"""The first pages in real Chromium: every width, large letters, keyboard, a quiet console."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.federation.web.conftest import House, house, world

__all__ = ["house", "world"]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PATHS = (
    "/home",
    "/members",
    "/members/002",
    "/me",
    "/me/profile",
    "/me/devices",
    "/me/password",
    "/statement",
)
FOR_STRANGERS = ("/", "/login", "/login/password")
LOW = """
() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea")]
    .filter(e => e.offsetParent && !e.classList.contains("skip"))
    .filter(e => getComputedStyle(e).display !== "inline")
    .filter(e => e.getBoundingClientRect().height < 44)
    .map(e => e.outerHTML.slice(0, 90))
"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        await browser.close()


async def opened(
    house: House, chromium: Browser, width: int, *, code: str = "", script: bool = True
) -> tuple[Page, list[str]]:
    """Give a page in a window so wide, signed in as a member, and what its console says."""
    context: BrowserContext = await chromium.new_context(
        viewport={"width": width, "height": 844}, locale="nl-BE", java_script_enabled=script
    )
    if code:
        cookie = (await house.signed_in(code)).cookie()
        name = house.place.cookie()
        await context.add_cookies(
            [{"name": name, "value": cookie, "url": house.node.settings.public_url}]
        )
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return page, said


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_every_page_fits_and_is_quiet(house: House, chromium: Browser, width: int) -> None:
    await house.group.ask("pay", payer="001", payee="002", amount_minor=12, description="x" * 60)
    member, said = await opened(house, chromium, width, code="001")
    stranger, heard = await opened(house, chromium, width)

    for page, paths in ((member, PATHS), (stranger, FOR_STRANGERS)):
        for path in paths:
            await page.goto(house.node.settings.public_url + path)
            assert await page.evaluate(TOO_WIDE) <= 0, path
            assert await page.evaluate(LOW) == [], path

    assert said == heard == []


async def test_with_letters_twice_as_large_everything_still_fits(
    house: House, chromium: Browser
) -> None:
    page, _ = await opened(house, chromium, 640, code="001")

    for path in PATHS:
        await page.goto(house.node.settings.public_url + path)
        await page.evaluate("() => document.documentElement.style.setProperty('font-size', '36px')")
        assert await page.evaluate(TOO_WIDE) <= 0, path


async def test_the_keyboard_reaches_the_content_at_once(house: House, chromium: Browser) -> None:
    page, _ = await opened(house, chromium, 390, code="001")
    await page.goto(house.node.settings.public_url + "/home")

    await page.keyboard.press("Tab")
    assert await page.evaluate("() => document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")

    assert await page.evaluate("() => document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("script", [True, False])
async def test_members_are_found_with_and_without_scripts(
    house: House, chromium: Browser, script: bool
) -> None:
    page, said = await opened(house, chromium, 390, code="001", script=script)
    await page.goto(house.node.settings.public_url + "/members")

    await page.fill("#q", "peeters")
    if not script:
        await page.click("form[role=search] button")
    await page.wait_for_selector("text=Cora", state="detached")

    assert await page.locator(".rows li").count() == 1
    assert said == []


async def test_signing_in_by_hand_takes_three_steps(house: House, chromium: Browser) -> None:
    page, said = await opened(house, chromium, 390)
    await page.goto(house.node.settings.public_url + "/login")

    await page.fill("#address", "an@voorbeeld.be")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#code")
    await page.fill("#code", (await house.mail.next()).code)
    await page.keyboard.press("Enter")

    await page.wait_for_selector("h1:has-text('Dag An Peeters')")
    assert said == []
