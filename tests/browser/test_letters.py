"""Every kind of mail in real Chromium, in every language: for the engine, on every screen."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser

from schemas.texts.words import Language
from tests.browser.chromium import PHONE_SMALL, Screen, browsing
from tests.browser.visits import looked_at
from tests.federation.mail.letters import DESK, LETTERS, to


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", Language)
async def test_no_mail_keeps_anybody_out(
    browser: Browser, language: Language, scheme: Literal["light", "dark"]
) -> None:
    wrong = []
    screen = Screen(PHONE_SMALL, scheme=scheme)
    async with browsing(browser, DESK.url, screen=screen) as page:
        for name, write in LETTERS.items():
            await page.set_content(write(to(language)).html)
            assert await page.get_attribute("html", "lang") == language
            found = await looked_at(page, f"{language}-mail-{name}-{scheme}")
            wrong += [f"{name}: {one}" for one in found]

    assert wrong == []
