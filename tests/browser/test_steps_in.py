"""What only somebody sees who is in the middle of something, in every language: for the engine.

A person with two accounts who signs in, one who acts for a member, one who shares units, a
coordinator who looks before doing, and whoever is refused.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from playwright.async_api import Browser
from yarl import URL

from federation.members import roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from tests.browser import group_world
from tests.browser.chromium import PHONE_SMALL, Screen
from tests.browser.languages import EVERY, Scheme, seen
from tests.browser.test_every_page import BETWEEN, left_out
from tests.browser.visits import sign_in, visiting
from tests.browser.whole_world import STRANGER, Way
from tests.federation.web.conftest import MEMBERS, House

AN = MEMBERS["001"][1]
ACTING = {
    "home": "/home",
    "give": "/give?to=003&amount=8",
    "ask": "/ask?to=003&amount=8",
    "statement": "/statement",
}
LOOKED_AT_FIRST = {
    "collective-confirm": (
        "/group/collective",
        {"description": "Ledenbijdrage", "amount": "2"},
        "form[action='/group/collective/confirm']",
    ),
    "member-mail-preview": (
        "/group/letters/new",
        {"text": "Kom je ook?", "subject": "Lentefeest"},
        "article.mail-text",
    ),
    "rate-confirm": ("/group/partners/rate", {"per_hour": "30"}, "form:has(input[name=seen])"),
}
"""Pages that only a form leads to: where it stands, what is typed, and what the next one has."""
REFUSED = {
    "nowhere": ("/nowhere", HTTPStatus.NOT_FOUND),
    "join-closed": ("/join", HTTPStatus.NOT_FOUND),
    "partner-link-gone": (f"/partner/{'A' * 43}", HTTPStatus.NOT_FOUND),
    "for-others": ("/group/settings", HTTPStatus.FORBIDDEN),
}


@EVERY
async def test_no_step_of_signing_in_keeps_anybody_out(
    house: House, browser: Browser, language: str, scheme: Scheme
) -> None:
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    await roles.join_person(
        house.node,
        OPERATOR,
        house.account("002"),
        name="An, voor Bert",
        address=AN,
        key=new_key(),
    )
    await house.seen()
    wrong, ways = [], []

    async def look(name: str) -> list[str]:
        ways.append(Way(STRANGER, URL(page.url).path))
        return await seen(page, language, name)

    async with visiting(browser, house, screen=screen) as page:
        await page.goto("/login")
        await page.fill("#address", AN)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#code")
        wrong += await look("login-code")
        await page.goto((await house.mail.next()).path)
        wrong += await look("login-link")
        await page.locator("main form button").first.click()
        await page.wait_for_selector("button[name=who]")
        wrong += await look("login-choose")
        await page.locator("button[name=who]").last.click()
        await page.wait_for_selector("nav.menu")

    assert left_out(ways) & BETWEEN == set()
    assert wrong == []


@EVERY
async def test_no_page_in_the_name_of_another_keeps_anybody_out(
    house: House, browser: Browser, language: str, scheme: Scheme
) -> None:
    await group_world.fill(house)
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    wrong = []
    async with visiting(browser, house, "001", screen=screen) as page:
        await page.goto("/me")
        await page.locator("form[action='/me/acting'] button[name=account]").first.click()
        await page.wait_for_selector("aside.acting")
        wrong += await seen(page, language, "acting-begun")
        for name, path in ACTING.items():
            await page.goto(path)
            assert await page.locator("aside.acting").is_visible(), path
            wrong += await seen(page, language, f"acting-{name}")
        await page.locator("aside.acting button").click()
        await page.wait_for_selector("aside.acting", state="detached")
        wrong += await seen(page, language, "acting-over")

    assert wrong == []


@EVERY
async def test_no_step_of_sharing_units_keeps_anybody_out(
    house: House, browser: Browser, language: str, scheme: Scheme
) -> None:
    made = await group_world.fill(house)
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    wrong, refused = [], frozenset({422})
    async with visiting(browser, house, "001", screen=screen, refusals=refused) as page:
        await page.goto(f"/activities/{made.activity}/spread")
        await page.fill("#amount", "1")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[aria-invalid=true]")
        wrong += await seen(page, language, "spread-refused")
        await page.fill("#amount", "9")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("form[action$='/spread/confirm']")
        wrong += await seen(page, language, "spread-confirm")

    assert wrong == []


@EVERY
async def test_no_look_before_a_deed_of_coordinators_keeps_anybody_out(
    house: House, browser: Browser, tmp_path: Path, language: str, scheme: Scheme
) -> None:
    members = tmp_path / "leden.csv"
    members.write_text("Letscode;Naam\r\n002;Bert Baas\r\n777;Mia Maes\r\n", "utf-8")
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    wrong = []
    async with visiting(browser, house, "003", screen=screen) as page:
        for name, (path, typed, sign) in LOOKED_AT_FIRST.items():
            await page.goto(path)
            for field, text in typed.items():
                await page.fill(f"#{field}", text)
            await page.keyboard.press("Enter")
            await page.wait_for_selector(sign)
            wrong += await seen(page, language, name)
        await page.goto("/group/member-file")
        await page.locator("#file").set_input_files(members)
        await page.locator("form[action='/group/member-file'] button").click()
        await page.wait_for_selector("form[action='/group/member-file/take']")
        wrong += await seen(page, language, "member-file-plan")

    assert wrong == []


@EVERY
async def test_no_refusal_keeps_anybody_out(
    house: House, browser: Browser, language: str, scheme: Scheme
) -> None:
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    wrong = []
    refused: frozenset[int | str] = frozenset({403, 404})
    async with visiting(browser, house, screen=screen, refusals=refused) as page:
        for name, (path, status) in REFUSED.items():
            if status == HTTPStatus.FORBIDDEN:
                await sign_in(page, house, "001")
            response = await page.goto(path)
            assert response is not None
            assert response.status == status, path
            wrong += await seen(page, language, name)

    assert wrong == []
