"""A group moves in, in real Chromium: by hand, with and without scripts, in three languages."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from federation.web.place import LoginMail
from tests.browser.chromium import PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, visiting
from tests.federation.web.conftest import House
from tests.federation.web.test_mail_pages import keep_mails

ODD = {
    "leden.csv": "lidnummer;naam;status;saldo\n101;Els;actief;-5\n1;Bart;vreemd;6\n101;Nog;weg;0\n",
    "boekingen.csv": "datum;van;aan;bedrag\n31/02/2024;101;1;5\n1/2/2024;101;999;5\n",
}
WORDS = {
    "nl-BE": ("Brengen en nakijken", "Opnieuw nakijken", "Alles overnemen", "Jullie zijn verhuisd"),
    "fr-BE": ("Apporter et vérifier", "Vérifier à nouveau", "Tout reprendre", "Vous avez déménagé"),
    "en-GB": ("Bring and check", "Check again", "Take everything over", "You have moved in"),
}


def written(folder: Path, files: dict[str, bytes]) -> list[Path]:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


async def still(page: Page) -> None:
    """Wait until nothing is at work: the page looks again by itself."""
    await page.locator("#state:not([hx-get])").wait_for()


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_template_is_downloaded_and_taken_over_by_hand(
    house: House, browser: Browser, tmp_path: Path, scripts: bool
) -> None:
    async with visiting(browser, house, "003", Screen(PHONE, scripts=scripts)) as page:
        await page.goto("/group")
        await page.get_by_role("link", name="Met de groep verhuizen").click()
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="Nederlands").click()
        with zipfile.ZipFile(await (await waiting.value).path()) as archive:
            archive.extractall(tmp_path)
        await page.get_by_label("Bestand van jullie vorige systeem").set_input_files(
            sorted(tmp_path.glob("*.csv"))
        )
        await page.get_by_role("button", name="Brengen en nakijken").click()
        await page.get_by_role("button", name="Alles overnemen").click()
        await page.get_by_text("Jullie zijn verhuisd").wait_for()
        await page.get_by_text("Er kwamen 2 rekeningen bij, 1 boeking").wait_for()
        assert await page.locator("a.button", has_text="Leden uitnodigen").count() == 1

    ledger = house.node.machine.books.ledger
    assert [ledger.balance(ledger.codes[code]) for code in ("l001", "l002")] == [-5, 5]


@pytest.mark.parametrize("language", WORDS)
async def test_each_step_keeps_nobody_out_in_any_language(
    house: House, browser: Browser, tmp_path: Path, language: str
) -> None:
    bring, again, take, moved = WORDS[language]
    odd = written(tmp_path, {name: text.encode() for name, text in ODD.items()})
    screen = Screen(PHONE_SMALL, language=language)
    wrong: list[str] = []
    async with visiting(browser, house, "003", screen) as page:
        await page.goto("/group/import")
        wrong += await faults(page, engine=True)
        await page.locator("input[type=file]").set_input_files(odd)
        await page.get_by_role("button", name=bring).click()
        await still(page)
        await page.get_by_role("alert").wait_for()
        wrong += await faults(page, engine=True)
        await page.locator("input[name=book]").check()
        await page.get_by_role("button", name=again).click()
        await still(page)
        await page.get_by_role("button", name=take).wait_for()
        wrong += await faults(page, engine=True)
        await page.get_by_role("button", name=take).click()
        await still(page)
        await page.get_by_text(moved).wait_for()
        wrong += await faults(page, engine=True)

    assert wrong == []


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_wave_is_sent_by_hand(house: House, browser: Browser, scripts: bool) -> None:
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    async with visiting(browser, house, "003", Screen(PHONE, scripts=scripts)) as page:
        await page.goto("/group/import")
        await page.get_by_role("link", name="Leden uitnodigen").click()
        await page.get_by_label("Naam van deze ronde").fill("Kerngroep eerst")
        await page.get_by_label("An Peeters").check()
        await page.get_by_role("button", name="Mail sturen").click()
        await page.get_by_text("Verstuurd.").wait_for()
        await page.get_by_text("0 van 1 lid meldde zich al aan").wait_for()
        wrong = await faults(page, engine=scripts)

    assert wrong == []
