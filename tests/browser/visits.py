"""Members who look at the pages of their group, and what is seen of every page that they visit."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page

from tests.browser.accessibility import findings
from tests.browser.chromium import (
    DESKTOP,
    HEIGHT,
    PHONE,
    PHONE_SMALL,
    TABLET,
    Screen,
    browsing,
    overflow_px,
)
from tests.browser.layout import crowded
from tests.federation.web.conftest import House

FINGER_PX: Final = 44
PICTURES: Final = "RUILBRUG_PICTURES"
"""Names the folder in which pictures of the pages are kept; without it none are made."""
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
    refusals: frozenset[int | str] = frozenset(),
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
    """Say what is wrong with a page: wider than the screen, too low for a finger, crowded.

    With `engine` also what keeps somebody out; needs a page on which scripts run.
    """
    wide = await overflow_px(page)
    wrong = [f"{page.url}: {wide} px too wide"] if wide > 0 else []
    wrong += [f"{page.url}: low {one}" for one in await page.evaluate(_LOW, FINGER_PX)]
    wrong += [f"{page.url}: {one}" for one in await crowded(page)]
    return wrong + (await findings(page) if engine else [])


async def looked_at(page: Page, name: str, *, engine: bool = True) -> list[str]:
    """Look with the engine on the smallest screen, and see that the page fits the others too."""
    wrong = await faults(page, engine=engine)
    for width in (PHONE, TABLET, DESKTOP):
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        wrong += await faults(page)
        if width != TABLET:
            await picture(page, f"{name}-{width}")
    await page.set_viewport_size({"width": PHONE_SMALL, "height": HEIGHT})
    return wrong


async def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page for whoever wants to look at it."""
    folder = os.environ.get(PICTURES)
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
