"""Booking for many on pages: each row is shown first, exactly that is booked, and given back."""

from __future__ import annotations

import asyncio
import re
from html import unescape

import pytest

from federation.group.commands import SetGroupLimits, SetLimits
from federation.node.use_cases import new_key
from schemas.limit_bodies import Limits
from tests.federation.web.conftest import Browser, House, Page

ASKED = {
    "side": "members",
    "whom": "all",
    "basis": "each",
    "amount": "2",
    "beyond": "skip",
    "members": "",
    "description": "Ledenbijdrage <b>2027</b>",
}
HIDDEN = re.compile(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">')


def balances(house: House) -> list[int]:
    ledger = house.node.machine.books.ledger
    return [ledger.balance(house.account(code)) for code in ("001", "002", "003", "004", "005")]


async def look(cora: Browser, **changed: str) -> Page:
    blank = await cora.get("/group/collective")
    assert blank.status == 200
    return await cora.post("/group/collective", {**ASKED, **changed}, form=blank.key)


async def confirm(cora: Browser, shown: Page, **changed: str) -> Page:
    sent = {name: unescape(value) for name, value in HIDDEN.findall(shown.text)}
    return await cora.post("/group/collective/confirm", {**sent, **changed})


async def test_a_coordinator_sees_each_row_books_it_once_and_gives_it_back(house: House) -> None:
    cora = await house.signed_in("003")
    assert "/group/collective" in (await cora.get("/group")).text

    shown = await look(cora)
    assert shown.status == 200
    assert "5 leden geven samen 10 units aan de groep." in shown.words.replace("\u00a0", " ")
    assert balances(house) == [0] * 5
    pages = await asyncio.gather(*(confirm(cora, shown) for _ in range(2)))

    assert balances(house) == [-2] * 5
    assert len({page.path for page in pages}) == 1
    assert "Ledenbijdrage <b>2027</b>" in pages[0].words
    assert "<b>2027" not in pages[0].text
    member = await house.signed_in("001")
    assert "Ledenbijdrage" in (await member.get("/statement")).words
    path = pages[0].path.partition("?")[0]
    assert path in (await cora.get("/group/collective")).text
    nothing_said = await cora.post(path, form=pages[0].key, description="")
    assert nothing_said.status == 422
    back = await cora.post(path, form=nothing_said.key, description="Vergissing")
    assert balances(house) == [0] * 5
    assert "Alles is teruggedraaid." in back.words
    other = await cora.get("/group/collective")
    again = await cora.post(path, form=other.key, description="Nog eens")
    assert again.status == 422
    assert balances(house) == [0] * 5


async def test_some_members_with_amounts_of_their_own_out_of_a_spreadsheet(house: House) -> None:
    cora = await house.signed_in("003")

    shown = await look(cora, members="001;5\r\n002\t3\r\n\r\n005", side="group", amount="1")
    await confirm(cora, shown)

    assert balances(house) == [5, 3, 0, 0, 1]


@pytest.mark.parametrize(
    ("typed", "wrong", "words"),
    [
        ({"amount": ""}, "amount", "Vul dit in."),
        ({"amount": "een"}, "amount", "Schrijf een getal"),
        ({"amount": "-1"}, "amount", "meer dan nul"),
        ({"description": " "}, "description", "Vul dit in."),
        ({"members": "001\n999"}, "members", "Regel 2: er is geen lid met de code 999."),
        ({"members": "001\n001;4"}, "members", "Regel 2: 001 staat er al."),
        ({"members": "001;veel"}, "members", "Regel 1: dit bedrag is niet te lezen."),
        ({"members": "secretariaat"}, "members", "er is geen lid met de code secretariaat"),
        ({"whom": "sterren"}, "whom", "Kies een van de mogelijkheden."),
        ({"whom": "leavers"}, "", "Zo komt er niemand in aanmerking."),
        ({"basis": "given"}, "", "Zo komt er niemand in aanmerking."),
    ],
)
async def test_what_cannot_be_is_told_and_what_was_typed_comes_back(
    house: House, typed: dict[str, str], wrong: str, words: str
) -> None:
    cora = await house.signed_in("003")

    page = await look(cora, **{"members": "", **typed})

    assert page.status == 422
    assert words in page.words
    assert not wrong or f'id="{wrong}-wrong"' in page.text
    if "description" not in typed:
        assert "Ledenbijdrage &lt;b&gt;2027&lt;/b&gt;" in page.text
    assert balances(house) == [0] * 5


async def test_limits_are_told_beside_the_member_and_bind(house: House) -> None:
    cora = await house.signed_in("003")
    limits = Limits(soft_lower_minor=-1)
    await house.node.do(SetGroupLimits(new_key(), None, limits))
    await house.node.do(SetLimits(house.account("001"), -1, None))

    skipped = await look(cora)
    assert "niets" in skipped.words
    assert "Dit is verder van nul dan jullie graag hebben." in skipped.words
    lowered = await look(cora, beyond="lower")
    assert "9" in lowered.words
    await house.node.do(SetLimits(house.account("002"), -1, None))
    refused = await confirm(cora, lowered)

    assert refused.status == 422
    assert balances(house) == [0] * 5
    await confirm(cora, await look(cora, beyond="lower"))
    assert balances(house) == [-1, -1, -2, -2, -2]


@pytest.mark.parametrize("shares", ["", "x", "1:2:3", "9999:1", "4:-1", "4:99999999999999999999"])
async def test_parts_that_the_page_did_not_write_are_refused(house: House, shares: str) -> None:
    cora = await house.signed_in("003")
    shown = await look(cora)

    page = await confirm(cora, shown, shares=shares)

    assert page.status == 422
    assert balances(house) == [0] * 5


async def test_a_page_of_what_is_no_such_booking_is_not_there(house: House) -> None:
    cora = await house.signed_in("003")

    for path in ("/group/collective/1", "/group/collective/99999", "/group/collective/x"):
        assert (await cora.get(path)).status == 404, path
