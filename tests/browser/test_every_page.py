"""Every page there is, in every language: for the engine, on every screen, in large letters.

No page is left out: what the application serves is compared with what was opened.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser, Page

from federation.members import feed_serving
from federation.web.app import MODULES
from tests.browser.chromium import DESKTOP, HEIGHT, PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, sign_in, visiting
from tests.browser.whole_world import STRANGER, Way, furnish
from tests.federation.web.conftest import House

FILES = {
    "/statement/csv",
    "/statement/{booking}/proof/file",
    "/members/{code}/bookings/{booking}/proof/file",
    "/documents/{item}/file",
    "/me/data.zip",
    "/me/qr.svg",
    "/pictures/{digest}/{size}",
    "/pictures/{node}/{digest}/{size}",
}
"""What is saved or shown inside a page."""
BETWEEN = {"/login/code", "/login/choose", "/login/{link}"}
"""What is there for somebody who is signing in; `seen_on_the_way_in` opens them."""
REFUSALS = frozenset({404})


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


def patterns() -> dict[str, re.Pattern[str]]:
    """Give each address that shows a page, and what it looks like."""
    return {
        page.path: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(page.path)))
        for module in MODULES
        for page in module.pages.all
        if page.method == "GET" and page.path not in FILES
    }


def left_out(ways: list[Way]) -> set[str]:
    """Give the addresses that nobody opens; one without a name in it goes before one with."""
    opened = {way.path.partition("?")[0] for way in ways}
    exact = {path for path in patterns() if "{" not in path}
    return {
        path
        for path, pattern in patterns().items()
        if not (path in opened if path in exact else any(map(pattern.fullmatch, opened - exact)))
    }


async def open_all(page: Page) -> None:
    """Open what can be opened."""
    await page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")


async def seen_on_the_way_in(house: House, page: Page) -> list[str]:
    """Sign in by hand, and say what is wrong with the pages on the way."""
    wrong = []
    await page.goto("/login")
    await page.fill("#address", "an@voorbeeld.be")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#code")
    wrong += await looked_at(page)
    sent = await house.mail.next()
    await page.goto(sent.path)
    wrong += await looked_at(page)
    await page.locator("main form button").first.click()
    await page.wait_for_selector("h1")
    return wrong


async def looked_at(page: Page, *, engine: bool = True) -> list[str]:
    """Look with the engine on the smallest screen, and see that the page fits the others too."""
    wrong = await faults(page, engine=engine)
    for width in (PHONE, DESKTOP):
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        wrong += await faults(page)
    await page.set_viewport_size({"width": PHONE_SMALL, "height": HEIGHT})
    return wrong


async def walk(house: House, page: Page, ways: list[Way]) -> AsyncIterator[str]:
    """Open every page as somebody who may see it, with all its parts, and give its address."""
    for code in dict.fromkeys(way.code for way in ways):
        await page.context.clear_cookies()
        if code != STRANGER:
            await sign_in(page, house, code)
        for path in (way.path for way in ways if way.code == code):
            response = await page.goto(path)
            assert response is not None
            assert response.ok is not path.endswith("/999"), f"{path}: {response.status}"
            await open_all(page)
            yield path


@pytest.mark.parametrize(
    ("language", "scheme"), [("nl-BE", "light"), ("fr-BE", "dark"), ("en-GB", "light")]
)
async def test_no_page_keeps_anybody_out(
    house: House, browser: Browser, language: str, scheme: Literal["light", "dark"]
) -> None:
    ways = await furnish(house)
    assert left_out(ways) == BETWEEN
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    wrong = []
    async with visiting(browser, house, screen=screen, refusals=REFUSALS) as page:
        async for path in walk(house, page, ways):
            if path.endswith("/html"):  # a mail as it came: in its own language, and no script runs
                wrong += await looked_at(page, engine=False)
                continue
            assert await page.get_attribute("html", "lang") == language[:2], path
            wrong += await looked_at(page)
        await page.context.clear_cookies()
        wrong += await seen_on_the_way_in(house, page)

    assert wrong == []


@pytest.mark.parametrize(
    ("width", "language"), [(PHONE_SMALL, "nl-BE"), (PHONE, "fr-BE"), (DESKTOP, "en-GB")]
)
async def test_letters_twice_as_large_fit_every_page(
    house: House, browser: Browser, width: int, language: str
) -> None:
    ways = await furnish(house)
    wrong = []
    screen = Screen(width, language=language, text_percent=200)
    async with visiting(browser, house, screen=screen, refusals=REFUSALS) as page:
        async for _ in walk(house, page, ways):
            wrong += await faults(page)

    assert wrong == []
