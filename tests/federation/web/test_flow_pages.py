"""What auditors see of the flows, and who sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from federation.node.settings import PublishingSettings
from federation.web.app import UMBRELLA_MODULES
from tests.federation.umbrella.made_logs import HOUR
from tests.federation.web.conftest import Browser, Page
from tests.federation.web.umbrella_house import MAY_S, REFUSED, A, Umbrella, fill, make_umbrella
from tests.federation.world.conftest import World

AUDITORS = (
    "/flows",
    "/flows/groups",
    f"/flows/groups/{A}",
    "/flows/lines",
    "/flows/logs",
    "/flows/logs/findings",
    f"/flows/logs/findings/{REFUSED.id().hex()}",
    "/flows/reports",
    "/flows/reports/2026-Q2",
    "/flows/reports/2026",
)


QUARTER = "2026-Q2"
"""The quarter of the trades in May."""


@pytest.fixture
async def umbrella(world: World) -> AsyncIterator[Umbrella]:
    made = await make_umbrella(world)
    await fill(made)
    yield made
    await made.close()


def publish(house: Umbrella, **shown: str) -> None:
    settings = msgspec.convert(shown, PublishingSettings)
    house.node.settings = msgspec.structs.replace(house.node.settings, publishing=settings)


def plain(page: Page) -> str:
    return page.words.replace("\N{NO-BREAK SPACE}", " ")


async def test_auditors_and_nobody_else_see_the_flows(umbrella: Umbrella) -> None:
    everybody: dict[str, Browser] = {
        "stranger": umbrella.browser(),
        "member": await umbrella.signed_in("001"),
        "coordinator": await umbrella.signed_in("003"),
        "auditor": await umbrella.signed_in("004"),
    }
    found = {
        path: {who for who, browser in everybody.items() if await sees(browser, path)}
        for path in AUDITORS
    }

    assert found == {path: {"coordinator", "auditor"} for path in AUDITORS}


async def sees(browser: Browser, path: str) -> bool:
    page = await browser.get(path)
    assert page.status in (200, 403)
    return page.status == 200 and page.path == path


async def test_an_umbrella_has_no_page_of_members(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")

    assert {page.path for module in UMBRELLA_MODULES for page in module.pages.all} >= {
        "/flows",
        "/figures",
        "/me",
    }
    for path in ("/home", "/search", "/members", "/statement", "/give", "/group"):
        assert (await auditor.get(path)).status == 404


async def test_the_front_door_lets_an_auditor_in(umbrella: Umbrella) -> None:
    stranger = umbrella.browser()

    door = await stranger.get("/")
    assert "LETS Vlaanderen is de koepel" in door.words
    assert "/figures" not in door.text
    await umbrella.signed_in("004", stranger)
    assert (await stranger.get("/")).path == "/flows"


async def test_flows_are_told_in_hours_and_in_both_units(umbrella: Umbrella) -> None:
    page = await (await umbrella.signed_in("004")).get("/flows?period=all")

    assert 'aria-labelledby="picture"' in page.text
    assert page.text.count('class="ribbon') == 12
    assert "&lt;b&gt;Brugge&lt;/b&gt;" in page.text
    assert "<b>Brugge" not in page.text
    leuven = "LETS Leuven en de Dijlevallei tot in Aarschot"
    # members of Gent paid twice on two days, 3/4 hour each time
    told = f"{leuven} aan LETS Gent 45 bij {leuven} · 60 bij LETS Gent 4 3"
    assert told in plain(page)


async def test_a_chosen_period_holds_its_trades_only(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")

    quarter = await auditor.get("/flows?period=q20544")
    other = await auditor.get("/flows?period=q20454")
    nonsense = await auditor.get("/flows?period=x%00%27")

    assert "2e kwartaal van 2026" in quarter.words
    assert "67,5 uur" in plain(quarter)
    assert "er tussen groepen niets geruild" in other.words
    assert nonsense.status == 200


async def test_the_page_keeps_itself_fresh_until_asked_not_to(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")

    fresh = await auditor.get("/flows?period=all")
    still = await auditor.get("/flows?period=all&still=yes")

    assert 'hx-trigger="every 20s"' in fresh.text
    assert "hx-" not in still.text
    assert "<script" not in still.text
    await umbrella.trade(trades=1, units=1_000 * HOUR, at_s=MAY_S)
    assert "1 135 uur" in plain(await auditor.get("/flows?period=all"))


async def test_a_group_is_shown_with_lines_and_months(umbrella: Umbrella) -> None:
    page = await (await umbrella.signed_in("004")).get(f"/flows/groups/{A}")

    assert page.status == 200
    assert "LETS Gent" in page.words
    assert page.text.count('class="limit"') == 2
    assert "60 uur" in plain(page)  # three lines of 20 hours
    assert page.text.count("<tr>") >= 24 + 3


async def test_what_is_late_and_who_is_silent_is_told(umbrella: Umbrella) -> None:
    page = await (await umbrella.signed_in("004")).get("/flows/logs")

    assert "LETS Gent aan LETS Leuven" in plain(page)
    assert "(3 dagen)" in plain(page)
    assert page.text.count(">stil</span>") == 2
    assert page.words.count("Nog nooit opgevolgd") == 1


async def test_addresses_that_name_nothing_are_no_fault(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")

    for path in ("/flows/groups/x", "/flows/groups/%00", "/figures?period=2026-Q9"):
        assert (await auditor.get(path)).status == 404, path
    for path in ("/flows?after=99999999", "/flows/lines?after=-1", "/flows/groups?after=x"):
        assert (await auditor.get(path)).status == 200, path


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
async def test_every_page_speaks_three_languages(umbrella: Umbrella, language: str) -> None:
    auditor = await umbrella.signed_in("004")
    await auditor.post("/language", language=language, next="/flows")

    for path in (*AUDITORS, "/figures", "/me", "/me/devices", "/me/password"):
        page = await auditor.get(path)
        assert page.status == 200, path
        assert f'<html lang="{language}"' in page.text


async def test_nothing_is_public_until_the_settings_say_so(umbrella: Umbrella) -> None:
    stranger = umbrella.browser()

    assert (await stranger.get("/figures")).status == 403
    publish(umbrella, totals="public")
    totals = await stranger.get("/figures")
    publish(umbrella, pairs="public")
    pairs = await stranger.get("/figures")
    publish(umbrella, pairs="partners", totals="partners")
    assert (await stranger.get("/figures")).status == 403

    assert "Per groep" in totals.words
    assert "Wie gaf hulp aan wie" not in totals.words
    assert "Wie gaf hulp aan wie" in pairs.words


async def test_small_numbers_are_hidden_and_count_nowhere(umbrella: Umbrella) -> None:
    publish(umbrella, pairs="public")

    page = plain(await umbrella.browser().get(f"/figures?period={QUARTER}"))

    # trades of 2 to 13 each way in the second quarter; the running one is not out yet
    assert "2e kwartaal van 2026" in page
    assert page.count("<5 \N{EN DASH}") == 3
    shown = [trades for trades in range(2, 14) if trades >= 5]
    assert f"{sum(shown)} ruilen tussen groepen" in page
    assert "10 4 7" not in page  # 10 trades of 3/4 hour are 7.5 hours, 8 when rounded


async def test_published_figures_stay_as_they_were(umbrella: Umbrella) -> None:
    publish(umbrella, pairs="public")
    stranger = umbrella.browser()
    before = plain(await stranger.get(f"/figures?period={QUARTER}"))

    await umbrella.trade(trades=4, units=10 * HOUR, at_s=MAY_S)

    assert plain(await stranger.get(f"/figures?period={QUARTER}")) == before
