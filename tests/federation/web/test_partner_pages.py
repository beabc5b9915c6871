"""A group that is reached by mail, through its pages: added, traded with, answered, compared."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import pytest

from federation.group.commands import OpenAccount
from federation.group.partner_commands import AskPartner
from federation.mail.compose.partners import SHOWN_AFTER_S, statement_url, trade_url
from federation.mail.letter import Recipient
from federation.mail.office import office_of
from federation.members import partners
from federation.members.partner_statement import month_statement
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.node.verify import verify_log
from projections.agreeing import Request, RequestPhase
from projections.tables import read_books
from schemas.bodies import AccountKind
from schemas.errors import Code, RefusedError
from schemas.texts.words import Language
from tests.federation.web.conftest import Browser, House

TYPED = {
    "group": "LETS Gent",
    "code": "GENT",
    "contact": "Griet",
    "address": "griet@voorbeeld.be",
    "language": "nl",
    "lower": "100",
    "upper": "12",
}
TRADE = {"side": "give", "person": "Rita", "amount": "8", "description": "Ramen lappen"}


class Mailed(NamedTuple):
    """A house with a group by mail, and nobody's browser at its contact."""

    house: House
    account: int
    contact: Browser

    async def ask(self, **changed: str) -> Request:
        an = await self.house.signed_in("001")
        blank = await an.get("/partners/trade")
        typed = TRADE | {"partner": str(self.account)} | changed
        page = await an.post("/partners/trade", typed, form=blank.key)
        assert page.status == 200, page.words
        assert "Gevraagd. De andere groep krijgt een mail" in page.words
        return self.request(page.path.split("/")[2].split("?")[0])

    def request(self, name: str) -> Request:
        return self.house.node.machine.books.agreeing.requests[name]

    def to(self) -> Recipient:
        contact = self.house.node.machine.books.agreeing.partners[self.account].contact
        return Recipient(self.account, contact, "Griet", "griet@voorbeeld.be", Language.NL)

    async def link(self, request: Request) -> str:
        trade = await partners.open_trade(self.house.node, request)
        url = trade_url(office_of(self.house.node).desk(), self.to(), trade)
        return url.removeprefix(self.house.node.settings.public_url)

    def balance(self) -> int:
        return self.house.node.machine.books.ledger.balance(self.account)


@pytest.fixture
async def mailed(house: House) -> Mailed:
    cora = await house.signed_in("003")
    blank = await cora.get("/group/partners/new")
    pages = [await cora.post("/group/partners/new", TYPED, form=blank.key) for _ in range(2)]
    assert pages[0].path == pages[1].path  # pressed twice, added once
    account = house.node.machine.books.ledger.codes["gent"]
    assert f"/group/partners/{account}" in pages[0].path
    return Mailed(house, account, house.browser())


async def test_a_trade_waits_for_the_contact_and_is_booked_by_one_answer(mailed: Mailed) -> None:
    request = await mailed.ask()
    link = await mailed.link(request)
    ledger = mailed.house.node.machine.books.ledger
    an = mailed.house.account("001")
    assert (ledger.held_lower.get(an), ledger.held_upper.get(mailed.account)) == (8, 8)
    size = mailed.house.node.sequencer.size

    asked = await mailed.contact.get(link)
    assert "An Peeters (alfa) kreeg hulp van Rita van jullie groep" in asked.words
    assert "Ramen lappen" in asked.words
    assert mailed.house.node.sequencer.size == size  # looking does nothing
    pages = [await mailed.contact.post(link, {"do": "right"}) for _ in range(2)]

    assert "Het is geboekt op de rekening van jullie groep" in pages[0].words
    assert pages[1].status == 200
    assert mailed.house.node.sequencer.size == size + 1
    assert (mailed.balance(), ledger.balance(an)) == (8, -8)
    assert (ledger.held_lower.get(an), ledger.held_upper.get(mailed.account)) == (0, 0)
    trade = await (await mailed.house.signed_in("001")).get(f"/trades/{request.request}")
    assert "Rita" in trade.words
    assert f"/trades/{request.request}/wrong" not in trade.text
    late = await mailed.contact.post(link, {"do": "wrong", "reason": "toch niet"})
    assert late.status == 422
    assert mailed.balance() == 8
    await mailed.ask(amount="2")  # something stands open too
    await mailed.house.group.stop()
    assert (await verify_log(mailed.house.group.folder)).findings == []
    await mailed.house.group.start()


