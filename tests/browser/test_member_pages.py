"""The coordinators' pages about members in real Chromium, narrow, wide and in each language."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from federation.members import joining
from federation.members.reader import OPERATOR
from tests.browser.chromium import PHONE, Screen
from tests.browser.visits import faults, picture, visiting
from tests.federation.web.conftest import House
from tests.federation.web.post_help import drawing

PATHS = (
    "/group/members",
    "/group/members/001",
    "/group/members/001/limits",
    "/group/joining",
    "/join",
)
SCREENS = [
    Screen(PHONE, scripts=False),
    Screen(320, text_percent=200),
    Screen(1280, language="fr-BE", scheme="dark"),
    Screen(390, language="en-GB"),
]


@pytest.mark.parametrize("screen", SCREENS)
async def test_pages_about_members_have_no_fault(
    house: House, browser: Browser, screen: Screen
) -> None:
    await joining.set_open(house.node, OPERATOR, is_open=True)
    wrong: list[str] = []
    async with visiting(browser, house, "003", screen) as page:
        for path in PATHS:
            await page.goto(path)
            wrong += await faults(page, engine=screen.scripts)

    assert wrong == []


@pytest.mark.parametrize("screen", SCREENS[:3])
async def test_the_two_yeses_to_a_name_have_no_fault(
    house: House, browser: Browser, screen: Screen
) -> None:
    await house.group.ask("group.share_names", names_shared=True)
    wrong: list[str] = []
    async with visiting(browser, house, "003", screen) as page:
        for path in ("/group/settings", "/me"):
            await page.goto(path)
            wrong += await faults(page, engine=screen.scripts)
        await page.locator("form[action='/me/found'] button").click()
        wrong += await faults(page, engine=screen.scripts)

    assert wrong == []
    assert house.node.machine.books.members.shares_name(house.account("003"))


@pytest.mark.parametrize("screen", SCREENS)
async def test_a_picture_is_chosen_by_hand_and_its_pages_have_no_fault(
    house: House, browser: Browser, tmp_path: Path, screen: Screen
) -> None:
    shot = tmp_path / "foto.jpg"
    shot.write_bytes(drawing(size=(300, 500)))
    wrong: list[str] = []
    async with visiting(browser, house, "001", screen) as page:
        await page.goto("/me")
        await page.click("a[href='/me/picture']")
        wrong += await faults(page, engine=screen.scripts)
        await page.set_input_files("#picture", shot)
        await page.click("form[enctype] button")
        await page.wait_for_url("**/me?done=saved")
        for path in ("/me", "/me/picture", "/members", "/members/001"):
            await page.goto(path)
            await page.wait_for_load_state("networkidle")
            assert await page.locator("img.face").count() == 1
            wrong += await faults(page, engine=screen.scripts)
            await picture(page, f"face-{path.replace('/', '-')}-{screen.width}-{screen.language}")
        await page.goto("/me/picture")
        await page.click("button[name=remove]")
        await page.wait_for_url("**/me?done=saved")
        assert await page.locator("img.face").count() == 0

    assert wrong == []
