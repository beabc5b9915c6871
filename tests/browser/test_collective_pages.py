"""Booking for many in real Chromium: every row first, then booked, in each language and width."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from federation.group.commands import SetLimits
from federation.web.pages.collective import BASES
from tests.browser.chromium import PHONE, Screen
from tests.browser.visits import faults, visiting
from tests.federation.web.conftest import House

WORDS = {
    "nl-BE": ("Waarvoor", "Bekijk eerst", "Boeken", "Alles terugdraaien", "Waarom"),
    "fr-BE": ("Pour quoi", "Voir d'abord", "Comptabiliser", "Tout annuler", "Pourquoi"),
    "en-GB": ("For what", "Look first", "Book it", "Give it all back", "Why"),
}


@pytest.mark.parametrize(
    ("language", "screen"),
    [
        ("nl-BE", Screen(PHONE, scripts=False)),
        ("nl-BE", Screen(320, text_percent=200)),
        ("fr-BE", Screen(1280, language="fr-BE", scheme="dark")),
        ("en-GB", Screen(390, language="en-GB")),
    ],
)
async def test_a_contribution_is_looked_at_booked_and_given_back(
    house: House, browser: Browser, language: str, screen: Screen
) -> None:
    await house.node.do(SetLimits(house.account("002"), -1, None))
    what, look, book, back, why = WORDS[language]
    wrong: list[str] = []
    async with visiting(browser, house, "003", screen) as page:
        await page.goto("/group/collective")
        assert await page.get_by_role("option").count() > len(BASES)
        wrong += await faults(page, engine=screen.scripts)
        await page.locator("#amount").fill("2")
        await page.get_by_label(what, exact=True).fill("Ledenbijdrage 2027")
        await page.get_by_role("button", name=look).click()
        await page.get_by_role("row", name="An Peeters").wait_for()
        wrong += await faults(page, engine=screen.scripts)
        await page.get_by_role("button", name=book, exact=True).click()
        await page.get_by_role("button", name=back).wait_for()
        wrong += await faults(page, engine=screen.scripts)
        await page.get_by_label(why, exact=True).fill("Vergissing")
        await page.get_by_role("button", name=back).click()
        await page.get_by_role("heading", name="Vergissing").wait_for()

    assert wrong == []
    ledger = house.node.machine.books.ledger
    assert [ledger.balance(house.account(code)) for code in ("001", "002", "003")] == [0, 0, 0]
