"""The installed Chromium, and what a page may never do: say something, ask elsewhere, fail."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from playwright.async_api import Browser, ConsoleMessage, Page, Playwright, Request, Response

PROGRAM: Final = "RUILBRUG_CHROMIUM"
PLACES: Final = (
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "chromium",
    "chromium-browser",
    "google-chrome",
)
"""The first is the same engine without a window around each page: half the work."""
QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT_MS: Final = 20_000
PHONE_SMALL: Final = 320
PHONE: Final = 390
TABLET: Final = 820
DESKTOP: Final = 1280
HEIGHT: Final = 844
FAILED_FROM: Final = 500


def find_chromium() -> Path | None:
    """Find the browser: where RUILBRUG_CHROMIUM says, else where Debian puts it."""
    named = os.environ.get(PROGRAM)
    for place in (named,) if named else PLACES:
        found = shutil.which(place)
        if found:
            return Path(found)
    return None


async def launch(playwright: Playwright, program: Path) -> Browser:
    return await playwright.chromium.launch(executable_path=program, args=list(QUIET))


class Screen(NamedTuple):
    """What somebody looks at the pages with."""

    width: int = PHONE
    scripts: bool = True
    language: str = "nl-BE"
    scheme: Literal["light", "dark"] = "light"
    text_percent: int = 100
    """As the browser's own setting for larger text: 200 % of 16 px are 32 px."""


class Watch:
    """What happened on the pages of one context that must not."""

    def __init__(self, hosts: frozenset[str], refusals: frozenset[int | str]) -> None:
        self._hosts = hosts
        self._statuses = refusals
        self._refusals = tuple(
            f"status of {one} " if isinstance(one, int) else one for one in refusals
        )
        self.wrong: list[str] = []

    def console(self, message: ConsoleMessage) -> None:
        if any(said in message.text for said in self._refusals):
            return  # the browser notes every page that was refused, however kindly
        self.wrong.append(f"console {message.type}: {message.text}")

    def error(self, error: Exception) -> None:
        self.wrong.append(f"script: {error}")

    def request(self, request: Request) -> None:
        host = request.url.partition("://")[2].partition("/")[0]
        if not request.url.startswith(("data:", "about:")) and host not in self._hosts:
            self.wrong.append(f"request elsewhere: {request.url}")

    def response(self, response: Response) -> None:
        if response.status >= FAILED_FROM and response.status not in self._statuses:
            self.wrong.append(f"{response.status}: {response.url}")


@contextlib.asynccontextmanager
async def browsing(
    browser: Browser,
    address: str,
    *others: str,
    screen: Screen | None = None,
    refusals: frozenset[int | str] = frozenset(),
) -> AsyncIterator[Page]:
    """Give a page of somebody who has never been here; at the end nothing wrong has happened.

    `address` is where relative addresses lead; pages of `others` may be visited as well. `refusals`
    are statuses of pages that a test has refused on purpose, or what the browser says of a
    connection that it has broken.
    """
    seen = screen or Screen()
    hosts = frozenset(url.partition("://")[2] for url in (address, *others))
    watch = Watch(hosts, refusals)
    options: dict[str, Any] = {
        "base_url": address,
        "viewport": {"width": seen.width, "height": HEIGHT},
        "java_script_enabled": seen.scripts,
        "locale": seen.language,
        "color_scheme": seen.scheme,
        "reduced_motion": "reduce",
    }
    context = await browser.new_context(**options)
    try:
        context.set_default_timeout(TIMEOUT_MS)
        context.on("console", watch.console)
        context.on("weberror", lambda error: watch.error(error.error))
        context.on("request", watch.request)
        context.on("response", watch.response)
        page = await context.new_page()
        if seen.text_percent != 100:
            await enlarge_text(page, seen.text_percent)
        yield page
    finally:
        await context.close()
    assert not watch.wrong, "\n".join(watch.wrong)


async def enlarge_text(page: Page, percent: int) -> None:
    """Enlarge the text as people do in the browser's settings, for this page and those after it."""
    session = await page.context.new_cdp_session(page)
    size = 16 * percent // 100
    await session.send(
        "Page.setFontSizes", {"fontSizes": {"standard": size, "fixed": 13 * percent // 100}}
    )


async def overflow_px(page: Page) -> int:
    """Tell by how much the page is wider than the screen: nobody scrolls sideways."""
    return int(
        await page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )
