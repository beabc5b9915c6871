"""An auditor's report as it is printed, in real Chromium."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.browser.test_flow_pages import umbrella
from tests.browser.visits import picture, visiting
from tests.federation.web.umbrella_house import GROUPS, Umbrella

__all__ = ["umbrella"]

ON_SCREEN_ONLY = (".menu", ".foot", "main .back", "main .actions", "main a[download]")
A4_WIDTH_PX, A4_HEIGHT_PX = 794, 1123


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
