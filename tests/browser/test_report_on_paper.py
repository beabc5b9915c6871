"""The auditor's pages as they are printed, in real Chromium."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from federation.members.reader import OPERATOR
from federation.web import look
from tests.browser.chromium import Screen
from tests.browser.test_flow_pages import ADDRESSES, umbrella
from tests.browser.visits import picture, visiting
from tests.federation.web.umbrella_house import GROUPS, Umbrella

__all__ = ["umbrella"]

ON_SCREEN_ONLY = (".menu", ".foot", "main .back", "main .actions", "main a[download]")
A4_WIDTH_PX, A4_HEIGHT_PX = 794, 1123
PRINTED_WIDTH_PX = 680
"""What the margins leave of it."""


async def test_a_report_stands_on_paper_whole_and_without_what_only_a_screen_can_do(
    umbrella: Umbrella, browser: Browser
) -> None:
    async with visiting(browser, umbrella, "004") as page:
        await page.goto("/flows/reports/2026-Q2")
        whose = page.locator("main .onlyprint")
        await expect(whose).to_be_hidden()
        for there in ON_SCREEN_ONLY:
            assert await page.locator(f"{there}:visible").count() > 0, there
        cells = page.locator("main td:visible, main tbody th:visible")
        before = await cells.all_inner_texts()

        await page.emulate_media(media="print")
        await page.set_viewport_size({"width": A4_WIDTH_PX, "height": A4_HEIGHT_PX})

        await expect(whose).to_have_text("LETS Vlaanderen")
        await expect(whose).to_be_visible()
        for away in ON_SCREEN_ONLY:
            assert await page.locator(f"{away}:visible").count() == 0, away
        assert await cells.all_inner_texts() == before
        for name, _ in GROUPS.values():
            assert await page.locator(f"main th:visible:has-text('{name}')").count() > 0
        assert await page.locator("main thead:visible").count() == 3
        assert await page.locator("main pre:visible").count() == 2
        assert await page.evaluate("() => document.documentElement.scrollWidth") <= A4_WIDTH_PX
        await picture(page, "report-on-paper")


_FAINT = """
() => {
  const shine = colour => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(one => one / 255)
      .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const written = e => [...e.childNodes].some(one => one.nodeType === 3 && one.data.trim());
  return [...document.querySelectorAll("body *")]
    .filter(e => e.checkVisibility() && !e.closest("svg") && written(e))
    .filter(e => 1.05 / (shine(getComputedStyle(e).color) + 0.05) < 4.5)
    .map(e => e.outerHTML.slice(0, 90));
}
"""

_MARKS = """
() => document.querySelector("main").insertAdjacentHTML("beforeend",
  '<p class="scopes"><a href="/" aria-current="page">a</a></p><span class="row-number">1</span>'
  + '<p class="notice">n</p><p class="error">e</p><p class="state amber">a</p>')
"""
"""What stands on other pages, in a colour or on one."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_letters_can_be_read_on_white_paper_without_what_lies_behind_them(
    umbrella: Umbrella, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    """Printers leave out backgrounds, and print what somebody sees in the dark as well."""
    await look.choose(umbrella.node, OPERATOR, "#ffee00", logo=None)
    async with visiting(browser, umbrella, "004", Screen(scheme=scheme)) as page:
        for path in ADDRESSES:
            await page.goto(path)
            await page.evaluate(_MARKS)
            await page.emulate_media(media="print")
            await page.set_viewport_size({"width": PRINTED_WIDTH_PX, "height": A4_HEIGHT_PX})

            assert await page.evaluate(_FAINT) == [], path
            assert await page.locator(".sankey.narrow:visible").count() == 0
