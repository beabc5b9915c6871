"""Being erased on pages: asked for, thought better of, carried out; what others see then."""

from __future__ import annotations

from tests.federation.web.conftest import House
from tests.federation.web.two_groups import plain, press


async def test_a_member_asks_thinks_better_of_it_and_is_told_what_stays(house: House) -> None:
    an = await house.signed_in("001")
    await house.group.ask("pay", payer="001", payee="002", amount_minor=7)
    page = await an.get("/me/erase")
    assert "De rekening staat op -7 units. De groep neemt dat over." in plain(page)
    assert "Haal eerst je gegevens op" in page.words

    asked = await press(an, page, "ask")
    assert "worden je gegevens gewist. Tot dan kun je je nog bedenken" in asked.words
    assert asked.text.count('class="notice"') == 1
    assert "Toch niet wissen" in asked.words
    assert (await an.get("/home")).status == 200

    stays = await press(an, asked, "stay")
    assert "Fijn dat je blijft" in stays.words
    assert house.node.machine.books.members.erasures.get(house.account("001")) is None


async def test_a_coordinator_is_told_once_what_was_asked_for_a_member(house: House) -> None:
    cora = await house.signed_in("003")

    asked = await press(cora, await cora.get("/members/001/erase"), "ask")
    stays = await press(cora, asked, "stay")

    assert "worden deze gegevens gewist." in asked.words
    assert asked.text.count('class="notice"') == 1
    assert "Bewaard." in stays.words


async def test_nobody_is_erased_while_something_is_open(house: House) -> None:
    an = await house.signed_in("001")
    asks = {"by": "002", "payer": "001", "amount_minor": 4, "description": "Taart"}
    await house.group.ask("trade.ask", **asks)
    page = await an.get("/me/erase")
    assert "Er staat nog iets open" in page.words

    refused = await an.post("/me/erase", {"do": "ask", "form": "A" * 22})

    assert refused.status == 422
    assert house.node.machine.books.members.erasures.get(house.account("001")) is None


async def test_a_coordinator_erases_and_the_member_is_out_at_once(house: House) -> None:
    an, bert, cora = [await house.signed_in(code) for code in ("001", "002", "003")]
    said = {"by": "001", "code": "002", "text": "Tot zaterdag"}
    thread = (await house.group.ask("thread.start", **said))["thread"]
    assert "Tot zaterdag" in (await bert.get(f"/threads/{thread}")).words
    page = await cora.get("/members/001")
    assert "Gegevens wissen" in page.words

    done = await press(cora, await cora.get("/members/001/erase"), "now")

    assert "De gegevens van dat lid zijn gewist." in done.words
    assert "An Peeters" not in done.words
    assert (await an.get("/home")).path.startswith("/login")
    seen = await bert.get(f"/threads/{thread}")
    assert seen.status == 200
    assert "An Peeters" not in seen.words
    assert "Tot zaterdag" not in seen.words
    assert "zijn gewist" in (await cora.get("/members/001/erase")).words
    again = await cora.post("/members/001/erase", {"do": "now", "form": "B" * 22})
    assert again.status == 422
