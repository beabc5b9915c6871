"""What a first visit costs: bytes over the line without pictures, and nothing from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.visits import visiting
from tests.federation.web.conftest import House
from tests.federation.web.post_help import drawing, put

FIRST_LOAD_MAX = 60_000


async def loaded(page: Page, path: str) -> dict[str, float]:
    """Open a page with an empty cache; gives the packed bytes of each answer, with its head."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    asked: dict[str, str] = {}
    came: dict[str, float] = {}

    def remember(event: Any) -> None:
        asked[event["requestId"]] = event["request"]["url"]

    def count(event: Any) -> None:
        url = asked[event["requestId"]]
        came[url] = came.get(url, 0) + event["encodedDataLength"]

    session.on("Network.requestWillBeSent", remember)
    session.on("Network.loadingFinished", count)
    await page.goto(path, wait_until="networkidle")
    return came


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("", "/"),
        ("", "/login"),
        ("", "/search"),
        ("", "/api/v1/"),
        ("001", "/home"),
        ("001", "/search?q=fiets"),
        ("001", "/statement"),
        ("001", "/give"),
        ("001", "/posts/new"),
        ("001", "/members"),
    ],
)
async def test_a_first_load_is_light(house: House, browser: Browser, code: str, path: str) -> None:
    for number in range(20):
        await put(house.group, "002", f"Fiets herstellen {number}", photos=[drawing()])
    await house.seen()
    async with visiting(browser, house, code) as page:
        came = await loaded(page, path)

    without = {url: size for url, size in came.items() if "/pictures/" not in url}
    assert any(url.endswith(".woff2") for url in without), without
    assert sum(without.values()) < FIRST_LOAD_MAX, without
