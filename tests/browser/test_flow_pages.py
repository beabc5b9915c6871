"""The auditor's pages: for the engine in three languages, on four screens, also without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from federation.node.settings import PublishingSettings
from federation.web.app import UMBRELLA_MODULES
from federation.web.pages import flows
from tests.browser.chromium import HEIGHT, PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, visiting
from tests.federation.umbrella.made_logs import HOUR
from tests.federation.web.umbrella_house import MAY_S, REFUSED, A, Umbrella, fill, make_umbrella
from tests.federation.world.conftest import World

WIDTHS = (PHONE_SMALL, PHONE, 820, 1400)
ADDRESSES = (
    "/flows?period=all",
    "/flows/groups?period=all",
    f"/flows/groups/{A}",
    "/flows/lines",
    "/flows/logs",
    "/flows/logs/findings",
    f"/flows/logs/findings/{REFUSED.id().hex()}",
    "/flows/reports",
    "/flows/reports/2026-Q2",
    "/figures?period=2026-Q2",
    "/me",
)
ELSEWHERE = {
    "/",
    "/flows/logs/findings/{finding}/{proof}",
    "/flows/reports/{period}/{file}",
    "/mailbox",
    "/mailbox/{mail}",
}
"""The front door is looked at by a stranger below; the rest is no page, or of the mail room."""


@pytest_asyncio.fixture(loop_scope="session")
async def umbrella(
    tmp_path: Path, another_database: Callable[[], tuple[str, str]]
) -> AsyncIterator[Umbrella]:
    """Give an umbrella over four groups, on the loop of the browser; its figures are public."""
    world = World(tmp_path / "world", another_database)
    made = await make_umbrella(world)
    await fill(made)
    made.node.settings = msgspec.structs.replace(
        made.node.settings, publishing=PublishingSettings(pairs="public")
    )
    yield made
    await made.close()
    await world.close()


async def test_every_address_of_auditors_is_looked_at() -> None:
    paths = {
        page.path
        for module in UMBRELLA_MODULES
        for page in module.pages.all
        if page.method == "GET" and not page.path.startswith(("/login", "/me/", "/mailbox"))
    }
    looked_at = {path.partition("?")[0] for path in ADDRESSES}
    named = {
        path.replace("{group}", A)
        .replace("{period}", "2026-Q2")
        .replace("{finding}", REFUSED.id().hex())
        for path in paths - ELSEWHERE
    }

    assert looked_at == named


async def fits(page: Page, path: str) -> list[str]:
    """Say what is wrong with a page on any screen; the engine looks at the smallest and widest."""
    response = await page.goto(path)
    assert response is not None
    assert response.ok, path
    await page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")
    wrong = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        wrong += await faults(page, engine=width in (WIDTHS[0], WIDTHS[-1]))
    return wrong


@pytest.mark.parametrize(
    ("language", "scheme"), [("nl-BE", "light"), ("fr-BE", "dark"), ("en-GB", "light")]
)
async def test_no_page_of_auditors_keeps_anybody_out(
    umbrella: Umbrella, browser: Browser, language: str, scheme: Literal["light", "dark"]
) -> None:
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    wrong = []
    async with visiting(browser, umbrella, screen=screen) as page:
        wrong += await fits(page, "/")
        wrong += await fits(page, "/figures?period=2026-Q2")
    async with visiting(browser, umbrella, "004", screen) as page:
        for path in ADDRESSES:
            wrong += await fits(page, path)
            assert await page.get_attribute("html", "lang") == language[:2]

    assert wrong == []


async def test_letters_twice_as_large_fit(umbrella: Umbrella, browser: Browser) -> None:
    wrong = []
    async with visiting(browser, umbrella, "004", Screen(PHONE_SMALL, text_percent=200)) as page:
        for path in ADDRESSES:
            await page.goto(path)
            wrong += await faults(page)

    assert wrong == []


async def test_without_scripts_a_period_is_chosen_and_its_table_read(
    umbrella: Umbrella, browser: Browser
) -> None:
    async with visiting(browser, umbrella, "004", Screen(scripts=False)) as page:
        await page.goto("/flows")
        await page.select_option("#period", "q20544")
        await page.click("main button")

        assert "period=q20544" in page.url
        assert await page.locator("main tbody tr").count() == 12
        await page.click("main tbody tr >> nth=0 >> a >> nth=0")
        assert "/flows/groups/" in page.url


async def test_an_open_page_shows_what_has_come_in(
    umbrella: Umbrella, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows, "LOOK_AGAIN_S", 1)
    async with visiting(browser, umbrella, "004") as page:
        await page.goto("/flows?period=all")
        assert "135" in await page.locator(".big").inner_text()

        await umbrella.trade(trades=1, units=1_000 * HOUR, at_s=MAY_S)

        await page.locator(".big", has_text="1\N{NO-BREAK SPACE}135").wait_for()
