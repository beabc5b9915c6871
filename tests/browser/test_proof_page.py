"""The way to the proof of a booking, with and without scripts: two taps, and a file that holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from projections.receipt import check_receipt
from tests.browser.chromium import DESKTOP, PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, visiting
from tests.federation.web.conftest import House
from tests.federation.web.test_proof_pages import covered
from tests.federation.web.test_statement import pay
from tests.federation.world.test_booking_proof import policy_of


@pytest.mark.parametrize(
    ("width", "scripts", "language", "words"),
    [
        (PHONE_SMALL, True, "nl-BE", ("Bewijs", "Bewijs ophalen")),
        (PHONE, False, "nl-BE", ("Bewijs", "Bewijs ophalen")),
        (PHONE, True, "fr-BE", ("Preuve", "Télécharger la preuve")),
        (DESKTOP, True, "en-GB", ("Proof", "Get the proof")),
    ],
)
async def test_a_member_takes_the_proof_along(
    house: House,
    browser: Browser,
    width: int,
    scripts: bool,
    language: str,
    words: tuple[str, str],
) -> None:
    await pay(house, "001", "002", 5, "taart")
    await covered(house)
    screen = Screen(width, scripts=scripts, language=language)
    async with visiting(browser, house, "001", screen) as page:
        await page.goto("/statement")
        assert await faults(page, engine=scripts) == []
        await page.get_by_role("link", name=words[0], exact=True).click()
        await page.wait_for_url("**/proof")
        assert await faults(page, engine=scripts) == []
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name=words[1]).click()
        saved = await waiting.value
        file = Path(await saved.path()).read_bytes()

    assert saved.suggested_filename.endswith(".tlog-proof")
    assert check_receipt(file, policy_of(house.group)).description == "taart"
