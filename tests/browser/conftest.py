"""Tests in a real browser share one loop, one Chromium and the node processes that they look at."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.chromium import PROGRAM, find_chromium, launch
from tests.federation.web.conftest import House, make_house
from tests.federation.world.conftest import World

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of this folder on one loop: a browser belongs to the loop that started it."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Give the browser; without it these tests are left out, and fail where CI is `true`."""
    found = find_chromium()
    if found is not None:
        return found
    reason = f"no Chromium; install Debian's package chromium, or set {PROGRAM}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    """Give one running Chromium."""
    async with async_playwright() as playwright:
        started = await launch(playwright, chromium)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def house(
    tmp_path: Path, another_database: Callable[[], tuple[str, str]]
) -> AsyncIterator[House]:
    """Give a group with five members, on the loop of the browser."""
    world = World(tmp_path / "world", another_database)
    made = await make_house(world)
    yield made
    await made.close()
    await world.close()
