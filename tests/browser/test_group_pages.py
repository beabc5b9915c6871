"""The group's pages in real Chromium: widths, large letters, every language, with and without."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import PHONE, Screen
from tests.browser.group_world import activity
from tests.browser.visits import faults, sign_in, visiting
from tests.federation.web.conftest import House


@pytest.mark.parametrize("scripts", [True, False])
async def test_joining_and_sharing_units_goes_by_hand(
    house: House, browser: Browser, scripts: bool
) -> None:
    made = await activity(house, "002", "005")
    screen = Screen(PHONE, scripts=scripts)
    async with visiting(browser, house, "003", screen) as page:
        await page.goto(f"/activities/{made.activity}")
        await page.get_by_role("button", name="Ik kom mee").click()
        await page.get_by_text("Fijn, je komt mee.").wait_for()
        await page.context.clear_cookies()
        await sign_in(page, house, "001")
        await page.goto(f"/activities/{made.activity}")
        await page.get_by_role("link", name="Waardeer wie hielp").click()
        await page.get_by_label("Cora Coördinator").uncheck()
        await page.get_by_label("Hoeveel units samen?").fill("9")
        await page.get_by_role("button", name="Verder").click()
        await page.get_by_text("Je saldo wordt -9 units").wait_for()
        wrong = await faults(page, engine=scripts)
        await page.get_by_role("button", name="Boeken").click()
        await page.get_by_text("Geboekt. Wie hielp, heeft de eenheden.").wait_for()
        await page.go_back()
        await page.get_by_role("button", name="Boeken").click()
        await page.get_by_text("Geboekt. Wie hielp, heeft de eenheden.").wait_for()

    assert wrong == []
    ledger = house.node.machine.books.ledger
    assert [ledger.balance(house.account(code)) for code in ("001", "002", "003", "005")] == [
        -9,
        5,
        0,
        4,
    ]


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_document_is_written_and_saved_and_all_data_too(
    house: House, browser: Browser, tmp_path: Path, scripts: bool
) -> None:
    report = tmp_path / "verslag mei.txt"
    report.write_text("Wat we zeiden.", "utf-8")
    screen = Screen(PHONE, scripts=scripts)
    async with visiting(browser, house, "003", screen) as page:
        await page.goto("/documents/new")
        await page.get_by_label("Titel", exact=True).fill("Verslag van mei")
        await page.get_by_label("Bestand").set_input_files(report)
        await page.get_by_role("button", name="Bewaren").click()
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="verslag mei.txt").click()
        saved = await waiting.value
        assert saved.suggested_filename == "verslag mei.txt"
        assert (await saved.path()).read_text("utf-8") == "Wat we zeiden."
        await page.goto("/me/data")
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="Mijn gegevens ophalen").click()
        saved = await waiting.value
        assert saved.suggested_filename == "mijn-gegevens-003.zip"
        with zipfile.ZipFile(await saved.path()) as found:
            assert "mijn-gegevens/rekening.csv" in found.namelist()


async def test_a_helper_is_chosen_with_the_keyboard_alone(house: House, browser: Browser) -> None:
    async with visiting(browser, house, "001") as page:
        await page.goto("/me/helpers")
        await page.get_by_label("Naam of letscode").focus()
        await page.keyboard.type("bert")
        await page.keyboard.press("Enter")
        row = page.get_by_role("button", name="mag mij helpen")
        await row.wait_for()
        await row.focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("Dat is geregeld.").wait_for()
        assert await page.get_by_role("button", name="Niet meer Bert").count() == 1
