"""A phone loses its network: after a tap that books, and while a page asks for what is new.

The browser sends what was tapped and the server does it, but no answer comes back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, Route

from tests.browser.chromium import TIMEOUT_MS, Screen
from tests.browser.visits import faults, visiting
from tests.federation.web.conftest import House
from tests.federation.web.test_trade_pages import asked
from tests.federation.web.two_groups import place, press

AGAIN = "Tik gerust nog eens"
ONCE = "Dit had je al geboekt, en het telt maar één keer."
LOST = "Er is even geen verbinding."
LANGUAGES = {
    "nl-BE": (AGAIN, "Ja, boek dit", ONCE),
    "fr-BE": ("Touche encore une fois", "Oui, comptabilise cela", "et cela ne compte qu'une fois"),
    "en-GB": ("Just tap again", "Yes, book this", "and it counts only once"),
}
NO_ANSWER: frozenset[int | str] = frozenset(
    {500, 503, "net::ERR_", "htmx:", "Response Status Error Code"}
)


async def answer_lost(route: Route) -> None:
    """Let the server do what was sent, and lose its answer."""
    await route.fetch(max_redirects=0)
    await route.abort("connectionfailed")


async def tap_and_lose(page: Page, path: str, words: str) -> None:
    """Tap a button that sends something; it arrives, and nothing comes back."""
    await page.route(path, answer_lost)
    button = page.get_by_role("button", name=words, exact=True)
    async with page.expect_event("requestfailed"):
        await button.click()
    await page.unroute(path)
    await page.wait_for_url("chrome-error://**")


async def go_back(page: Page, where: str) -> None:
    """Go back to the page that was tapped."""
    del where
    await page.go_back()


async def open_again(page: Page, where: str) -> None:
    """Open the page by its address, as a phone does that has closed it meanwhile."""
    await page.goto(where)


async def load_again(page: Page, where: str) -> None:
    """Load what failed again, as the browser's own page proposes: it is sent once more."""
    del where
    await page.reload()


Again = Callable[[Page, str], Awaitable[None]]
WAYS: list[Again] = [go_back, open_again, load_again]
WITHOUT_BACK = WAYS[1:]
"""Where a form is sent to the address of its own page, back leads to the page before that."""


async def tap(page: Page, words: str) -> None:
    await page.get_by_role("button", name=words, exact=True).click()


async def says(page: Page, words: str) -> None:
    await page.get_by_text(words).first.wait_for(timeout=TIMEOUT_MS)


def bookings(house: House, code: str) -> int:
    """Give the balance of who was given 8 units each time."""
    return house.node.machine.books.ledger.balance(house.account(code)) // 8


@pytest.mark.parametrize("again", WAYS)
@pytest.mark.parametrize("address", ["/give?to=002", "/give?to=002&amount=8"])
async def test_a_booking_without_an_answer_is_booked_once(
    house: House,
    browser: Browser,
    address: str,
    again: Again,
) -> None:
    async with visiting(browser, house, "001", refusals=NO_ANSWER) as page:
        await page.goto(address)
        if "amount" not in address:
            await page.get_by_label("Hoeveel units?").fill("8")
            await page.get_by_role("button", name="Verder").click()
        await says(page, AGAIN)
        where = page.url
        await tap_and_lose(page, "**/give", "Ja, boek dit")
        assert bookings(house, "002") == 1

        await again(page, where)
        if again is not load_again:
            await tap(page, "Ja, boek dit")
        await says(page, ONCE)
        assert "/trades/" in page.url
        assert await faults(page, engine=True) == []
        assert bookings(house, "002") == 1


async def test_who_starts_over_from_home_is_asked_before_it_is_booked_again(
    house: House, browser: Browser
) -> None:
    """Nothing but a new form is left then, so nothing but what was booked can tell."""
    async with visiting(browser, house, "001", refusals=NO_ANSWER) as page:
        await page.goto("/give?to=002&amount=8")
        await tap_and_lose(page, "**/give", "Ja, boek dit")
        assert bookings(house, "002") == 1

        await page.goto("/give?to=002&amount=8")
        await says(page, "Nog een keer boeken?")
        assert await faults(page, engine=True) == []
        await page.locator("main").get_by_role("link", name="8 units").click()
        await says(page, "Je gaf")
        assert bookings(house, "002") == 1

        await page.go_back()
        await tap(page, "Ja, boek het nog een keer")
        await says(page, "Je gaf")
        assert bookings(house, "002") == 2


