"""The watch over pages notices what it is there for."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from playwright.async_api import Browser

from tests.browser.accessibility import findings
from tests.browser.chromium import PHONE_SMALL, Screen, browsing, overflow_px

FINE = '<!doctype html><html lang="nl"><title>Goed</title><main><h1>Goed</h1><p>Dag.</p></main>'
PAGES = {
    "/fine": FINE,
    "/says": FINE + "<script>console.warn('hm')</script>",
    "/throws": FINE + "<script>throw new Error('hm')</script>",
    "/elsewhere": FINE + '<img alt="" src="http://127.0.0.1:9/x.png">',
    "/wide": FINE + "<div style='width: 500px'>breed</div>",
    "/unlabelled": FINE + "<form><input name=x></form>",
    "/pale": FINE + "<p style='color: #ccc; background: #fff'>bleek</p>",
}


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[str]:
    async def show(request: web.Request) -> web.Response:
        if request.path == "/favicon.ico":  # every browser asks for it
            return web.Response(status=204)
        body = PAGES.get(request.path)
        if request.path == "/fails":
            return web.Response(status=500, text="x")
        status = 200 if body else 404
        return web.Response(status=status, text=body or "", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{name}", show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_page_that_is_fine_is_left_alone(browser: Browser) -> None:
    async with served() as address, browsing(browser, address) as page:
        await page.goto("/fine")

        assert await findings(page) == []
        assert await overflow_px(page) == 0


@pytest.mark.parametrize("name", ["says", "throws", "elsewhere", "fails"])
async def test_a_page_that_says_fails_or_asks_elsewhere_is_noticed(
    browser: Browser, name: str
) -> None:
    async def look(address: str) -> None:
        async with browsing(browser, address) as page:
            await page.goto(f"/{name}")
            await page.wait_for_load_state("networkidle")

    async with served() as address:
        with pytest.raises(AssertionError, match=r"console|script|elsewhere|500"):
            await look(address)


@pytest.mark.parametrize("name", ["unlabelled", "pale"])
async def test_a_page_that_keeps_people_out_is_noticed(browser: Browser, name: str) -> None:
    async with served() as address, browsing(browser, address) as page:
        await page.goto(f"/{name}")

        assert await findings(page) != []


async def test_a_page_wider_than_a_small_phone_is_noticed(browser: Browser) -> None:
    small = Screen(width=PHONE_SMALL)
    async with served() as address, browsing(browser, address, screen=small) as page:
        await page.goto("/wide")

        assert await overflow_px(page) > 0


async def test_larger_text_is_larger(browser: Browser) -> None:
    heights = []
    for percent in (100, 200):
        screen = Screen(text_percent=percent)
        async with served() as address, browsing(browser, address, screen=screen) as page:
            await page.goto("/fine")
            box = await page.locator("p").bounding_box()
            assert box is not None
            heights.append(box["height"])

    assert heights[1] > 1.5 * heights[0]
