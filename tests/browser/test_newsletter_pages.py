"""The newsletter in real Chromium: asked for, confirmed from the mail, read, and ended again.

The mails are read where the demo shows them.
"""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, Page

from federation.web.place import LoginMail
from federation.words.texts import texts
from schemas.texts.words import Language
from tests.browser.chromium import DESKTOP, PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, visiting
from tests.federation.web.conftest import House
from tests.federation.web.test_mail_pages import keep_mails
from tests.federation.world.conftest import WAIT_S

ADDRESS = "mia@voorbeeld.be"
SCREENS = {
    Language.NL: Screen(PHONE, language="nl-BE", scripts=False),
    Language.FR: Screen(PHONE_SMALL, language="fr-BE", scheme="dark"),
    Language.EN: Screen(DESKTOP, language="en-GB"),
}


class Reader:
    """Somebody who goes through the pages in one language, and notes what is wrong with them."""

    def __init__(self, page: Page, language: Language, screen: Screen) -> None:
        self.page = page
        self.say = texts(language).say
        self.language = language
        self.engine = screen.scripts
        self.wrong: list[str] = []

    async def sees(self, words: str, **facts: str) -> None:
        await self.page.get_by_text(self.say(words, **facts)).first.wait_for()
        assert await self.page.get_attribute("html", "lang") == self.language.value
        self.wrong += await faults(self.page, engine=self.engine)

    async def taps(self, words: str) -> None:
        button = self.page.get_by_role("button", name=self.say(words), exact=True)
        if not await button.count():
            button = self.page.get_by_role("link", name=self.say(words), exact=True)
        await button.first.click()

    async def opens_mail(self, subject: str) -> None:
        found = self.page.get_by_role("link", name=subject)
        async with asyncio.timeout(WAIT_S):  # it is sent by itself
            await self.page.goto(f"/mailbox?to={ADDRESS}")
            while not await found.count():
                await self.page.reload()
        await found.first.click()
        await self.page.locator(".mail-text").wait_for()
        self.wrong += await faults(self.page, engine=self.engine)


async def people(house: House) -> int:
    return int(await house.node.pool.fetchval("SELECT count(*) FROM subscriber"))


async def write_issue(browser: Browser, house: House) -> None:
    """Let a coordinator write an issue, look at it, and send it."""
    async with visiting(browser, house, "003", Screen(PHONE)) as page:
        await page.goto("/newsletter/issues/new")
        await page.locator("#subject-nl").fill("Lentefeest")
        await page.locator("#text-nl").fill("Kom je ook?")
        assert await faults(page, engine=True) == []
        await page.get_by_role("button", name="Bekijk eerst").click()
        await page.get_by_text("Kom je ook?").wait_for()
        assert await faults(page, engine=True) == []
        await page.get_by_role("button", name="Verstuur naar 1 mens").click()
        await page.get_by_text("Het gaat de deur uit").wait_for()


@pytest.mark.parametrize("language", SCREENS)
async def test_news_is_asked_for_confirmed_read_and_ended(
    house: House, browser: Browser, language: Language
) -> None:
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    screen = SCREENS[language]
    async with visiting(browser, house, "", screen) as page:
        mia = Reader(page, language, screen)
        await page.goto("/")
        await mia.taps("De nieuwsbrief krijgen")
        await mia.sees("Ik wil dit krijgen")
        await page.locator("#address").fill(ADDRESS)
        await page.get_by_role("checkbox").check()
        await mia.taps("Ik wil dit krijgen")
        await mia.sees(
            "Kijk in je mail: daar wacht een knop. Pas als je erop tikt, krijg je nieuws."
        )
        assert await people(house) == 0

        await mia.opens_mail(mia.say("Wil je nieuws van %(group)s krijgen?", group="alfa"))
        await mia.taps("Ja, ik wil dit krijgen")
        await mia.sees("Klopt dit adres?")
        assert await people(house) == 0
        await mia.taps("Ja, ik wil dit krijgen")
        await mia.sees("Goed. Vanaf nu krijg je nieuws.")
        assert await people(house) == 1

        await write_issue(browser, house)
        await mia.opens_mail("Lentefeest")
        await page.get_by_text("Kom je ook?").wait_for()
        await page.locator("a[href*='/newsletter/stop/']").first.click()
        await mia.sees("Stop ermee en wis mijn adres")
        await mia.taps("Stop ermee en wis mijn adres")
        await mia.sees("Je krijgt dit niet meer")

    assert mia.wrong == []
    assert await people(house) == 0
