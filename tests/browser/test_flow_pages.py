"""The auditor's pages: for the engine in three languages on four screens, also without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from itertools import combinations
from pathlib import Path
from typing import Literal

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from federation.node.settings import PublishingSettings
from federation.umbrella import noting
from federation.umbrella.known_findings import Looked
from federation.web.app import UMBRELLA_MODULES
from federation.web.pages import flows
from tests.browser.chromium import HEIGHT, PHONE, PHONE_SMALL, Screen
from tests.browser.visits import faults, picture, visiting
from tests.federation.umbrella.made_logs import HOUR
from tests.federation.web.umbrella_house import (
    CREDITED,
    GROUPS,
    MAY_S,
    REFUSED,
    SILENT,
    A,
    B,
    C,
    D,
    Umbrella,
    fill,
    make_umbrella,
)
from tests.federation.world.conftest import World

WIDTHS = (PHONE_SMALL, PHONE, 820, 1400)
ADDRESSES = (
    "/flows?period=all",
    "/flows/groups?period=all",
    f"/flows/groups/{A}",
    "/flows/lines",
    "/flows/logs",
    "/flows/logs/findings",
    f"/flows/logs/findings/{REFUSED.id().hex()}",
    "/flows/reports",
    "/flows/reports/2026-Q2",
    "/figures?period=2026-Q2",
    "/me",
)
ELSEWHERE = {
    "/",
    "/flows/logs/findings/{finding}/{proof}",
    "/flows/reports/{period}/{file}",
    "/flows/logs/cores.zip",
    "/mailbox",
    "/mailbox/{mail}",
    "/robots.txt",
    "/share.png",
    "/groups",
    "/groups.json",
    "/newsletter",
    "/newsletter/confirm/{link}",
    "/newsletter/stop/{link}",
    "/newsletter/issues",
    "/newsletter/issues/new",
    "/newsletter/issues/{issue}",
    "/newsletter/issues/{issue}/send",
}
"""The front door is looked at by a stranger below; the rest is no page, or also of a group."""
STRANGERS = (
    "/",
    "/groups?near=9000",
    "/newsletter",
    "/login",
    "/login/password",
    "/figures?period=2026-Q2",
)
NOT_THERE = frozenset({404})
FOR_OTHERS = frozenset({403})
APART_PX = 4
_GAPS = """
() => [...document.querySelectorAll(".menu a span")]
    .map(e => { const text = document.createRange(); text.selectNodeContents(e);
                return text.getBoundingClientRect(); })
    .map((box, at, all) => at && box.top < all[at - 1].bottom ? box.left - all[at - 1].right : null)
    .filter(gap => gap !== null)
"""


@pytest_asyncio.fixture(loop_scope="session")
async def umbrella(
    tmp_path: Path, another_database: Callable[[], tuple[str, str]]
) -> AsyncIterator[Umbrella]:
    """Give an umbrella over four groups, on the loop of the browser; its figures are public."""
    world = World(tmp_path / "world", another_database)
    made = await make_umbrella(world)
    await fill(made)
    made.node.settings = msgspec.structs.replace(
        made.node.settings, publishing=PublishingSettings(pairs="public")
    )
    yield made
    await made.close()
    await world.close()


async def test_every_address_of_auditors_is_looked_at() -> None:
    paths = {
        page.path
        for module in UMBRELLA_MODULES
        for page in module.pages.all
        if page.method == "GET" and not page.path.startswith(("/login", "/me/", "/mailbox"))
    }
    looked_at = {path.partition("?")[0] for path in ADDRESSES}
    named = {
        path.replace("{group}", A)
        .replace("{period}", "2026-Q2")
        .replace("{finding}", REFUSED.id().hex())
        for path in paths - ELSEWHERE
    }

    assert looked_at == named


async def fits(page: Page, path: str, *, status: int = 200) -> list[str]:
    """Say what is wrong with a page, with all its parts open, on any screen."""
    response = await page.goto(path)
    assert response is not None
    assert response.status == status, path
    await page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")
    wrong = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        wrong += await faults(page, engine=True)
        name = "-".join(re.findall(r"[\w-]+", path)) or "door"
        language = await page.get_attribute("html", "lang")
        await picture(page, f"auditors-{name[:60]}-{language}-{width}")
    return wrong


@pytest.mark.parametrize(
    ("language", "scheme"), [("nl-BE", "light"), ("fr-BE", "dark"), ("en-GB", "light")]
)
async def test_no_page_of_auditors_keeps_anybody_out(
    umbrella: Umbrella, browser: Browser, language: str, scheme: Literal["light", "dark"]
) -> None:
    screen = Screen(PHONE_SMALL, language=language, scheme=scheme)
    wrong = []
    async with visiting(browser, umbrella, screen=screen, refusals=NOT_THERE) as page:
        for path in STRANGERS:
            wrong += await fits(page, path)
        wrong += await fits(page, "/nowhere", status=404)
    async with visiting(browser, umbrella, "004", screen, refusals=NOT_THERE) as page:
        for path in ADDRESSES:
            wrong += await fits(page, path)
            assert await page.get_attribute("html", "lang") == language[:2]
        wrong += await fits(page, "/flows/reports/1999")
        for path in ("/flows/groups/nobody", "/flows/logs/findings/none", "/flows/reports/soon"):
            wrong += await fits(page, path, status=404)
    async with visiting(browser, umbrella, "001", screen, refusals=FOR_OTHERS) as page:
        wrong += await fits(page, "/flows", status=403)

    assert wrong == []


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE", "en-GB"])
async def test_words_of_the_menu_stand_apart_on_the_smallest_screen(
    umbrella: Umbrella, browser: Browser, language: str
) -> None:
    screen = Screen(PHONE_SMALL, language=language)
    async with visiting(browser, umbrella, "004", screen) as page:
        for path in ("/flows", "/flows/lines", "/flows/logs", "/flows/reports", "/me"):
            await page.goto(path)
            gaps_px = await page.evaluate(_GAPS)

            assert len(gaps_px) == 4, f"{path}: the menu is in one line"
            assert min(gaps_px) >= APART_PX, path


_CUT_PX = """
() => {
  const list = document.querySelector("#period"), style = getComputedStyle(list);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = list.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pen.measureText(list.selectedOptions[0].label).width + 20 - room;  // 20: the arrow
}
"""


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE", "en-GB"])
async def test_the_chosen_period_is_read_whole_on_a_phone(
    umbrella: Umbrella, browser: Browser, language: str
) -> None:
    async with visiting(browser, umbrella, "004", Screen(PHONE, language=language)) as page:
        for path in ("/flows?period=all", "/flows?period=q20544", "/flows/groups?period=all"):
            await page.goto(path)

            assert await page.evaluate(_CUT_PX) < 0, path


_LETTERS_PX = """
() => [...document.querySelectorAll(".chart text")].filter(e => e.checkVisibility()).map(e =>
    parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().d)