async def test_a_refusal_needs_a_reason_and_the_member_reads_it(mailed: Mailed) -> None:
    request = await mailed.ask(side="ask")
    link = await mailed.link(request)
    asked = await mailed.contact.get(link)
    assert "An Peeters (alfa) hielp Rita van jullie groep" in asked.words

    silent = await mailed.contact.post(link, {"do": "wrong", "reason": " "})
    assert silent.status == 422
    assert mailed.request(request.request).phase is RequestPhase.OPEN
    said = await mailed.contact.post(link, {"do": "wrong", "reason": "Rita <b>kent</b> dit niet"})

    assert "Er werd nee gezegd" in said.words
    trade = await (await mailed.house.signed_in("001")).get(f"/trades/{request.request}")
    assert "Rita &lt;b&gt;kent&lt;/b&gt; dit niet" in trade.text
    assert mailed.balance() == 0


async def test_limits_of_that_group_are_told_before_anything_is_asked(mailed: Mailed) -> None:
    an = await mailed.house.signed_in("001")
    blank = await an.get("/partners/trade")

    page = await an.post(
        "/partners/trade",
        TRADE | {"amount": "13", "partner": str(mailed.account)},
        form=blank.key,
    )

    assert page.status == 422
    assert "12" in page.words
    assert not mailed.house.node.machine.books.agreeing.requests.base


async def test_links_of_an_earlier_contact_and_forged_ones_do_nothing(mailed: Mailed) -> None:
    request = await mailed.ask()
    link = await mailed.link(request)
    cora = await mailed.house.signed_in("003")
    path = f"/group/partners/new?account={mailed.account}"
    blank = await cora.get(path)
    assert 'value="griet@voorbeeld.be"' in blank.text
    changed = TYPED | {"account": str(mailed.account), "contact": "Piet", "upper": "20"}
    await cora.post("/group/partners/new", changed, form=blank.key)

    for bad in (link, link[:-2] + "xx", "/partner/" + "A" * 399, "/partner/%00"):
        assert (await mailed.contact.get(bad)).status == 404, bad
        assert (await mailed.contact.post(bad, {"do": "right"})).status == 404, bad
    assert mailed.balance() == 0
    again = await mailed.contact.get(await mailed.link(request))
    assert again.status == 200
    limits = mailed.house.node.machine.books.ledger.accounts[mailed.account]
    assert (limits.lower_minor, limits.upper_minor) == (-100, 20)


async def test_a_pause_is_told_with_its_reason(mailed: Mailed) -> None:
    cora = await mailed.house.signed_in("003")
    path = f"/group/partners/{mailed.account}"
    blank = await cora.get(path)
    assert (await cora.post(path, {"do": "pause"}, form=blank.key)).status == 422
    reason = "Hun kerngroep is op reis"
    await cora.post(path, {"do": "pause", "reason": reason}, form=blank.key)

    trade = await (await mailed.house.signed_in("001")).get("/partners/trade")

    assert reason in trade.words
    assert f'value="{mailed.account}"' not in trade.text
    blank = await cora.get(path)
    assert reason in blank.words
    await cora.post(path, {"do": "resume"}, form=blank.key)
    trade = await (await mailed.house.signed_in("001")).get("/partners/trade")
    assert f'value="{mailed.account}"' in trade.text


