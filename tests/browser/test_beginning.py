"""The first coordinator comes in by the printed link and sees what to do, in each language."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser

from federation.setup.filling import fill
from federation.web.beginning import PAPER
from federation.words.texts import texts
from schemas.texts.words import Language
from tests.browser.chromium import PHONE, Screen, browsing
from tests.browser.visits import faults
from tests.federation.setup.test_answers import MADE
from tests.federation.world.conftest import World

LOCALES = {Language.NL: "nl-BE", Language.FR: "fr-BE", Language.EN: "en-GB"}


@pytest_asyncio.fixture(loop_scope="session")
async def new_world(
    tmp_path: Path, another_database: Callable[[], tuple[str, str]]
) -> AsyncIterator[World]:
    """Give a world on the loop of the browser."""
    made = World(tmp_path / "world", another_database)
    yield made
    await made.close()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("width", [PHONE, 1280])
async def test_the_first_coordinator_begins(
    new_world: World, browser: Browser, language: Language, width: int
) -> None:
    group = await new_world.make("alfa", 20)
    await fill(group.node, replace(MADE, language=language))
    link = (await group.ask("member.link", code="kern"))["link"]
    say = texts(language).say
    screen = Screen(width, language=LOCALES[language])

    async with browsing(browser, group.node.settings.public_url, screen=screen) as page:
        await page.goto(link)
        await page.get_by_role("button", name=say("Aanmelden op dit toestel")).click()
        await page.get_by_role("heading", name=say("Begin hier")).wait_for()
        assert await page.get_by_text(say(PAPER.how)).count() == 1
        assert await faults(page, engine=True) == []
        await page.get_by_role("link", name=say("Over %(group)s", group=MADE.name)).click()
        assert await faults(page, engine=True) == []
