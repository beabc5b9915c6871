"""Trades: exactly one state each, what may be done, thanked and turned back; nothing of others."""

from __future__ import annotations

import re
from itertools import product

import pytest
from msgspec.structs import replace

from federation.members import thanks, trades
from federation.members.people import Party
from federation.members.trade_views import ShownTrade
from projections.trade_state import TradeState
from schemas.texts.words import Language
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.two_groups import Two, plain, press, two

__all__ = ["two"]
STATES = {
    TradeState.REQUESTED: ("amber", "Gevraagd", "Demandé", "Asked"),
    TradeState.HELD: ("amber", "Aangevraagd", "Réservé", "Held"),
    TradeState.COMMITTED: ("amber", "Geboekt", "Comptabilisé", "Booked"),
    TradeState.SETTLED: ("green", "Bevestigd", "Confirmé", "Confirmed"),
    TradeState.REFUSED: ("grey", "Geweigerd", "Refusé", "Refused"),
    TradeState.CANCELLED: ("grey", "Geannuleerd", "Retiré", "Cancelled"),
    TradeState.EXPIRED: ("grey", "Vervallen", "Expiré", "Expired"),
    TradeState.REVERSED: ("grey", "Teruggedraaid", "Annulé", "Reversed"),
}
"""How each looks, and its word in Dutch, French and English (glossary)."""
LANGUAGES = (Language.NL, Language.FR, Language.EN)
EXPIRED = (
    (
        "Het raakte niet op tijd rond. Er is niets geboekt, en wat apart stond is terug. "
        "Begin gerust opnieuw."
    ),
    (
        "Cela n'a pas abouti à temps. Rien n'est comptabilisé, et ce qui était mis de côté est "
        "revenu. Recommence si tu veux."
    ),
    (
        "It was not done in time. Nothing is booked, and what was set apart is back. "
        "Feel free to begin again."
    ),
)
SENTENCES = {
    (TradeState.COMMITTED, "gives"): (
        "Geboekt. LETS Leuven ziet het zodra het weer bereikbaar is; dat gaat vanzelf.",
        (
            "Comptabilisé. LETS Leuven le verra dès que le groupe est à nouveau joignable ; "
            "cela se fait tout seul."
        ),
        "Booked. LETS Leuven sees it as soon as it can be reached again; that happens by itself.",
    ),
    (TradeState.COMMITTED, "gets"): (
        "Geboekt. Het wordt nog bevestigd; dat gaat vanzelf.",
        "Comptabilisé. Cela doit encore être confirmé ; cela se fait tout seul.",
        "Booked. It will still be confirmed; that happens by itself.",
    ),
    (TradeState.EXPIRED, "gives"): EXPIRED,
    (TradeState.EXPIRED, "gets"): EXPIRED,
}
TRADE = ShownTrade(
    id="x",
    between=True,
    gives=True,
    other=Party(name="Marc", node="b" * 52, group="LETS Leuven"),
    own_minor=8,
    other_minor=6,
    state=TradeState.HELD,
    at_s=1_800_000_000,
    expires_at_s=1_800_086_400,
)


def state(page: Page) -> tuple[str, str]:
    """Give the one state of a page, and its colour."""
    found = re.findall(
        r'class="state-box (\w+)">\s*<p class="state-word">(?:<svg.*?</svg>)?\s*([^<]+)<',
        page.text,
        re.DOTALL,
    )
    ((colour, words),) = found
    return words.strip(), colour


async def given(by: Browser, to: str = "002", amount: str = "8", **typed: str) -> Page:
    return await press(by, await by.get(f"/give?to={to}&amount={amount}"), **typed)


async def asked(by: Browser, to: str = "002", amount: str = "8", **typed: str) -> Page:
    return await press(by, await by.get(f"/ask?to={to}&amount={amount}"), **typed)


async def test_a_trade_has_one_state_in_the_list_and_on_its_page(house: House) -> None:
    an = await house.signed_in("001")
    done = await given(an, description="Fiets")
    open_ = await asked(an, "003", "5")

    assert state(done) == ("Bevestigd", "green")
    assert state(open_) == ("Gevraagd", "amber")
    listed = plain(await an.get("/trades"))
    assert "-8 bevestigd" in listed
    assert "+5 gevraagd" in listed
    assert listed.index("gevraagd") < listed.index("bevestigd")  # what is not done comes first
    assert "Fiets" in listed


async def test_the_statement_leads_to_its_trades(house: House) -> None:
    an = await house.signed_in("001")
    done = await given(an)

    page = await an.get("/statement")
    found = re.search(r'class="quiet" href="(/trades/\d+)"', page.text)
    assert found is not None
    shown = await an.get(found[1])

    assert state(shown) == state(done)
    assert "Je gaf Bert <b>Bold</b> 8 units." in plain(shown)


