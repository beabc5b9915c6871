"""What somebody sees whose other is gone meanwhile, in every language: for the engine."""

from __future__ import annotations

from playwright.async_api import Browser

from federation.members import posts
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key, set_status
from schemas.bodies import AccountStatus
from tests.browser.chromium import PHONE_SMALL, Screen
from tests.browser.languages import EVERY, Scheme, seen
from tests.browser.visits import visiting
from tests.federation.web.conftest import House
from tests.federation.web.two_groups import place

WORDS = "Fiets hersteld, nieuwe band erop"
ELSE = "main button[name=do][value=else]"
REFUSALS: frozenset[int | str] = frozenset({404, 422})


async def leaves(house: House, code: str) -> None:
    await set_status(house.node, code, AccountStatus.INACTIVE)
    await house.seen()


@EVERY
async def test_a_booking_with_who_is_gone_goes_on_with_another(
    house: House, browser: Browser, language: str, scheme: Scheme
) -> None:
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    wrong = []
    async with visiting(browser, house, "001", screen=screen, refusals=REFUSALS) as page:
        await page.goto("/give?to=002&amount=8")
        await leaves(house, "002")
        await page.fill("#description", WORDS)
        await page.locator("main button.main-button").click()
        await page.wait_for_selector(ELSE)
        assert await page.input_value("#description") == WORDS
        wrong += await seen(page, language, "gone-confirm")
        await page.locator(ELSE).click()
        await page.wait_for_selector("#found a[href*=kept]")
        wrong += await seen(page, language, "gone-whom")
        await page.locator("#found a[href*='to=003']").click()
        await page.wait_for_selector("main button.main-button")
        assert await page.input_value("#description") == WORDS

    assert wrong == []


@EVERY
async def test_words_to_who_is_gone_stay_on_the_page(
    house: House, browser: Browser, language: str, scheme: Scheme
) -> None:
    number = await place(house, "002", "Gras maaien", 8)
    other = await place(house, "005", "Haag snoeien", 5)
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    wrong = []
    async with visiting(browser, house, "001", screen=screen, refusals=REFUSALS) as page:
        await page.goto(f"/threads/new?post={number}")
        await page.fill("#text", "Zaterdag?")
        await page.locator("main button.main-button").click()
        await page.wait_for_selector("#say-text")
        thread = page.url
        await page.goto(f"/posts/{other}/report")
        await posts.end(house.node, OPERATOR, other, key=new_key())
        await house.seen()
        await page.fill("#text", WORDS)
        await page.locator("main form button").click()
        await page.wait_for_selector("#typed")
        wrong += await seen(page, language, "gone-typed")
        await page.goto(thread)
        await leaves(house, "002")
        await page.fill("#say-text", WORDS)
        await page.locator("button[value=say]").click()
        await page.wait_for_selector(ELSE)
        wrong += await seen(page, language, "gone-thread")
        await page.goto(f"/threads/new?post={await place(house, '003', 'Strijken', 4)}")
        await leaves(house, "003")
        await page.fill("#text", WORDS)
        await page.locator("main button.main-button").click()
        await page.wait_for_selector(ELSE)
        assert await page.input_value("#text") == WORDS
        wrong += await seen(page, language, "gone-interest")

    assert wrong == []
