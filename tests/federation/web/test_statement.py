"""The statement: filters, running balance, both units, twelve months, a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group.decide import OWN_ACCOUNTS
from federation.group.partner_commands import AskPartner, ReachPartner
from federation.members import partners
from federation.members.calendar import date_of
from federation.members.statement import Line, Month
from federation.node.use_cases import new_key
from federation.web.chart import BOTTOM, HEIGHT, TOP, WIDTH, draw_months
from federation.web.csv_file import statement_csv
from federation.web.own_codes import OWN_CODES, shown_code, typed_code
from federation.words.texts import texts
from schemas.amounts import Rate, Unit
from schemas.openings import PersonText
from schemas.texts.words import Language
from tests.federation.web.conftest import House

POLLEKES = Unit(singular="polleke", plural="pollekes", rate=Rate(20, 2))
BRUSSELS = ZoneInfo("Europe/Brussels")


async def pay(house: House, payer: str, payee: str, amount: int, text: str) -> None:
    await house.group.ask("pay", payer=payer, payee=payee, amount_minor=amount, description=text)


async def test_bookings_with_the_other_the_text_and_the_running_balance(house: House) -> None:
    await pay(house, "001", "002", 5, "taart")
    await pay(house, "003", "001", 8, "fiets <b>")
    browser = await house.signed_in("001")

    page = await browser.get("/statement")

    rows = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", page.text, re.DOTALL)
    newest, oldest = rows[:2]
    assert "Cora" in newest
    assert "fiets &lt;b&gt;" in newest
    assert "+8" in newest
    assert re.search(r">\s*3\s*<", newest)
    assert "taart" in oldest
    assert re.search(r">\s*-5\s*<", oldest)


async def test_the_group_and_groups_by_mail_are_called_by_name(house: House) -> None:
    contact = PersonText(name="Griet", address="griet@voorbeeld.be", language="nl")
    reach = ReachPartner(new_key(), None, "LETS Gent", contact, new_key(), -90, 90, code="GENT")
    partner: int = (await house.node.do(reach)).value
    asked = AskPartner(new_key(), house.account("001"), partner, True, 1, "Soep", "Rita")
    await house.node.do(asked)
    await partners.confirm(house.node, partner, asked.key, expected_minor=1)
    await house.group.ask("collective.book", by="003", amount_minor=2, description="Ledenbijdrage")
    await house.seen()
    browser = await house.signed_in("001")

    page = await browser.get("/statement")

    assert "alfa secretariaat Ledenbijdrage" in page.words
    assert "LETS Gent GENT Soep" in page.words
    assert "Soep" in (await browser.get("/statement?who=lets gent")).words


async def test_bookings_are_found_by_person_text_and_day(house: House) -> None:
    await pay(house, "001", "002", 5, "taart")
    await pay(house, "001", "003", 6, "fiets")
    browser = await house.signed_in("001")
    today = date_of(house.place.now_s(), BRUSSELS).isoformat()

    by_person = await browser.get("/statement?who=cora")
    by_code = await browser.get("/statement?who=002")
    by_text = await browser.get("/statement?text=TAART")
    by_day = await browser.get(f"/statement?from={today}&until={today}")
    long_ago = await browser.get("/statement?until=2001-01-01")
    nonsense = await browser.get("/statement?from=gisteren&before=x.y&who=%00")

    assert ("fiets" in by_person.words, "taart" in by_person.words) == (True, False)
    assert ("fiets" in by_code.words, "taart" in by_code.words) == (False, True)
    assert ("fiets" in by_text.words, "TAART" in by_text.text) == (False, True)
    assert "fiets" in by_day.words
    assert "nog geen boeking" in long_ago.words
    assert nonsense.status == 200
    assert "lijkt geen dag" in nonsense.words


@pytest.mark.parametrize(
    ("language", "word"),
    [("nl", "secretariaat"), ("fr", "secrétariat"), ("en", "secretariat")],
)
async def test_the_groups_own_account_is_called_in_the_readers_language(
    house: House, language: str, word: str
) -> None:
    await pay(house, "001", "secretariaat", 5, "bijdrage")
    browser, dirk = await house.signed_in("001"), await house.signed_in("004")
    for one in (browser, dirk):
        await one.post("/language", language=language, next="/me")

    for page in (
        await browser.get("/statement"),
        await browser.get("/statement?who=" + word.upper()),
        await browser.get("/statement/csv"),
        await browser.get("/trades"),
        await dirk.get("/members/001/bookings"),
        await dirk.get("/group/balances"),
        await dirk.get("/group/balances/csv"),
    ):
        assert re.search(rf"\b{word}\b", page.words), page.path
        if word != "secretariaat":
            assert "secretariaat" not in page.words, page.path


def test_every_account_of_ours_has_a_name_in_every_language() -> None:
    """What a group typed stays as it is, also when it looks much like a word of ours."""
    assert {code for code, _ in OWN_ACCOUNTS} == set(OWN_CODES)
    french = texts(Language.FR)
    shown = {shown_code(code, french) for code in OWN_CODES}
    assert shown == {"secrétariat", "arrondi", "réévaluation", "à examiner"}
    for typed in ("Secretariaat 2", "001", "kas"):
        assert shown_code(typed, french) == typed_code(typed, french) == typed


async def test_pages_follow_each_other_without_gap_or_double(house: House) -> None:
    for number in range(120):
        await pay(
            house, "001" if number % 2 else "002", "002" if number % 2 else "001", 1, f"n{number};"
        )
    browser = await house.signed_in("001")

    found: list[str] = []
    path = "/statement"
    for _ in range(5):
        page = await browser.get(path)
        found += re.findall(r"n(\d+);", page.words)
        older = re.search(r'href="(\?[^"]*before=[^"]*)"', page.text)
        if older is None:
            break
        path = "/statement" + older[1].replace("&amp;", "&")

    assert found == [str(number) for number in range(119, -1, -1)]


async def test_both_units_show_where_two_groups_traded(house: House) -> None:
    other = await house.world.make("beta", 60)
    await house.world.link(house.group, other)
    await house.world.add_members(other)
    await house.group.ask(
        "pay", payer="001", payee="002", amount_minor=30, group="beta", description="taart"
    )
    browser = await house.signed_in("001")

    page = await browser.get("/statement")

    assert "beta" in page.words
    assert re.search(r"-10\b.*\b30 daar", page.words)


async def test_somebody_elses_statement_is_not_shown(house: House) -> None:
    await pay(house, "002", "003", 5, "geheim")
    browser = await house.signed_in("001")

    for path in ("/statement?account=2", "/statement?code=002", "/statement/csv?account=2"):
        assert "geheim" not in (await browser.get(path)).text


async def test_the_file_opens_in_a_spreadsheet(house: House) -> None:
    await pay(house, "001", "002", 5, '=1+1;"x"')
    browser = await house.signed_in("001")

    async with browser.session.get(browser.url + "/statement/csv") as response:
        body = await response.read()

    assert response.headers["Content-Disposition"] == 'attachment; filename="rekening-001.csv"'
    assert body.startswith(b"\xef\xbb\xbf")
    head, row = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    assert head[5] == "units"
    assert row[1:7] == ["002", "Bert <b>Bold</b>", "", '\'=1+1;"x"', "-5", "-5"]


def test_amounts_in_a_file_are_bare_numbers_in_the_readers_way() -> None:
    line = Line(
        seq=1,
        at_s=1_782_856_800,
        amount_minor=-123_456,
        balance_minor=50,
        other_code="+45",
        other_name="@An",
        other_group="LETS Gent",
        description="-",
    )

    rows = statement_csv([line], POLLEKES, BRUSSELS, texts(Language.NL)).decode().splitlines()

    assert rows[1] == "2026-07-01;'+45;'@An;LETS Gent;'-;-1234,56;0,50;;"


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(-(10**12), 10**12)),
        min_size=12,
        max_size=12,
    )
)
def test_the_picture_fits_whatever_the_amounts(rows: list[tuple[int, int, int]]) -> None:
    months = [
        Month(starts_at_s=0, received_minor=came, given_minor=went, balance_minor=balance)
        for came, went, balance in rows
    ]
    starts = [date(2026, month, 1) for month in range(1, 13)]

    chart = draw_months(months, starts, Language.NL)

    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert TOP <= bar.received_y <= chart.zero_y
        assert bar.received_height >= 0
        assert bar.given_height >= 0
        assert chart.zero_y + bar.given_height <= BOTTOM < HEIGHT
    points = [tuple(map(int, point.split(","))) for point in chart.line.split()]
    assert all(TOP <= y <= BOTTOM for _, y in points)
    assert chart.empty is (rows == [(0, 0, 0)] * 12)


async def test_the_picture_has_its_numbers_in_a_table_beside_it(house: House) -> None:
    await pay(house, "001", "002", 5, "taart")
    browser = await house.signed_in("001")

    page = await browser.get("/statement")

    assert page.text.count("<rect") == 24
    assert 'role="img"' in page.text
    table = page.text.rpartition("<table")[2]
    assert table.count('<th scope="row">') == 12


async def test_the_table_of_the_picture_is_there_on_paper(house: House) -> None:
    """What is folded on a screen is not printed, so paper has the table of its own."""
    await pay(house, "001", "002", 5, "taart")
    browser = await house.signed_in("001")

    page = await browser.get("/statement")

    _, _, on_paper = page.text.rpartition('<div class="onlyprint">')
    assert on_paper.partition("</div>")[0].count('<th scope="row">') == 12
    (folded,) = re.findall(r"<details([^>]*)><summary>Dezelfde maanden", page.text)
    assert 'class="noprint"' in folded