@pytest.mark.parametrize("again", WITHOUT_BACK)
async def test_what_was_agreed_is_booked_once(house: House, browser: Browser, again: Again) -> None:
    number = await place(house, "002", "Gras maaien", 8)
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    new = await an.get(f"/threads/new?post={number}")
    talk = (await press(an, new, text="Kan het zaterdag?")).path.partition("?")[0]
    await press(bert, await bert.get(talk), "yes")
    async with visiting(browser, house, "001", refusals=NO_ANSWER) as page:
        await page.goto(f"{talk}/book")
        await says(page, AGAIN)
        await tap_and_lose(page, f"**{talk}/book", "Ja, boek dit")
        assert bookings(house, "002") == 1

        await again(page, f"{talk}/book")  # leads to what was booked, and shows no button
        await says(page, ONCE)
        assert bookings(house, "002") == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_three_languages_say_what_to_do(
    house: House, browser: Browser, language: str
) -> None:
    again, book, once = LANGUAGES[language]
    screen = Screen(language=language)
    async with visiting(browser, house, "001", screen, refusals=NO_ANSWER) as page:
        await page.goto("/give?to=002&amount=8")
        await says(page, again)
        await tap_and_lose(page, "**/give", book)
        await page.go_back()
        await tap(page, book)
        await says(page, once)

    assert bookings(house, "002") == 1


async def test_a_question_without_an_answer_is_asked_once(house: House, browser: Browser) -> None:
    async with visiting(browser, house, "001", refusals=NO_ANSWER) as page:
        await page.goto("/ask?to=002&amount=8")
        ask = await page.locator("main form button").inner_text()
        await tap_and_lose(page, "**/ask", ask)
        await page.go_back()
        await tap(page, ask)
        await says(page, "Dit had je al gevraagd, en het telt maar één keer.")


@pytest.mark.parametrize("again", WITHOUT_BACK)
async def test_a_yes_without_an_answer_counts_once(
    house: House, browser: Browser, again: Again
) -> None:
    bert = await house.signed_in("002")
    path = (await asked(bert, "001")).path
    async with visiting(browser, house, "001", refusals=NO_ANSWER) as page:
        await page.goto(path)
        await says(page, AGAIN)
        await tap_and_lose(page, f"**{path}", "Ja, boek dit")
        await again(page, path)
        await says(page, "Je gaf")
        assert await page.get_by_role("button", name="Ja, boek dit").count() == 0

    assert bookings(house, "002") == 1


async def no_network(route: Route) -> None:
    await route.abort("internetdisconnected")


async def no_page(route: Route) -> None:
    await route.fulfill(status=500, body="<p>...</p>")


async def not_now(route: Route) -> None:
    await route.fulfill(status=503, body="<p>...</p>")


async def no_answer(route: Route) -> None:
    """Let a request wait for ever."""
    del route


BROKEN = [no_network, no_page, not_now, no_answer]


@pytest.mark.parametrize(
    ("path", "broken"),
    [*(("/search", one) for one in BROKEN), ("/members", no_network), ("/give", not_now)],
)
async def test_a_search_without_an_answer_says_so_and_keeps_what_stood_there(
    house: House, browser: Browser, path: str, broken: Callable[[Route], Awaitable[None]]
) -> None:
    async with visiting(browser, house, "001", refusals=NO_ANSWER) as page:
        await page.goto(path)
        await page.evaluate("() => { htmx.config.timeout = 500 }")
        await page.route("**q=ber**", broken)
        await page.get_by_role("searchbox").fill("ber")
        await says(page, LOST)
        assert await page.locator("#found").count() == 1
        assert await page.locator("[role=status]", has_text=LOST).is_visible()
        assert await faults(page, engine=True) == []

        await page.unroute("**q=ber**")
        await page.get_by_role("searchbox").fill("bert")
        await page.get_by_text(LOST).wait_for(state="detached")


async def test_a_page_that_looks_on_says_when_it_cannot(house: House, browser: Browser) -> None:
    an = await house.signed_in("001")
    path = (await asked(an)).path
    async with visiting(browser, house, "001", refusals=NO_ANSWER) as page:
        await page.goto(path)
        await page.route(f"**{path}", no_network)
        await says(page, LOST)
        assert await page.get_by_text("We wachten tot").count() == 1

        await page.unroute(f"**{path}")
        await page.get_by_text(LOST).wait_for(state="detached")


async def test_an_open_page_of_somebody_who_was_signed_out_says_so(
    house: House, browser: Browser
) -> None:
    async with visiting(browser, house, "001") as page:
        await page.goto("/members")
        await page.context.clear_cookies()
        await page.get_by_role("searchbox").fill("ber")
        await says(page, LOST)
        assert await page.locator("#found").count() == 1