"""


async def test_letters_of_a_picture_are_as_large_as_those_beside_it(
    umbrella: Umbrella, browser: Browser
) -> None:
    async with visiting(browser, umbrella, "004") as page:
        for path in ("/flows?period=all", f"/flows/groups/{A}"):
            await page.goto(path)
            for width in WIDTHS[1:]:
                await page.set_viewport_size({"width": width, "height": HEIGHT})
                letters_px = await page.evaluate(_LETTERS_PX)

                assert letters_px
                assert min(letters_px) > 12, f"{path} {width}"
                assert max(letters_px) < 20, f"{path} {width}"


async def test_the_picture_is_as_wide_as_its_page_and_names_are_whole_where_there_is_room(
    umbrella: Umbrella, browser: Browser
) -> None:
    async with visiting(browser, umbrella, "004") as page:
        await page.goto("/flows?period=all")
        for width, whole in ((PHONE, 0), (820, 2), (1400, 2)):
            await page.set_viewport_size({"width": width, "height": HEIGHT})
            drawn, there = [
                await page.locator(one).evaluate("e => e.getBoundingClientRect().width")
                for one in (".sankey:visible", "main figure")
            ]
            name = page.locator(f".sankey text:visible:text-is('{GROUPS[B][0]}')")

            assert drawn == pytest.approx(there, abs=1), width
            assert await name.count() == whole, width


async def test_letters_twice_as_large_fit(umbrella: Umbrella, browser: Browser) -> None:
    wrong = []
    async with visiting(browser, umbrella, "004", Screen(PHONE_SMALL, text_percent=200)) as page:
        for path in ADDRESSES:
            await page.goto(path)
            wrong += await faults(page)

    assert wrong == []


async def test_without_scripts_a_period_is_chosen_and_its_table_read(
    umbrella: Umbrella, browser: Browser
) -> None:
    async with visiting(browser, umbrella, "004", Screen(scripts=False)) as page:
        await page.goto("/flows")
        await page.select_option("#period", "q20544")
        await page.click("main button")

        assert "period=q20544" in page.url
        assert await page.locator("main tbody tr").count() == 12
        await page.click("main tbody tr >> nth=0 >> a >> nth=0")
        assert "/flows/groups/" in page.url


async def test_an_open_page_shows_what_has_come_in(
    umbrella: Umbrella, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows, "LOOK_AGAIN_S", 1)
    async with visiting(browser, umbrella, "004") as page:
        await page.goto("/flows?period=all")
        assert "135" in await page.locator(".big").inner_text()

        await umbrella.trade(trades=1, units=1_000 * HOUR, at_s=MAY_S)

        await page.locator(".big", has_text="1\N{NO-BREAK SPACE}135").wait_for()


FRESH = (
    ("/flows?period=all", "main tbody a >> nth=1", ".big"),
    ("/flows/groups?period=all", f"#g-{A}", "main tbody"),
    (f"/flows/groups/{A}", "main details summary", ".big"),
    ("/flows/lines", "main tbody a >> nth=1", "main tbody"),
    ("/flows/logs", f"#g-{A}", "main ul.rows"),
    ("/flows/logs/findings", "main article details summary", "main article"),
    (f"/flows/logs/findings/{CREDITED.id().hex()}", "textarea", "main article"),
)
_MARK = "() => { document.querySelector('#live').dataset.before = 'yes'; }"
_FETCHED = "#live:not([data-before])"
_HELD = """
() => ({focus: document.activeElement.outerHTML, down: window.scrollY,
        open: document.querySelectorAll("main details[open]").length})
