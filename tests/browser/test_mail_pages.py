"""Pages of mails in real Chromium: every width and language, with scripts and without."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from federation.web.place import LoginMail
from tests.browser import visits
from tests.browser.chromium import PHONE_SMALL, Screen, browsing
from tests.federation.web.conftest import House
from tests.federation.web.test_mail_pages import asked, balance, keep_mails
from tests.federation.world.conftest import WAIT_S

LANGUAGES = ("nl-BE", "fr-BE", "en-GB")


@pytest_asyncio.fixture(loop_scope="session")
async def demo(house: House) -> House:
    """Give a group that keeps its mails."""
    await keep_mails(house)
    return house


async def sign_in(house: House, page: Page, code: str) -> None:
    """Sign in, with login mails going to the test again."""
    house.node.parts[LoginMail] = house.mail
    await visits.sign_in(page, house, code)


async def first_mail(page: Page) -> str:
    """Wait until the mailbox has a mail; gives its page."""
    async with asyncio.timeout(WAIT_S):
        while True:
            await page.goto("/mailbox")
            found = page.locator("main a.row")
            if await found.count():
                return str(await found.first.get_attribute("href"))


@pytest.mark.parametrize("scripts", [True, False])
async def test_one_tap_from_the_mailbox_books_without_signing_in(
    demo: House, browser: Browser, scripts: bool
) -> None:
    await asked(demo)
    url = demo.node.settings.public_url
    async with browsing(browser, url, screen=Screen(scripts=scripts)) as page:
        await page.goto(await first_mail(page))
        await page.get_by_role("link", name="Ja, boek het").click()
        assert balance(demo, "001") == 0
        await page.get_by_role("button", name="Ja, boek het").click()
        await page.wait_for_selector("text=Dat is gebeurd.")

    assert balance(demo, "001") == -8


async def test_a_choice_is_made_by_keyboard(demo: House, browser: Browser) -> None:
    async with browsing(browser, demo.node.settings.public_url, screen=Screen(PHONE_SMALL)) as page:
        await sign_in(demo, page, "001")
        await page.goto("/me/mail")
        box = page.locator("input[name=kind-booked]")
        await box.focus()
        await page.keyboard.press("Space")
        await page.get_by_role("button", name="Bewaren").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Bewaard.")

        assert not await page.locator("input[name=kind-booked]").is_checked()
