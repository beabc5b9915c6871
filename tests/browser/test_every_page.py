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
from tests.browser.chromium import DESKTOP, HEIGHT, PHONE, PHONE_SMALL, TABLET, Screen
from tests.browser.visits import faults, looked_at, sign_in, visiting
from tests.browser.whole_world import STRANGER, Way, furnish
from tests.federation.web.conftest import House

FILES = {
    "/group/balances/csv",
    "/group/members/csv",
    "/group/member-file/template",
    "/group/export.zip",
    "/group/export/{table}.csv",
    "/statement/csv",
    "/statement/{booking}/proof/file",
    "/members/{code}/bookings/{booking}/proof/file",
    "/documents/{item}/file",
    "/me/data.zip",
    "/group/import/template/{language}",
    "/group/import/receipt",
    "/me/qr.svg",
    "/look/{digest}/logo.jpg",
    "/robots.txt",
    "/share.png",
    "/pictures/{digest}/{size}",
    "/pictures/{node}/{digest}/{size}",
}
"""What is saved or shown inside a page."""
BETWEEN = {"/login/code", "/login/choose", "/login/{link}"}
"""What is there for somebody who is signing in; test_steps_in.py opens them."""
REFUSALS = frozenset({404})
PART_MAX, NAME_MAX = 12, 60


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


def named(language: str, number: int, path: str) -> str:
    """Name the picture of a page; by the number too, as several pages may be called the same."""
    parts = "-".join(part[:PART_MAX] for part in re.findall(r"\w+", path))
    return f"{language[:2]}-{number:03}-{parts[:NAME_MAX]}"


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
        number = 0
        async for path in walk(house, page, ways):
            number += 1
            name = named(language, number, path)
            if path.endswith("/html"):  # a mail as it came: in its own language, and no script runs
                wrong += await looked_at(page, name, engine=False)
                continue
            assert await page.get_attribute("html", "lang") == language[:2], path
            wrong += await looked_at(page, name)

    assert wrong == []


@pytest.mark.parametrize(
    ("widths", "language"),
    [((PHONE_SMALL, TABLET), "nl-BE"), ((PHONE,), "fr-BE"), ((DESKTOP,), "en-GB")],
)
async def test_letters_twice_as_large_fit_every_page(
    house: House, browser: Browser, widths: tuple[int, ...], language: str
) -> None:
    ways = await furnish(house)
    wrong = []
    screen = Screen(widths[0], language=language, text_percent=200)
    async with visiting(browser, house, screen=screen, refusals=REFUSALS) as page:
        async for _ in walk(house, page, ways):
            for width in widths:
                await page.set_viewport_size({"width": width, "height": HEIGHT})
                wrong += await faults(page)

    assert wrong == []