"""


EVERYTHING_LOOKED_AT = Looked(full=False, behind=frozenset())


@pytest.mark.parametrize(("path", "focused", "shown"), FRESH)
async def test_a_page_that_fetches_itself_takes_nothing_from_who_reads_it(
    umbrella: Umbrella,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    focused: str,
    shown: str,
) -> None:
    monkeypatch.setattr(flows, "LOOK_AGAIN_S", 1)
    await noting.note(umbrella.node, [SILENT, CREDITED, REFUSED], EVERYTHING_LOOKED_AT)
    async with visiting(browser, umbrella, "004", Screen(PHONE)) as page:
        await page.goto(path)
        await page.evaluate(
            "() => document.querySelectorAll('main details').forEach(d => d.open = true)"
        )
        await page.locator(focused).first.focus()
        before = await page.evaluate(_HELD)

        await page.evaluate(_MARK)
        await page.locator(_FETCHED).wait_for()

        assert await page.evaluate(_HELD) == before
        assert "<body" not in before["focus"]
        assert await page.locator(shown).first.is_visible()
        await page.click("text=Niet meer bijwerken")
        assert await page.locator("[hx-trigger]").count() == 0


async def test_the_page_of_a_finding_shows_what_has_come_in_beside_what_is_being_typed(
    umbrella: Umbrella, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows, "LOOK_AGAIN_S", 1)
    await noting.note(umbrella.node, [SILENT, CREDITED, REFUSED], EVERYTHING_LOOKED_AT)
    async with visiting(browser, umbrella, "004", Screen(PHONE)) as page:
        await page.goto(f"/flows/logs/findings/{CREDITED.id().hex()}")
        await page.locator("textarea").press_sequentially("Ze boekten het")
        before = await page.locator("form input[name=form]").input_value()

        await noting.note(umbrella.node, [SILENT, REFUSED], EVERYTHING_LOOKED_AT)
        await page.locator("#live", has_text="dit niet meer.").wait_for()
        await page.keyboard.type(" alsnog")

        assert await page.locator("textarea").input_value() == "Ze boekten het alsnog"
        assert await page.locator("form input[name=form]").input_value() == before


async def test_lines_and_groups_show_what_has_come_in(
    umbrella: Umbrella, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows, "LOOK_AGAIN_S", 1)
    async with visiting(browser, umbrella, "004") as page:
        for path, *_ in FRESH[1:4]:
            await page.goto(path)
            before = await page.locator("#live").inner_text()

            await umbrella.trade(trades=1, units=10_000 * HOUR, at_s=MAY_S)

            await expect(page.locator("#live")).not_to_have_text(before, use_inner_text=True)


LETTERS = ("MWŒ" * 20, "Groep w" * 9, "世界" * 12, "LETS Gent", "ŴŒĦ@%" * 9)
_LABELS = """
() => [...document.querySelectorAll(".sankey text")].filter(e => e.checkVisibility()).map(e => {
    const box = e.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom];
})
"""


async def test_labels_of_the_picture_stand_apart_on_every_screen(
    umbrella: Umbrella, browser: Browser
) -> None:
    await umbrella.trade(trades=1, units=123_456 * HOUR, at_s=MAY_S)
    groups = (A, B, C, D)
    async with visiting(browser, umbrella, "004") as page:
        for at in range(len(LETTERS)):
            for number, group in enumerate(groups):
                known = umbrella.node.peers.get(group)
                assert known is not None
                name = LETTERS[(at + number) % len(LETTERS)]
                await umbrella.node.peers.add(known._replace(name=name))
            for width in (PHONE_SMALL, PHONE, 820, 1400):
                await page.set_viewport_size({"width": width, "height": HEIGHT})
                answer = await page.goto("/flows?period=all&still=yes")
                assert answer is not None
                assert answer.ok
                await page.evaluate("() => document.fonts.ready.then(() => null)")
                boxes = await page.evaluate(_LABELS)
                assert len(boxes) == 16
                for one, other in combinations(boxes, 2):
                    across = one[0] < other[2] and other[0] < one[2]
                    # lines of one name stand close: letters reach less far than their boxes
                    assert not (across and one[1] + 2 < other[3] and other[1] + 2 < one[3])
