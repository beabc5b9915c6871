"""Agreeing, booking and thanking in real Chromium: every width, keyboard, no script.

Two groups over real sockets; the partner's node is stopped between and started later.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from federation.members import feed_serving
from tests.browser.chromium import DESKTOP, PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, visiting
from tests.federation.web.two_groups import Two, linked
from tests.federation.world.conftest import WAIT_S, World


@pytest_asyncio.fixture(loop_scope="session")
async def two(
    tmp_path: Path,
    another_database: Callable[[], tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Two]:
    """Give two groups on the loop of the browser."""
    monkeypatch.setattr(feed_serving, "REST", 0)
    world = World(tmp_path, another_database)
    async with linked(world) as made:
        yield made
    await world.close()


async def pressed(page: Page, words: str) -> None:
    """Press a button or follow a link, and wait for the page behind it."""
    target = page.get_by_role("button", name=words, exact=True)
    if not await target.count():
        target = page.get_by_role("link", name=words, exact=True)
    async with page.expect_navigation():
        await target.first.click()


async def says(page: Page, words: str) -> None:
    await page.get_by_text(words).first.wait_for(timeout=WAIT_S * 1000)


async def looked_at(page: Page, *, scripts: bool = True) -> None:
    """See that a page fits, can be tapped, and keeps nobody out."""
    assert await faults(page, engine=scripts) == []


@pytest.mark.parametrize(
    ("width", "scripts"),
    [(PHONE_SMALL, True), (PHONE, True), (DESKTOP, True), (PHONE, False)],
)
async def test_six_steps_between_two_groups_while_one_is_away(
    browser: Browser, two: Two, width: int, scripts: bool
) -> None:
    offer, node = await two.offer(), two.there.node.id
    screen = Screen(width=width, scripts=scripts)
    async with visiting(browser, two.here, "001", screen) as an:
        await an.goto(f"/threads/new?node={node}&offer={offer}")
        await looked_at(an, scripts=scripts)
        await an.get_by_label("Je bericht aan Marc").fill("Kan het zaterdag?")
        await pressed(an, "Verstuur")
        await looked_at(an, scripts=scripts)
        thread = an.url.partition("?")[0].rpartition("/")[2]
        await two.met()

        async with visiting(browser, two.there, "002", screen) as marc:
            await marc.goto("/home")
            await looked_at(marc, scripts=scripts)
            await marc.get_by_text("Er is een voorstel. Wat zeg je?").click()
            await says(marc, "An Peeters stelt voor:")
            await looked_at(marc, scripts=scripts)
            await pressed(marc, "Ja")
            await looked_at(marc, scripts=scripts)
        await two.met()
        await two.there.group.stop()

        await an.goto(f"/threads/{thread}")
        await says(an, "016 22 3002")
        await pressed(an, "Ik kreeg deze hulp")
        await says(an, "Je saldo wordt -8")
        await looked_at(an, scripts=scripts)
        await pressed(an, "Ja, boek dit")
        await says(an, "Je pollekes staan apart.")
        await looked_at(an, scripts=scripts)
        path = an.url.rpartition("/")[2].partition("?")[0]

        await two.restarted()
        await two.settled(path)
        if scripts:
            await says(an, "Marc Claes ziet dit ook.")  # by itself
            await an.reload()
        else:
            await pressed(an, "Kijk opnieuw")
            await says(an, "Marc Claes ziet dit ook.")
        await looked_at(an, scripts=scripts)
        await an.get_by_label("Een vriendelijk woord").fill("Hij rijdt weer!")
        await pressed(an, "Dank je wel")
        await says(an, "Hij rijdt weer!")
        await pressed(an, "Dit klopt niet")
        await looked_at(an, scripts=scripts)
        await pressed(an, "Vraag om het terug te draaien")
        await says(an, "We wachten tot Marc Claes zegt of dit klopt.")
        await looked_at(an, scripts=scripts)


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_person_is_found_by_a_part_of_the_name(
    browser: Browser, two: Two, scripts: bool
) -> None:
    await two.offer()
    async with visiting(browser, two.here, "001", Screen(scripts=scripts)) as an:
        await an.goto("/give")
        await looked_at(an, scripts=scripts)

        await an.get_by_role("searchbox").fill("mar")
        if not scripts:
            await pressed(an, "Zoek")
        await an.get_by_role("link", name="Marc LETS Leuven").click()
        await an.get_by_label("Hoeveel pollekes?").fill("8")
        await looked_at(an, scripts=scripts)
        await pressed(an, "Verder")

        await says(an, "Marc krijgt 6")
        await looked_at(an, scripts=scripts)


async def test_back_after_booking_books_nothing_more(browser: Browser, two: Two) -> None:
    async with visiting(browser, two.here, "001") as an:
        await an.goto("/give?to=002")
        await an.get_by_label("Hoeveel pollekes?").fill("8")
        await pressed(an, "Verder")
        await pressed(an, "Ja, boek dit")
        first = an.url
        await an.go_back()
        await says(an, "Klopt dit?")
        await pressed(an, "Ja, boek dit")

        assert an.url == f"{first}?done=booked-once"
        await an.go_back()
        await an.reload()
        await an.get_by_role("button", name="Ja, boek dit").dblclick()
        await an.wait_for_url("**/trades/*")
        assert an.url.startswith(first)
        assert two.here.node.machine.books.ledger.balance(two.here.account("001")) == -8


async def test_the_keyboard_alone_books_and_thanks(browser: Browser, two: Two) -> None:
    async with visiting(browser, two.here, "001") as an:
        await an.goto("/give?to=002")
        await reach(an, "#amount")
        await an.keyboard.type("8")
        async with an.expect_navigation():
            await an.keyboard.press("Enter")
        await reach(an, "main form button")
        async with an.expect_navigation():
            await an.keyboard.press("Enter")
        await says(an, "Bert Bold ziet dit ook.")
        await reach(an, "#text")
        await an.keyboard.type("Dank je!")
        await reach(an, "#public")
        await an.keyboard.press("Space")
        async with an.expect_navigation():
            await an.keyboard.press("Enter")

        await says(an, "iedereen in de groep leest dit")


async def reach(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    pytest.fail(f"no Tab leads to {selector}")