async def test_a_month_is_compared_and_what_does_not_agree_is_told(mailed: Mailed) -> None:
    request = await mailed.ask()
    await mailed.contact.post(await mailed.link(request), {"do": "right"})
    node = mailed.house.node
    month = _this_month(mailed)
    statement = await month_statement(node, mailed.account, month)
    assert (statement.opening_minor, statement.closing_minor) == (0, 8)
    assert [(one.person, one.description) for one in statement.lines] == [("Rita", "Ramen lappen")]
    url = statement_url(office_of(node).desk(), mailed.to(), statement)
    link = url.removeprefix(node.settings.public_url)

    page = await mailed.contact.get(link)
    assert "Ramen lappen ( Rita )" in page.words
    assert ", in units Wanneer" in page.words
    assert (await mailed.contact.post(link, {"do": "wrong"})).status == 422
    page = await mailed.contact.post(link, {"do": "wrong", "reason": "Wij tellen er 6"})
    assert "Jullie zeiden: klopt niet." in page.words
    cora = await mailed.house.signed_in("003")
    assert "Wij tellen er 6" in (await cora.get(f"/group/partners/{mailed.account}")).words
    assert "Hun boeken zeggen iets anders" in (await cora.get("/group/partners")).words

    await mailed.contact.post(link, {"do": "right"})
    size = node.sequencer.size
    page = await mailed.contact.post(link, {"do": "right"})
    assert node.sequencer.size == size
    assert "Jullie zeiden: klopt." in page.words


def _this_month(mailed: Mailed) -> str:
    return datetime.fromtimestamp(now_s(), office_of(mailed.house.node).zone).strftime("%Y-%m")


async def test_what_is_open_stands_on_their_account_with_a_picture(mailed: Mailed) -> None:
    await mailed.ask()
    cora = await mailed.house.signed_in("003")

    page = await cora.get(f"/group/partners/{mailed.account}")

    assert "An Peeters geeft 8" in page.words.replace("\u00a0", " ")
    assert "Staat apart om te krijgen 8 units" in page.words.replace("\u00a0", " ")
    assert "Hoogste saldo 12 units" in page.words.replace("\u00a0", " ")
    assert "<svg" in page.text
    assert "1 ruil wacht op hun antwoord" in (await cora.get("/group/partners")).words


async def test_an_account_that_came_along_becomes_a_group_by_mail(house: House) -> None:
    node = house.node
    await node.do(OpenAccount(new_key(), "P9", AccountKind.OLD_PARTNER, unlimited=True))
    account = node.machine.books.ledger.codes["p9"]
    cora = await house.signed_in("003")
    assert "Nog zonder mailadres" in (await cora.get("/group/partners")).words
    blank = await cora.get(f"/group/partners/new?account={account}")

    page = await cora.post(
        "/group/partners/new", TYPED | {"account": str(account), "code": ""}, form=blank.key
    )

    assert "LETS Gent" in page.words
    trade = await (await house.signed_in("001")).get("/partners/trade")
    assert f'value="{account}"' in trade.text


async def test_after_its_time_a_link_says_so_and_books_nothing(mailed: Mailed) -> None:
    request = await mailed.ask()
    link = await mailed.link(request)
    mailed.house.place.now_s = lambda: request.expires_at_s + SHOWN_AFTER_S

    assert (await mailed.contact.post(link, {"do": "right"})).status == 404
    assert mailed.balance() == 0


async def test_what_stands_apart_survives_a_restart(mailed: Mailed) -> None:
    request = await mailed.ask()
    books = mailed.house.node.machine.books
    async with mailed.house.node.pool.acquire() as connection:
        read = await read_books(connection)

    assert read.agreeing.requests.base[request.request] == request
    assert read.agreeing.partners.base == books.agreeing.partners.base
    assert read.ledger.holds.base == books.ledger.holds.base
    assert set(read.ledger.holds.base) == {
        ("", request.request, "out"),
        ("", request.request, "in"),
    }


async def test_the_same_key_for_another_trade_is_a_conflict(mailed: Mailed) -> None:
    key, an = new_key(), mailed.house.account("001")
    command = AskPartner(key, an, mailed.account, True, 3, "a", "Rita")
    await mailed.house.node.do(command)
    again = await mailed.house.node.do(command)
    assert again.replayed

    with pytest.raises(RefusedError) as refused:
        await mailed.house.node.do(command._replace(amount_minor=4))
    assert refused.value.code is Code.CONFLICT


