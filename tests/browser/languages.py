"""Every language in which people read, one of them in the dark: for what the engine looks at."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Page

from tests.browser.visits import looked_at

Scheme = Literal["light", "dark"]
EVERY = pytest.mark.parametrize(
    ("language", "scheme"), [("nl-BE", "light"), ("fr-BE", "dark"), ("en-GB", "light")]
)


async def seen(page: Page, language: str, name: str) -> list[str]:
    """Say what is wrong with a page that is in this language."""
    assert await page.get_attribute("html", "lang") == language[:2], page.url
    return await looked_at(page, f"{language[:2]}-{name}")
