"""What counts as crowded on a page, tried on pages made for it; and what one page lines up.

`faults` looks for it on every page that any test of this folder looks at.
"""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import DESKTOP, HEIGHT, PHONE, PHONE_SMALL, Screen
from tests.browser.layout import crowded
from tests.browser.visits import visiting
from tests.federation.web.conftest import House
from tests.federation.web.test_trade_pages import given

SENTENCE = "Je geeft Marc acht pollekes, en daarna wordt je saldo min twaalf."

BUTTON = "<button class='button' style='display: block'>Ja</button>"

TABLE = f"<table><tr><td style='padding: 1rem'>{SENTENCE}</td></tr></table>"


def page_of(inner: str) -> str:
    return f"<main style='width: 60rem; font: 16px/1.5 sans-serif'>{inner}</main>"


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        (f"<p>{SENTENCE}</p>", ""),
        (f"<div style='width: 5rem'><p>{SENTENCE}</p></div>", "narrow"),
        (f"<div style='width: 5rem'><p>{SENTENCE[:16]}</p></div>", ""),
        (f"<div style='width: 9rem'><p style='white-space: nowrap'>{SENTENCE}</p></div>", "spills"),
        (f"<div style='width: 9rem; overflow-x: auto'><pre>{SENTENCE}</pre></div>", ""),
        (f"<p>{SENTENCE}</p><p style='margin-top: -2.2rem'>{SENTENCE}</p>", "over each other"),
        (f"<p>{SENTENCE} <b>{SENTENCE}</b></p>", ""),
        (f"{BUTTON}<p style='margin: 0'>{SENTENCE}</p>", "close to a button"),
        (f"<p style='margin: 0'>{SENTENCE}</p>{BUTTON}", "close to a button"),
        (f"{BUTTON}<p style='margin: 1rem 0'>{SENTENCE}</p>{BUTTON}", ""),
        (f"{TABLE}<p style='margin: 0'>{SENTENCE}</p>", "close to a table"),
        (f"{TABLE}{BUTTON}", "close to a table"),
        (f"{TABLE}<p style='margin: 1rem 0'>{SENTENCE}</p>", ""),
    ],
)
async def test_what_is_crowded_is_found(browser: Browser, inner: str, found: str) -> None:
    page = await browser.new_page(viewport={"width": DESKTOP, "height": HEIGHT})
    await page.set_content(page_of(inner))

    wrong = await crowded(page)
    await page.close()
    assert [one for one in wrong if not found or found not in one] == []
    assert bool(wrong) == bool(found)


@pytest.mark.parametrize("width", [PHONE_SMALL, PHONE, DESKTOP])
async def test_links_of_a_statement_stand_under_each_other(
    house: House, browser: Browser, width: int
) -> None:
    an = await house.signed_in("001")
    await given(an, description="Fiets hersteld")
    await given(an)
    async with visiting(browser, house, "001") as page:
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        await page.goto("/statement")
        links = await page.get_by_role("link", name="Deze ruil").all()
        boxes = [await link.bounding_box() for link in links]

    assert len(boxes) == 2
    assert len({box["x"] for box in boxes if box is not None}) == 1


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE", "en-GB"])
async def test_the_menu_stands_in_one_line_on_a_phone(
    house: House, browser: Browser, language: str
) -> None:
    lines = {}
    async with visiting(browser, house, "001", Screen(PHONE, language=language)) as page:
        for path in ("/home", "/search", "/members", "/statement", "/me"):
            await page.goto(path)
            for width in (PHONE_SMALL, 360, PHONE):
                await page.set_viewport_size({"width": width, "height": HEIGHT})
                tops = [await one.bounding_box() for one in await page.locator(".menu li").all()]
                lines[path, width] = len({box["y"] for box in tops if box is not None})
            assert await crowded(page) == []

    assert set(lines.values()) == {1}, lines
