"""Reports over a period: what they say and hide, and each of their files."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest

from events.note import NoteSigner, SignedNote
from federation.node.origins import log_origin
from federation.node.service import now_s
from federation.umbrella.flows import DAY_S
from federation.web.pages.flow_reports import FILES
from schemas.encoding import b64
from tests.federation.umbrella.made_logs import HOUR
from tests.federation.web.conftest import Browser
from tests.federation.web.umbrella_house import (
    GROUPS,
    MAY_S,
    QUARTER,
    Umbrella,
    plain,
    publish,
    umbrella,
)

__all__ = ["umbrella"]


async def test_small_numbers_are_hidden_and_count_nowhere(umbrella: Umbrella) -> None:
    publish(umbrella, pairs="public")

    page = plain(await umbrella.browser().get(f"/figures?period={QUARTER}"))

    # trades of 2 to 13 each way in the second quarter; the running one is not out yet
    assert "2e kwartaal van 2026" in page
    assert page.count("<5 \N{EN DASH}") == 3
    shown = [trades for trades in range(2, 14) if trades >= 5]
    assert f"{sum(shown)} ruilen tussen groepen" in page
    assert "10 4 7" not in page  # 10 trades of 3/4 hour are 7.5 hours, 8 when rounded


async def test_a_quarter_of_small_numbers_alone_has_no_total(umbrella: Umbrella) -> None:
    publish(umbrella, pairs="public")
    await umbrella.trade(trades=2, units=HOUR, at_s=MAY_S - 90 * DAY_S)

    page = plain(await umbrella.browser().get("/figures?period=2026-Q1"))

    assert "In deze periode is er te weinig geruild om hier een getal te geven." in page
    assert "<5 \N{EN DASH}" in page
    assert " 0 " not in page


async def test_published_figures_stay_as_they_were(umbrella: Umbrella) -> None:
    publish(umbrella, pairs="public")
    stranger = umbrella.browser()
    before = plain(await stranger.get(f"/figures?period={QUARTER}"))

    await umbrella.trade(trades=4, units=10 * HOUR, at_s=MAY_S)

    assert plain(await stranger.get(f"/figures?period={QUARTER}")) == before


async def test_a_report_of_a_period_that_goes_on_says_so(umbrella: Umbrella) -> None:
    await umbrella.trade(trades=1, units=HOUR, at_s=now_s())
    auditor = await umbrella.signed_in("004")
    running = datetime.fromtimestamp(now_s(), UTC).year
    listed = await auditor.get("/flows/reports")

    assert f"{running} loopt nog" in plain(listed)
    assert "Deze periode loopt nog" in (await auditor.get(f"/flows/reports/{running}")).words
    assert "loopt nog" not in (await auditor.get(f"/flows/reports/{running - 1}")).words
    assert plain(listed).count("loopt nog") <= 2


async def test_a_report_from_before_the_first_line_says_that_there_were_none(
    umbrella: Umbrella,
) -> None:
    auditor = await umbrella.signed_in("004")

    before = await auditor.get("/flows/reports/1999")
    assert "nog geen koppelingen" in before.words
    assert "op nul: <bdi>LETS Gent</bdi>, " in before.text
    assert "<bdi>SEL Namur</bdi>.</p>" in before.text
    assert "<td" not in before.text, "no rows of noughts"
    agreed = await auditor.get("/flows/reports/2025")
    assert "en LETS <b>Brugge</b> staan gelijk" in plain(agreed).replace("  ", " ")
    assert " aan LETS" not in plain(agreed), "nobody owes anything"
    assert "nog geen koppelingen" not in (await auditor.get("/flows/reports/2026-Q2")).words


TYPES = {
    "report.csv": "text/csv",
    "report.json": "application/json",
    "report.note": "text/plain",
    "report.zip": "application/zip",
}


def test_every_file_of_a_report_is_fetched() -> None:
    assert set(FILES) == set(TYPES)


@pytest.mark.parametrize("file", TYPES)
async def test_each_file_of_a_report_has_the_figures_of_its_page_and_is_signed(
    umbrella: Umbrella, file: str
) -> None:
    auditor, period = await umbrella.signed_in("004"), QUARTER
    told = plain(await auditor.get(f"/flows/reports/{period}"))
    note = (await auditor.get(f"/flows/reports/{period}/report.note")).text

    kind, named, content = await save(auditor, f"/flows/reports/{period}/{file}")

    assert (kind, named) == (TYPES[file], f'attachment; filename="{period}-{file}"')
    signer = log_origin(umbrella.node.settings.public_url)
    key = NoteSigner(signer, umbrella.node.identity.log).public
    SignedNote.parse(note.encode()).require([key])
    match file:
        case "report.note":
            assert content == note.encode()
            assert f"{signer}\n{period}\n" in note
            assert " ".join(note.split()) in " ".join(told.split())
        case "report.zip":
            with ZipFile(BytesIO(content)) as packed:
                for one in packed.namelist():
                    single = await save(auditor, f"/flows/reports/{period}/{one}")
                    assert packed.read(one) == single[2]
                assert set(packed.namelist()) == set(TYPES) - {file}
        case _:
            assert f"{b64(sha256(content).digest())} {file}\n" in note
            flows = flows_of(file, content)
            assert len(flows) == len(GROUPS) * (len(GROUPS) - 1)
            for giver, taker, trades, units in flows:
                hours = f"{units / HOUR:.2f}".replace(".", ",")
                assert f"{GROUPS[giver][0]} aan {GROUPS[taker][0]} {trades} {hours}" in told


def flows_of(file: str, content: bytes) -> list[tuple[str, str, int, int]]:
    """Read who helped whom, in how many trades, and how many line units that was."""
    if file == "report.json":
        flows = json.loads(content)["flows"]
        return [(one["payee"], one["payer"], one["trades"], one["units"]) for one in flows]
    rows = csv.DictReader(StringIO(content.decode("utf-8-sig")))
    return [
        (row["from_id"], row["to_id"], int(row["trades"]), int(row["line_units"]))
        for row in rows
        if row["what"] == "gave"
    ]


async def save(browser: Browser, path: str) -> tuple[str, str, bytes]:
    """Fetch a file as a browser saves it: its type, its name, its bytes."""
    async with browser.session.get(browser.url + path) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.content_type, answer.headers["Content-Disposition"], await answer.read()


async def test_a_file_that_no_report_has_is_not_found(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")

    assert (await auditor.get(f"/flows/reports/{QUARTER}/report.pdf")).status == 404
