"""Members who look at the pages of their group, and what is seen of every page that they visit."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Final

from playwright.async_api import Browser, Page

from tests.browser.accessibility import findings
from tests.browser.chromium import Screen, browsing, overflow_px
from tests.federation.web.conftest import House

FINGER_PX: Final = 44
_LOW: Final = """
(least) => [...document.querySelectorAll("a, button, summary, select, textarea, label.pick, "
        + "input:not([type=hidden]):not([type=radio])")]
    .filter(e => e.checkVisibility() && !e.classList.contains("skip"))
    .filter(e => getComputedStyle(e).display !== "inline")
    .map(e => e.closest("label.choice, label.pick, label.check") || e)
    .filter(e => e.getBoundingClientRect().height < least)
    .map(e => e.outerHTML.slice(0, 90))
"""


@contextlib.asynccontextmanager
async def visiting(
    browser: Browser,
    house: House,
    code: str = "",
    screen: Screen | None = None,
    *,
    refusals: frozenset[int] = frozenset(),
) -> AsyncIterator[Page]:
    """Give a window of its own to a member who has signed in, or without `code` to a stranger."""
    url = house.node.settings.public_url
    async with browsing(browser, url, screen=screen, refusals=refusals) as page:
        if code:
            await sign_in(page, house, code)
        yield page


async def sign_in(page: Page, house: House, code: str) -> None:
    """Sign in by a cookie that the node gave to another browser."""
    cookie = (await house.signed_in(code)).cookie()
    url = house.node.settings.public_url
    await page.context.add_cookies([{"name": house.place.cookie(), "value": cookie, "url": url}])


async def faults(page: Page, *, engine: bool = False) -> list[str]:
    """Say what is wrong with a page: wider than the screen, too low for a finger.

    With `engine` also what keeps somebody out; needs a page on which scripts run.
    """
    wide = await overflow_px(page)
    wrong = [f"{page.url}: {wide} px too wide"] if wide > 0 else []
    wrong += [f"{page.url}: low {one}" for one in await page.evaluate(_LOW, FINGER_PX)]
    return wrong + (await findings(page) if engine else [])
