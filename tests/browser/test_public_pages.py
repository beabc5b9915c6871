"""The public page in real Chromium: written by a coordinator, read by a stranger."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from federation.group.commands import Transfer
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.umbrella.flows import DAY_S, day_of, quarter_of, quarter_period
from federation.web.languages import NAMES
from tests.browser.chromium import DESKTOP, PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, picture, visiting
from tests.federation.web.conftest import House

SAVE = {"nl-BE": "Bewaren", "fr-BE": "Enregistrer", "en-GB": "Save"}
LEADS = {
    "nl": "Wij zijn buren in Gent die elkaar helpen, zonder geld.",
    "fr": "Nous sommes des voisins de Gand qui s'entraident, sans argent.",
    "en": "We are neighbours in Ghent who help each other, without money.",
}


async def look(page: Page, name: str, *, engine: bool) -> list[str]:
    """See what is wrong with the page on three screens; keep pictures when somebody wants them."""
    wrong = []
    for width in (DESKTOP, PHONE, PHONE_SMALL):
        await page.set_viewport_size({"width": width, "height": 844})
        wrong += await faults(page, engine=engine and width == PHONE_SMALL)
        await picture(page, f"{name}-{width}")
    return wrong


async def help_in_last_quarters(house: House) -> None:
    """Let members have helped each other in three quarters that are out."""
    today = day_of(now_s())
    first = quarter_period(*quarter_of(today - 4 * 92)).first
    for number, times in enumerate((6, 9, 3)):
        for code in ("002", "003", "004", "005"):
            for _ in range(times if code == "002" else 1):
                key = new_key()
                await house.node.do(
                    Transfer(key, house.account("001"), house.account(code), 20 + number, "Hulp")
                )
        at_s = (first + number * 92 + 10) * DAY_S
        await house.node.pool.execute(
            "UPDATE posting SET at_s = $1 WHERE at_s > $2", at_s, now_s() - DAY_S
        )


@pytest.mark.parametrize(
    ("language", "screen"),
    [
        ("nl-BE", Screen(PHONE, scripts=False)),
        ("fr-BE", Screen(PHONE, language="fr-BE", scheme="dark")),
        ("en-GB", Screen(PHONE_SMALL, language="en-GB", text_percent=200)),
    ],
)
async def test_a_group_shows_itself_to_everybody(
    house: House, browser: Browser, language: str, screen: Screen
) -> None:
    await help_in_last_quarters(house)
    short, wrong = language[:2], []
    async with visiting(browser, house, "003", screen) as page:
        await page.goto("/group/public")
        wrong += await look(page, f"edit-{short}", engine=screen.scripts)
        for one in NAMES:
            field = page.locator(f"#lead-{one.value}")
            if not await field.is_visible():
                await page.locator(f"summary[lang={one.value}]").click()
            await field.fill(LEADS[one.value])
        await page.locator(f"#text-{short}").fill("Al jaren.\nElke maand een ruilcafé.")
        await page.locator("#postcode").fill("9000")
        await page.locator("input[name=findable]").check()
        await page.get_by_role("button", name=SAVE[language], exact=True).click()
        await page.get_by_text(LEADS[short]).wait_for()
    async with visiting(browser, house, "", screen) as page:
        await page.goto("/")
        assert await page.get_attribute("html", "lang") == short
        await page.get_by_text(LEADS[short]).wait_for()
        wrong += await look(page, f"public-{short}", engine=screen.scripts)
        await page.goto("/figures")
        assert await page.locator("tbody tr").count() >= 2
        wrong += await look(page, f"figures-{short}", engine=screen.scripts)

    assert wrong == []