async def test_what_no_form_sends_is_told_and_changes_nothing(mailed: Mailed) -> None:
    cora, size = await mailed.house.signed_in("003"), mailed.house.node.sequencer.size
    for changed in (
        {"language": "xx"},
        {"lower": "-5"},
        {"upper": ""},
        {"upper": "9" * 19},
        {"address": "griet"},
        {"code": "001"},
        {"contact": " "},
        {"account": str(mailed.house.account("001"))},
        {"account": "999999"},
    ):
        blank = await cora.get("/group/partners/new")
        page = await cora.post(
            "/group/partners/new", TYPED | {"code": "B"} | changed, form=blank.key
        )
        assert page.status == 422, changed
    an = await mailed.house.signed_in("001")
    for changed in ({"partner": "1"}, {"side": "x"}, {"amount": "0"}, {"person": ""}):
        typed = TRADE | {"partner": str(mailed.account)} | changed
        page = await an.post("/partners/trade", typed)
        assert page.status == 422, changed
    path = f"/group/partners/{mailed.account}"
    assert (await cora.post(path, {"do": "x"})).status == 422
    assert (await cora.get("/group/partners/new?account=999")).status == 404
    assert (await cora.get("/group/partners/1")).status == 404
    assert mailed.house.node.sequencer.size == size


async def test_a_coordinator_gives_a_confirmed_trade_back_once_with_a_reason(
    mailed: Mailed,
) -> None:
    request = await mailed.ask()
    await mailed.contact.post(await mailed.link(request), {"do": "right"})
    seq = mailed.house.node.sequencer.size - 1
    cora = await mailed.house.signed_in("003")
    path = f"/group/partners/{mailed.account}/trades/{seq}"

    listed = await cora.get(f"/group/partners/{mailed.account}")
    blank = await cora.get(path)
    without = await cora.post(path, form=blank.key)
    done = [await cora.post(path, {"description": "Dubbel"}, form=blank.key) for _ in range(2)]
    size = mailed.house.node.sequencer.size
    again = await cora.get(path)
    strange = await cora.get(f"/group/partners/{mailed.account}/trades/1")

    assert f'href="{path}"' in listed.text
    assert "An Peeters gaf 8 units" in blank.words.replace("\u00a0", " ")
    assert without.status == 422
    assert "Teruggedraaid. Het contact" in done[0].words
    assert done[1].path == done[0].path
    assert size == seq + 2
    assert mailed.balance() == 0
    assert "Deze ruil is al teruggedraaid." in again.words
    assert strange.status == 404
    statement = await (await mailed.house.signed_in("001")).get("/statement")
    assert "Dubbel" in statement.words


async def test_the_same_trade_with_a_group_by_mail_is_asked_for_again_only_on_a_second_yes(
    mailed: Mailed,
) -> None:
    request = await mailed.ask(amount="3")
    an = await mailed.house.signed_in("001")
    typed = TRADE | {"partner": str(mailed.account), "amount": "3"}
    blank = await an.get("/partners/trade")

    told = await an.post("/partners/trade", typed, form=blank.key)

    assert told.status == 422
    assert "Dit vroeg je net al, om" in told.words
    assert f'href="/trades/{request.request}"' in told.text
    assert "Ja, vraag het nog een keer" in told.words
    assert f'name="again" value="{request.request}"' in told.text
    assert len(mailed.house.node.machine.books.agreeing.requests.base) == 1
    other = await an.post("/partners/trade", typed | {"person": "Jan"})
    assert other.status == 200
    again = await an.post("/partners/trade", typed, form=told.key, again=request.request)
    assert again.status == 200
    assert "/trades/" in again.path


async def test_a_group_that_pauses_meanwhile_leaves_the_words_for_somebody_else(
    mailed: Mailed,
) -> None:
    an, cora = await mailed.house.signed_in("001"), await mailed.house.signed_in("003")
    blank = await an.get("/partners/trade")
    path = f"/group/partners/{mailed.account}"
    form = (await cora.get(path)).key
    await cora.post(path, {"do": "pause", "reason": "Op reis"}, form=form)

    page = await an.post(
        "/partners/trade", TRADE | {"partner": str(mailed.account)}, form=blank.key
    )
    other = await an.post("/partners/trade", TRADE | {"do": "else"}, form=page.key)

    assert page.status == 422
    assert "Er is niets gevraagd en niets geboekt." in page.words
    for typed in (TRADE["person"], TRADE["amount"], TRADE["description"]):
        assert f'value="{typed}"' in page.text
    assert other.path.startswith("/give?")
    assert TRADE["description"] in other.words
