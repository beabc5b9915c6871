"""What auditors see of the flows, and who sees it."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from federation.node.remembered import LastFullAudit, remember
from federation.node.service import now_s
from federation.public import directory
from federation.public.card import UnitNames
from federation.umbrella.flow_tables import of
from federation.web.app import UMBRELLA_MODULES
from federation.web.pages.flows import quarter_name
from federation.words.texts import texts
from schemas.ids import SAFE_INTEGER
from schemas.texts.words import Language
from tests.federation.umbrella.made_logs import HOUR
from tests.federation.web.conftest import Browser
from tests.federation.web.umbrella_house import (
    GROUPS,
    MAY_S,
    NEVER,
    REFUSED,
    A,
    B,
    C,
    Umbrella,
    plain,
    publish,
    umbrella,
)

__all__ = ["umbrella"]
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


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        (Language.NL, "1e kwartaal van 2026", "4e kwartaal van 2026"),
        (Language.FR, "1er trimestre 2026", "4e trimestre 2026"),
        (Language.EN, "quarter 1 of 2026", "quarter 4 of 2026"),
    ],
)
def test_quarters_have_their_names(language: Language, first: str, last: str) -> None:
    assert [quarter_name(2026, at, texts(language)) for at in (1, 4)] == [first, last]


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


async def test_auditors_and_nobody_else_take_the_cores_along(umbrella: Umbrella) -> None:
    member, auditor = await umbrella.signed_in("001"), await umbrella.signed_in("004")

    page = await auditor.get("/flows/reports")
    async with auditor.session.get(f"{auditor.url}/flows/logs/cores.zip") as answer:
        content = await answer.read()

    assert (await member.get("/flows/logs/cores.zip")).status == 403
    assert 'href="/flows/logs/cores.zip"' in page.text
    assert "attachment" in answer.headers["Content-Disposition"]
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [*(f"logs/{one}.jsonl" for one in GROUPS), "manifest.json"]
        assert len(archive.read(f"logs/{A}.jsonl").splitlines()) == len(umbrella.logs.cores[A])


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


async def test_the_newsletter_has_one_name_for_who_reads_and_who_writes_it(
    umbrella: Umbrella,
) -> None:
    cora = await umbrella.signed_in("003")

    assert "De E-Flash" in (await cora.get("/newsletter")).words
    for path in ("/newsletter/issues", "/newsletter/issues/new"):
        page = await cora.get(path)
        assert "De E-Flash" in page.words
        assert "De nieuwsbrief" not in page.words


async def test_flows_are_told_in_hours_and_in_both_units(umbrella: Umbrella) -> None:
    page = await (await umbrella.signed_in("004")).get("/flows?period=all")

    assert 'aria-labelledby="picture"' in page.text
    assert page.text.count('class="ribbon') == 2 * 12  # for a phone and for a wide screen
    assert "&lt;b&gt;Brugge&lt;/b&gt;" in page.text
    assert "<b>Brugge" not in page.text
    leuven = "LETS Leuven en de Dijlevallei tot in Aarschot"
    # members of Gent paid twice on two days, 3/4 hour each time
    told = (
        f"{leuven} aan LETS Gent 45 bij {leuven} (15 per uur) · 60 bij LETS Gent (20 per uur) 4 3"
    )
    assert told in plain(page)


async def test_a_unit_is_named_where_its_group_says_what_it_is_called(
    umbrella: Umbrella, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def called(*_: object, **__: object) -> dict[str, UnitNames]:
        return {A: UnitNames("duim", "duimen")}

    monkeypatch.setattr(directory, "unit_names", called)
    auditor = await umbrella.signed_in("004")

    told = {path: plain(await auditor.get(path)) for path in AUDITORS}

    assert "20 duimen per uur" in told["/flows/groups"]
    assert "Een uur is daar 20 duimen." in told[f"/flows/groups/{A}"]
    for path in ("/flows", "/flows/lines", "/flows/reports/2026"):
        assert " duimen bij LETS Gent" in told[path]
        assert "bij LETS Gent (" not in told[path]
        assert "bij SEL Namur (1,00 per uur)" in told[path]


async def test_a_chosen_period_holds_its_trades_only(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")

    quarter = await auditor.get("/flows?period=q20544")
    other = await auditor.get("/flows?period=q20454")
    nonsense = await auditor.get("/flows?period=x%00%27")

    assert "2e kwartaal van 2026" in quarter.words
    assert "67,5 uur" in plain(quarter)
    assert "er tussen groepen niets geruild" in other.words
    assert " 0 " not in plain(other), "a sentence says it, no number"
    assert '<option value="q20454" selected>1e kwartaal van 2026</option>' in other.text
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
    assert "7% van 20 uur" in plain(page)
    assert "aan het eind van elke maand stond, in uren" in page.words
    assert "90 in de eigen munt" in page.words
    months = page.text.partition('id="months"')[2].partition("</table>")[0]
    assert 2 <= months.count('<tr><th scope="row">') <= 6, "the months in which something changed"
    assert "Een maand waarin niets veranderde, staat er niet bij." in page.words


async def test_a_group_that_never_traded_is_shown_in_a_sentence(umbrella: Umbrella) -> None:
    page = await (await umbrella.signed_in("004")).get(f"/flows/groups/{NEVER}")

    assert "Er is nog niets te zien: de groep stond al die tijd op nul" in page.words
    assert "In geen enkele maand veranderde er iets." in page.words
    assert "<td" not in page.text
    assert 'class="chart"' not in page.text


async def test_what_is_late_and_who_is_silent_is_told(umbrella: Umbrella) -> None:
    page = await (await umbrella.signed_in("004")).get("/flows/logs")

    assert "LETS Gent aan LETS Leuven" in plain(page)
    assert "(3 dagen)" in plain(page)
    assert page.text.count(">stil</span>") == 2
    assert page.words.count("Nog nooit opgevolgd") == 1


async def test_a_group_that_ended_is_shown_so_and_is_not_called_silent(umbrella: Umbrella) -> None:
    for one in (B, C, NEVER):
        await umbrella.node.peers.end(one)
    await umbrella.node.pool.execute(
        "INSERT INTO peer_closing (node, size, closed_at_s, closing) VALUES ($1, 9, $2, '')",
        B,
        MAY_S,
    )
    auditor = await umbrella.signed_in("004")

    logs, groups, group = [
        plain(await auditor.get(path))
        for path in ("/flows/logs", "/flows/groups?period=all", f"/flows/groups/{B}")
    ]

    assert logs.count("gestopt op 3 mei 2026") == logs.count("uit het register") == 1
    assert ">stil</span>" not in (await auditor.get("/flows/logs")).text
    assert groups.count("gestopt op 3 mei 2026") == 1
    assert "Deze groep is gestopt op 3 mei 2026. Wat ze ruilde, blijft hier staan." in group
    assert "LETS Leuven" in group, "its name and its history stay"
    assert "Gaf" in groups


async def test_when_everything_was_audited_anew_is_told(umbrella: Umbrella) -> None:
    auditor, folder = await umbrella.signed_in("004"), umbrella.node.folder
    told = [plain(await auditor.get("/flows/logs"))]

    for agrees in (True, False):
        remember(folder, LastFullAudit(at_s=MAY_S, events=9, agrees=agrees))
        told.append(plain(await auditor.get("/flows/logs")))

    assert "Dat is nog niet gebeurd. Het gebeurt vanzelf." in told[0]
    assert "De laatste keer op zondag 3 mei om 14:00" in told[1]
    assert "Alles klopte met wat hier bewaard is." in told[1]
    assert "Wat hier bewaard is, werd veranderd." in told[2]


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


EXTREME = ((1, SAFE_INTEGER), (SAFE_INTEGER, HOUR), (253_433_923_200, HOUR), (MAY_S, SAFE_INTEGER))
"""When and how much: what no calendar tells, among it the year 10001, and what no group has."""


async def test_no_page_fails_for_what_one_group_signs(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")
    before = plain(await auditor.get("/flows/reports/2026"))
    for at_s, units in EXTREME:
        umbrella.logs.trade(A, B, units, at_s=at_s)
    await umbrella.logs.mirrored(umbrella.node, at_s=now_s())

    pages = {path: await auditor.get(path) for path in AUDITORS}
    saved = await auditor.get("/flows/reports/2026/report.zip")

    assert {path: page.status for path, page in pages.items()} == dict.fromkeys(AUDITORS, 200)
    assert saved.status == 200
    assert "8999" not in pages["/flows"].text
    after = plain(pages["/flows/reports/2026"])
    assert "Wat niet meetelt" not in before
    assert "2 gebeurtenissen tellen in geen enkele som mee" in after
    told = plain(pages["/flows/logs"])
    assert told.count("2 gebeurtenissen tellen in geen enkele som mee") == 2
    assert told.count("meer uren brengen dan een groep ooit kan ruilen") == 2
    assert "sommen staan stil" not in told


async def test_a_log_whose_sums_stand_still_is_told(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")
    umbrella.logs.trade(A, B, HOUR, at_s=MAY_S)
    await umbrella.logs.mirrored(umbrella.node, at_s=now_s())
    await umbrella.node.pool.execute("UPDATE mirror_state SET size = size + 1 WHERE node = $1", C)
    await of(umbrella.node).catch_up()

    told = plain(await auditor.get("/flows/logs"))
    report = await auditor.get("/flows/reports/2026")

    assert told.count("sommen staan stil") == 1
    assert "de koepel kon niet verder lezen" in told
    assert report.status == 200
