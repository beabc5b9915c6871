"""The page of the API in real Chromium: every width, no script needed, nothing in the console."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, Route

from federation.api.openapi import document
from federation.api.page import PAGE_HEADERS, page
from federation.web.look import PLAIN
from federation.web.static_files import read_static_files
from tests.browser.accessibility import findings

SITE = "http://api.example"
URL = SITE + "/api/v1/"
STATIC = read_static_files()
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHOWN = page(document("LETS Voorbeeld"), PLAIN.stylesheet)


async def answer(route: Route) -> None:
    """Answer as the node does, with the same headers."""
    if route.request.url == URL:
        headers = {**PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8"}
        await route.fulfill(body=SHOWN, headers=headers)
        return
    name = route.request.url.rpartition("/")[2]
    if route.request.url == SITE + STATIC.path(name):
        file = STATIC.by_name[name]
        await route.fulfill(
            body=file.content.plain, headers={"Content-Type": file.content.content_type}
        )
    else:
        await route.abort()


async def opened(browser: Browser, width: int, *, script: bool = True) -> tuple[Page, list[str]]:
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=script
    )
    opened_page = await context.new_page()
    said: list[str] = []
    opened_page.on("console", lambda message: said.append(message.text))
    await opened_page.route("**/*", answer)
    await opened_page.goto(URL)
    return opened_page, said


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_the_page_fits_and_is_quiet(browser: Browser, width: int) -> None:
    shown, said = await opened(browser, width)

    wide = await shown.evaluate(TOO_WIDE)
    await shown.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")
    wide_when_open = await shown.evaluate(TOO_WIDE)

    assert (wide, wide_when_open) == (0, 0)
    assert said == []
    await shown.context.close()


async def test_the_accessibility_engine_finds_nothing(browser: Browser) -> None:
    shown, _ = await opened(browser, 390)

    assert await findings(shown) == []
    await shown.context.close()


async def test_what_an_operation_refuses_with_opens_without_a_script(browser: Browser) -> None:
    shown, _ = await opened(browser, 390, script=False)
    told = shown.locator("#transfer details dl")

    before = await told.is_visible()
    await shown.click("#transfer summary")

    assert (before, await told.is_visible()) == (False, True)
    assert "payer_limit" in await told.inner_text()
    await shown.context.close()
