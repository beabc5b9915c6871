"""From the login mail to the thank-you, between two groups, each a process of its own.

The way of the glossary's six steps, with a finger or the keyboard, with scripts and without, on
every width, with large letters; the partner's process is killed before the booking and starts
later. Every page on the way is looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.chromium import DESKTOP, PHONE, PHONE_SMALL, Screen, browsing
from tests.browser.hands import Hands
from tests.browser.process_world import MARC, Person, Processes, make_processes, open_mail, somebody
from tests.browser.visits import faults
from tests.conftest import folder_for_servers

TAPS_MAX = 7
"""From the search page to booked, each tap, field and sending key; the other answers in between.

    the field, (Enter,) the offer, "Ik heb interesse", (the field,) "Verstuur"
    the button in the mail that brings her back, "Ja, boek dit"

One of those between brackets: Enter without scripts, a message with them.
"""
WORDS = "Mijn ketting is stuk. Kan het zaterdag?"
WAIT_MS = 30_000


class Way(NamedTuple):
    """How somebody goes; with `engine` every page is looked at for who would be kept out."""

    screen: Screen
    keys: bool = False
    engine: bool = False

    def hands(self, page: Page) -> Hands:
        """Give what somebody who goes this way uses a page with."""
        return Hands(page, keys=self.keys, scripts=self.screen.scripts, engine=self.engine)


WAYS = {
    **{
        f"{width}-{'scripts' if scripts else 'plain'}": Way(Screen(width, scripts=scripts))
        for width in (PHONE_SMALL, PHONE, DESKTOP)
        for scripts in (True, False)
    },
    "keyboard": Way(Screen(DESKTOP, scheme="dark"), keys=True, engine=True),
    "keyboard-plain": Way(Screen(PHONE, scripts=False), keys=True),
    "large-letters": Way(Screen(PHONE_SMALL, text_percent=200), engine=True),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[Processes]:
    with folder_for_servers() as folder:
        made = await make_processes(folder, len(WAYS))
        yield made
        await made.close()


async def seen(hands: Hands, words: str = "") -> None:
    """Wait for some words, and see that nothing is wrong with the page."""
    if words:
        await hands.page.get_by_text(words).first.wait_for(timeout=WAIT_MS)
    assert await faults(hands.page, engine=hands.engine) == []


async def let_in(hands: Hands, world: Processes, one: Person) -> None:
    """Ask for a mail, read it, press its button."""
    page = hands.page
    await page.goto("/")
    await seen(hands)
    await hands.press("Aanmelden")
    await seen(hands)
    await hands.write("Je mailadres", one.mail)
    await hands.enter()
    await seen(hands, "Kijk in je mailbox")
    await open_mail(page, world, one, "je code voor")
    await seen(hands)
    await hands.go(page.get_by_role("link", name="Aanmelden").last)
    await seen(hands)
    await hands.press("Aanmelden op dit toestel")
    await seen(hands, f"Dag {one.name}")


async def find_and_ask(hands: Hands) -> None:
    """Steps 1 and 2, and the first word of step 3.

    Without scripts the search takes the key that sends; whoever is there says no more than the
    amount that stands there.
    """
    page = hands.page
    await hands.press("Vraag en aanbod")
    hands.taps = 0
    await hands.write("Wat zoek je?", "fietsen herstelen")
    if hands.scripts:
        await page.wait_for_url("**q=fietsen**")
    else:
        await hands.enter()
    await seen(hands, "Fiets herstellen")
    await hands.press("Fiets herstellen")
    await seen(hands, "± 8 pollekes")
    await hands.press("Ik heb interesse")
    await seen(hands, "Dit kun je nu met elkaar boeken.")
    if hands.scripts:
        await hands.write("Je bericht aan Marc", WORDS)
    await hands.press("Verstuur")
    await seen(hands, "Er is nog niets geboekt.")


async def say_yes(browser: Browser, world: Processes, way: Way) -> None:
    """Step 3 on the other side: Marc answers from his mail, without signing in."""
    url = world.url(MARC.group)
    async with browsing(browser, url, screen=way.screen) as page:
        hands = way.hands(page)
        await open_mail(page, world, MARC, "stelt iets voor")
        await seen(hands, WORDS if hands.scripts else "stelt voor")
        await hands.go(page.get_by_role("link", name="Ja", exact=True))
        await seen(hands)
        await hands.press("Ja")
        await seen(hands, "Dat is gebeurd.")


async def until_said(page: Page, words: str) -> None:
    """Look again until the page says so."""
    async with asyncio.timeout(WAIT_MS / 1000):
        while not await page.get_by_text(words).count():
            await page.reload()


@pytest.mark.parametrize(("number", "way"), [*enumerate(WAYS.values())], ids=WAYS)
async def test_from_the_login_mail_to_the_thank_you(
    browser: Browser, world: Processes, number: int, way: Way
) -> None:
    an = somebody(number)
    partner = world.groups[MARC.group]
    async with browsing(browser, world.url(an.group), screen=way.screen) as page:
        hands = way.hands(page)
        await let_in(hands, world, an)

        await find_and_ask(hands)
        thread = page.url
        await say_yes(browser, world, way)
        await partner.kill()

        await open_mail(page, world, an, "is akkoord")
        await seen(hands, "Is het gedaan?")
        await hands.press("Ik kreeg deze hulp")
        await seen(hands, "Je saldo wordt")
        assert await page.get_by_text("Marc Claes krijgt 6 blommekes").count()
        await hands.press("Ja, boek dit")
        await seen(hands, "We wachten op LETS Leuven.")
        assert hands.taps == TAPS_MAX

        await partner.start()
        if way.screen.scripts:
            await page.get_by_text("Marc Claes ziet dit ook.").wait_for(timeout=WAIT_MS)
        else:
            await until_said(page, "Marc Claes ziet dit ook.")
        await page.reload()
        await seen(hands)
        await hands.write("Een vriendelijk woord", "Ze rijdt weer als nieuw!")
        await hands.press("Dank je wel")
        await seen(hands, "Ze rijdt weer als nieuw!")
        await page.goto(thread)
        await seen(hands, "Dit is geboekt.")
        assert await page.get_by_text(MARC.phone).count()
        await turned_back(browser, world, way, page, hands)


async def turned_back(
    browser: Browser, world: Processes, way: Way, page: Page, hands: Hands
) -> None:
    """Step 6: Marc gives back what came in, so the next one begins at nought."""
    await hands.press("Bekijk de ruil")
    await hands.press("Dit klopt niet")
    await seen(hands)
    await hands.press("Vraag om het terug te draaien")
    await seen(hands, "We wachten tot Marc Claes zegt of dit klopt.")
    async with browsing(browser, world.url(MARC.group), screen=way.screen) as his:
        await open_mail(his, world, MARC, "terug te draaien")
        marc = way.hands(his)
        await marc.go(his.get_by_role("link", name="Ja, boek het"))
        await seen(marc)
        await marc.press("Ja, boek het")
        await seen(marc, "Dat is gebeurd.")
    await until_said(page, "ziet dit ook.")