async def test_declining_says_why_to_the_other(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    trade = (await asked(bert, "001", "9")).path
    ask = await an.get(trade + "/decline")
    assert "Bert <b>Bold</b> vraagt je 9 units. Zeg je nee, dan wordt er niets geboekt." in plain(
        ask
    )

    no = await press(an, ask, text="Het waren er 6")
    twice = await press(an, ask, text="Het waren er 6")

    assert state(no) == state(twice) == ("Geweigerd", "grey")
    assert "Je zei dat dit niet klopt. Er is niets geboekt." in plain(no)
    told = await bert.get("/threads")
    assert "Het waren er 6" in told.words
    assert state(await bert.get(trade)) == ("Geweigerd", "grey")
    late = await an.post(trade, {"do": "consent", "own": "9"})
    assert late.status == 422
    assert "Dit is intussen al beslist." in plain(late)


async def test_an_own_question_is_taken_back(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    open_ = await asked(an)

    back = await an.post(open_.path, {"do": "withdraw"})

    assert state(back) == ("Geannuleerd", "grey")
    seen = await bert.get(open_.path)
    assert "Ja, boek dit" not in seen.words
    late = await bert.post(open_.path, {"do": "consent", "own": "8"})
    assert late.status == 422
    assert "Dit is intussen al beslist." in plain(late)


async def test_consent_is_given_once_and_to_what_was_shown(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    open_ = await asked(an)
    seen = await bert.get(open_.path)

    other = await press(bert, seen, "consent", own="7")
    assert other.status == 422
    assert "De aantallen zijn intussen veranderd." in plain(other)
    done = await press(bert, other, "consent")
    again = await press(bert, seen, "consent")

    assert state(done) == state(again) == ("Bevestigd", "green")
    ledger = house.node.machine.books.ledger
    assert ledger.balance(house.account("001")) == 8


async def test_not_right_is_asked_and_confirmed_by_the_other(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    done = await given(an)
    ask = await an.get(done.path + "/wrong")
    assert "We vragen Bert <b>Bold</b> om 8 units terug te geven." in plain(ask)

    back = await press(an, ask, description="Te veel")
    assert state(back) == ("Gevraagd", "amber")
    assert back.path != done.path
    assert "Dit klopt niet" not in (await an.get(done.path)).words
    twice = await press(an, ask, description="Te veel")
    assert twice.status in (200, 422)
    home = await bert.get("/home")
    assert "An Peeters vraagt iets terug" in plain(home)
    seen = await bert.get(back.path)
    assert "An Peeters vraagt terug wat je kreeg." in plain(seen)
    await press(bert, seen, "consent")

    for browser in (an, bert):
        assert state(await browser.get(done.path)) == ("Teruggedraaid", "grey")
    late = await an.get(done.path + "/wrong")
    assert "Dit is al teruggedraaid of gevraagd" in plain(late)
    assert house.node.machine.books.ledger.balance(house.account("001")) == 0


async def test_who_got_too_much_gives_it_back_at_once(house: House) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    done = await given(an)

    ask = await bert.get(done.path + "/wrong")
    assert "Je kunt alles teruggeven: 8 units voor An Peeters." in plain(ask)
    await press(bert, ask)

    assert state(await an.get(done.path)) == ("Teruggedraaid", "grey")


@pytest.mark.parametrize("public", [True, False])
async def test_thanks_are_read_by_whom_the_writer_wants(house: House, public: bool) -> None:
    an, bert = await house.signed_in("001"), await house.signed_in("002")
    done = await given(an)
    empty = await press(an, done, "thank")
    assert empty.status == 422
    assert "Vul dit in." in plain(empty)

    typed = {"text": "Prachtig <b>gedaan</b>"} | ({"public": "yes"} if public else {})
    said = await press(an, done, "thank", **typed)
    again = await press(an, done, "thank", **typed)
    other = await press(an, done, "thank", text="Iets anders")

    for page in (said, again, await bert.get(done.path)):
        assert "Prachtig <b>gedaan</b>" in plain(page)
        assert "<b>gedaan" not in page.text
        assert ("iedereen in de groep leest dit" in plain(page)) is public
    assert "Hiervoor heb je al bedankt; dat blijft zo staan." in plain(other)
    assert 'value="thank"' not in said.text
    third = await (await house.signed_in("003")).get("/members/002")
    assert ("Dank van anderen Prachtig <b>gedaan</b>" in plain(third)) is public
    assert "<b>gedaan" not in third.text
    found = await thanks.public_thanks(house.node, house.account("002"))
    assert [one.text for one in found] == (["Prachtig <b>gedaan</b>"] if public else [])


async def test_trades_of_others_are_not_there(house: House) -> None:
    an = await house.signed_in("001")
    done = await given(an)

    for code in ("003", "004", "005"):
        other = await house.signed_in(code)
        for end in ("", "/decline", "/wrong"):
            assert (await other.get(done.path + end)).status == 404
            assert (await other.post(done.path + end, {"do": "thank", "text": "x"})).status == 404
    for path in ("/trades/0", "/trades/999999", "/trades/<script>", "/trades/" + "x" * 300):
        page = await an.get(path)
        assert page.status == 404
        assert "<script>" not in page.text


async def test_trades_go_on_over_pages(house: House) -> None:
    an = await house.signed_in("001")
    for _ in range(31):
        await house.group.ask("pay", payer="001", payee="002", amount_minor=1)

    page = await an.get("/trades")
    found = re.search(r'href="(\?before=\d+)"', page.text)
    assert found is not None
    rest = await an.get("/trades" + found[1])

    assert page.text.count('class="row" href="/trades/') == 30
    assert rest.text.count('class="row" href="/trades/') == 1
    assert "Oudere ruilen" not in rest.words


@pytest.mark.parametrize(("place", "language"), list(enumerate(LANGUAGES)))
async def test_every_state_has_its_word_its_colour_and_its_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch, place: int, language: Language
) -> None:
    an = await house.signed_in("001")
    await an.post("/language", language=language, next="/me")
    assert set(STATES) == set(TradeState)

    shown = TRADE

    async def trade(*_: object) -> ShownTrade:
        return shown

    monkeypatch.setattr(trades, "trade", trade)

    for stage, side in product(TradeState, ("gives", "gets")):
        shown = replace(TRADE, state=stage, gives=side == "gives")
        page = await an.get("/trades/x")
        colour, *words = STATES[stage]
        assert (stage, *state(page)) == (stage, words[place], colour)
        said = {
            sentences[place] for sentences in SENTENCES.values() if sentences[place] in plain(page)
        }
        expected = SENTENCES.get((stage, side))
        assert (stage, side, said) == (stage, side, {expected[place]} if expected else set())


async def test_green_comes_only_with_the_receipt(two: Two) -> None:
    """The other group stops, is asked, starts again; its member turns the trade back at the end."""
    an = await two.here.signed_in("001")
    offer, node = await two.offer(), two.there.node.id
    await two.there.group.stop()
    confirm = await an.get(f"/give?node={node}&offer={offer}&amount=8")
    held = await press(an, confirm, description="Fiets")
    assert state(held) == ("Aangevraagd", "amber")
    assert "Kijk opnieuw" in plain(held)
    assert "Toch niet geven" in plain(held)
    assert "bevestigd" not in plain(await an.get("/trades"))
    balance_shown = two.here.node.machine.books.ledger.balance(two.here.account("001"))
    assert balance_shown == 0

    await two.restarted()
    path = held.path.rpartition("/")[2]
    await two.settled(path)
    assert state(await an.get(held.path)) == ("Bevestigd", "green")
    thanked = await press(an, await an.get(held.path), "thank", text="Dank!", public="yes")
    assert "Dank!" in plain(thanked)
    await two.met()

    marc = await two.there.signed_in("002")
    seen = await marc.get(held.path)
    assert state(seen) == ("Bevestigd", "green")
    assert "Dank!" in plain(seen)
    assert "Je kreeg van An Peeters 6 blommekes." in plain(seen)
    assert "Bij LETS Gent is dat 8" in plain(seen)
    assert "An Peeters LETS Gent Fiets" in plain(await marc.get("/statement"))
    assert "Marc LETS Leuven Fiets" in plain(await an.get("/statement?who=marc"))
    assert "Fiets" in plain(await an.get("/statement?who=leuven"))
    await press(marc, await marc.get(held.path + "/wrong"))
    await two.met()
    assert state(await an.get(held.path)) == ("Teruggedraaid", "grey")


async def test_declined_between_groups_with_a_word(two: Two) -> None:
    an = await two.here.signed_in("001")
    await two.offer()
    found = re.search(r'href="(/ask\?node=[^"]+)"', (await an.get("/ask?q=marc")).text)
    assert found is not None
    third = await an.get(found[1].replace("&amp;", "&") + "&amount=8")
    open_ = await press(an, third)
    assert state(open_) == ("Gevraagd", "amber")
    await two.met()
    marc = await two.there.signed_in("002")

    no = await press(marc, await marc.get(open_.path + "/decline"), text="Dat was ik niet")
    await two.met()

    assert state(no) == ("Geweigerd", "grey")
    mine = await an.get(open_.path)
    assert state(mine) == ("Geweigerd", "grey")
    assert "Er is niets geboekt." in plain(mine)
    assert "Dat was ik niet" in plain(await an.get("/threads"))
