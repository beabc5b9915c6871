"""A trade with a group that has only a mail address, in real Chromium: asked, mailed, confirmed."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from federation.web.place import LoginMail
from tests.browser.chromium import PHONE, Screen, browsing
from tests.browser.test_mail_pages import first_mail
from tests.browser.visits import faults, picture, visiting
from tests.federation.web.conftest import House
from tests.federation.web.test_mail_pages import keep_mails

WORDS = {
    "nl-BE": ("Bewaren", "Vraag of dit klopt", "Bekijken en antwoorden", "Ja, boek het"),
    "fr-BE": ("Enregistrer", "Demander si c'est juste", "Voir et répondre", "Oui, comptabiliser"),
    "en-GB": ("Save", "Ask whether this is right", "Look and answer", "Yes, book it"),
}


@pytest.mark.parametrize(
    ("language", "screen"),
    [
        ("nl-BE", Screen(PHONE, scripts=False)),
        ("fr-BE", Screen(320, language="fr-BE", text_percent=200)),
        ("en-GB", Screen(1280, language="en-GB", scheme="dark")),
    ],
)
async def test_a_trade_by_mail_is_asked_and_confirmed_by_its_contact(
    house: House, browser: Browser, language: str, screen: Screen
) -> None:
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    save, ask, look, book = WORDS[language]
    wrong: list[str] = []
    async with visiting(browser, house, "003", screen) as desk:
        await desk.goto("/group/partners/new")
        wrong += await faults(desk, engine=screen.scripts)
        for name, text in (("group", "LETS Gent"), ("code", "GENT"), ("contact", "Griet")):
            await desk.locator(f"#{name}").fill(text)
        await desk.locator("#address").fill("griet@voorbeeld.be")
        await desk.locator("#language").select_option(language[:2])
        await desk.get_by_role("button", name=save).click()
        await desk.get_by_role("heading", name="LETS Gent").wait_for()
        account = house.account("gent")
        async with visiting(browser, house, "001", screen) as page:
            await page.goto("/partners/trade")
            wrong += await faults(page, engine=screen.scripts)
            await picture(page, f"ask-{language}")
            await page.locator("#person").fill("Rita")
            await page.locator("#amount").fill("8")
            await page.locator("#description").fill("Ramen lappen")
            await page.get_by_role("button", name=ask).click()
            await page.get_by_text("Rita").first.wait_for()
            wrong += await faults(page, engine=screen.scripts)
            await picture(page, f"held-{language}")
        for path in (f"/group/partners/{account}", "/group/partners"):
            await desk.goto(path)
            wrong += await faults(desk, engine=screen.scripts)
            await picture(desk, f"{path.count('/')}-{language}")
    url = house.node.settings.public_url
    async with browsing(browser, url, screen=screen) as page:
        await page.goto(await first_mail(page))
        await page.get_by_role("link", name=look).click()
        wrong += await faults(page, engine=screen.scripts)
        await picture(page, f"answer-{language}")
        assert house.node.machine.books.ledger.balance(account) == 0
        await page.get_by_role("button", name=book).click()
        await page.get_by_role("button", name=book).wait_for(state="detached")
        wrong += await faults(page, engine=screen.scripts)

    assert wrong == []
    assert house.node.machine.books.ledger.balance(account) == 8
