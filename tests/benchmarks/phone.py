"""A search result on a slow phone: a quarter of a processor, 1.6 Mbit/s, an empty cache.

The same node and tables as for the other pages. Readable is when the first result has been painted,
its letters included; with and without scripts nothing else is needed.
"""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, Final

from playwright.async_api import async_playwright

from tests.browser.chromium import PHONE, find_chromium, launch

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.benchmarks.report import Report

SLOWER: Final = 4
BYTES_A_SECOND: Final = 200_000
LATENCY_MS: Final = 150
TIMES: Final = 9
PATH: Final = "/search?q=fiets&near=9000"
_PAINTED: Final = """
() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(
    () => document.fonts.ready.then(() => done()))))
"""


async def phone(report: Report, url: str, cookie: str) -> None:
    """Measure how long it takes from asking for a search to reading its first result."""
    program = find_chromium()
    if program is None:
        report.fact("search.phone", "left out: there is no Chromium")
        return
    async with async_playwright() as playwright:
        browser = await launch(playwright, program)
        taken = [await _once(browser, url, cookie) for _ in range(TIMES)]
        await browser.close()
    report.figure("search.phone", median(taken), "s", target="below 2")
    report.figure("search.phone.worst", max(taken), "s", target="below 2")


async def _once(browser: Browser, url: str, cookie: str) -> float:
    context = await browser.new_context(base_url=url, viewport={"width": PHONE, "height": 844})
    name, _, value = cookie.partition("=")
    await context.add_cookies([{"name": name, "value": value, "url": url}])
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND,
        },
    )
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    start = time.perf_counter()
    await page.goto(PATH, wait_until="commit")
    await page.locator("a.hit").first.wait_for()
    await page.evaluate(_PAINTED)
    taken = time.perf_counter() - start
    await context.close()
    return taken
