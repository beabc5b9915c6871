"""What coordinators do with a line, in real Chromium: read, decided, written; three languages."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from federation.members import roles
from federation.members.reader import OPERATOR
from federation.node.line_deeds import Deed
from federation.node.use_cases import new_key
from federation.web.deed_words import OFFERS, YES
from federation.words.texts import texts
from projections.lines import granted_by_us
from schemas.member_bodies import Role
from schemas.texts.words import Language
from tests.browser.chromium import PHONE, Screen
from tests.browser.test_trade_pages import pressed, says, two
from tests.browser.visits import faults, picture, visiting
from tests.federation.web.two_groups import Two
from tests.federation.world.conftest import eventually, lines

__all__ = ["two"]

HOUR = 360_000


async def looked_at(page: Page, screen: Screen, name: str) -> None:
    """See that a page fits, can be tapped, and keeps nobody out; keep a picture if asked."""
    await picture(page, name)
    assert await faults(page, engine=screen.scripts) == []


@pytest.mark.parametrize(
    ("language", "screen"),
    [
        (Language.NL, Screen(PHONE, scripts=False)),
        (Language.FR, Screen(320, language="fr-BE", text_percent=200)),
        (Language.EN, Screen(1280, language="en-GB", scheme="dark")),
    ],
)
async def test_a_line_is_led_from_its_page(
    browser: Browser, two: Two, language: Language, screen: Screen
) -> None:
    say = texts(language).say
    look, saved = say("Bekijk wat er verandert"), say("Bewaard.")
    account = two.here.account("001")
    await roles.give_role(two.here.node, OPERATOR, account, Role.COORDINATOR, key=new_key())
    await two.here.seen()
    line = lines(two.here.group)[0].line
    async with visiting(browser, two.here, "001", screen) as an:
        await an.goto(f"/group/partners/line/{line}")
        await looked_at(an, screen, f"line-{language}")
        for deed, typed in ((Deed.LIMIT, {"limit": "2"}), (Deed.TERMS, {"limit": "30"})):
            await pressed(an, say(OFFERS[deed]))
            await looked_at(an, screen, f"{deed}-{language}")
            for name, text in typed.items():
                await an.locator(f"#{name}").fill(text)
            await pressed(an, look)
            await looked_at(an, screen, f"{deed}-read-{language}")
            await pressed(an, say(YES[deed]))
            await says(an, saved)
        assert granted_by_us(lines(two.here.group)[0]) == 2 * HOUR
        assert lines(two.here.group)[0].own_proposal is not None
        await pressed(an, say(OFFERS[Deed.PAUSE]))
        await looked_at(an, screen, f"pause-{language}")
        await pressed(an, look)
        await pressed(an, say(YES[Deed.PAUSE]))
        await pressed(an, say(OFFERS[Deed.RESUME]))
        await looked_at(an, screen, f"resume-{language}")
        await pressed(an, say(YES[Deed.RESUME]))
        await pressed(an, say(OFFERS[Deed.CLOSE]))
        await looked_at(an, screen, f"close-{language}")
        await pressed(an, say("Terug naar deze groep"))
        await an.locator("#text").fill("Goede dag, mogen de limieten hoger?")
        await pressed(an, say("Versturen"))
        await pressed(an, say("Deze woorden wissen"))
        await looked_at(an, screen, f"note-{language}")
        await pressed(an, say("Ja, wis deze woorden"))
        await says(an, say("Dit bericht is gewist."))
        await looked_at(an, screen, f"line-after-{language}")
        await an.goto("/group/partners/rate")
        await looked_at(an, screen, f"rate-{language}")
        await an.locator("#per_hour").fill("10")
        await pressed(an, look)
        await looked_at(an, screen, f"rate-read-{language}")
    await eventually(lambda: lines(two.there.group)[0].their_proposal is not None)
