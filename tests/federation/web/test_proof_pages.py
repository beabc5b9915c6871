"""The page "Bewijs": what it says in three languages, and the file behind its button."""

from __future__ import annotations

import re

import pytest

from federation.members import activities, booking_proof
from federation.node.use_cases import new_key
from projections.receipt import Booked, check_receipt
from tests.browser.group_world import activity, reader
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.test_statement import pay
from tests.federation.web.two_groups import Two, plain, two
from tests.federation.world.test_booking_proof import policy_of, proof_ready

__all__ = ["two"]
LINK = re.compile(r'href="([^"]*/proof)"[^>]*>([^<]*)<')


def links(page: Page) -> list[str]:
    """Give where the links "Bewijs" of a page lead."""
    found = LINK.findall(page.text)
    assert {words for _, words in found} <= {"Bewijs"}
    return [path for path, _ in found]


async def covered(house: House) -> None:
    """Wait until the books of now can be proven."""
    account = house.account("001")
    seq = await house.node.pool.fetchval("SELECT max(seq) FROM posting WHERE account = $1", account)
    await proof_ready(house.group, "001", seq)


async def taken(house: House, browser: Browser, page: Page) -> Booked:
    """Take the file of a page along, and check it."""
    (path,) = re.findall(r'href="([^"]*/proof/file)" download', page.text)
    file = await browser.get(path)
    assert file.status == 200
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert file.headers["Cache-Control"] == "no-store"
    named = file.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="bewijs-\w+-\d+\.tlog-proof"', named), named
    return check_receipt(file.text.encode(), policy_of(house.group))


async def test_a_booking_leads_to_its_proof(house: House) -> None:
    await pay(house, "001", "002", 5, "taart")
    await covered(house)
    browser = await house.signed_in("001")

    (path,) = links(await browser.get("/statement"))
    page = await browser.get(path)

    assert page.status == 200
    assert "-5 units" in plain(page).replace("\N{MINUS SIGN}", "-")
    assert f"met nummer {house.account('001')} en zonder naam" in page.words
    assert "het nummer en het bedrag van 1 andere rekening" in page.words
    assert "Bert" not in page.words
    told = await taken(house, browser, page)
    assert told.description == "taart"
    assert sorted(one.amount_minor for one in told.postings) == [-5, 5]


async def test_a_trade_leads_to_the_proof_of_its_booking(house: House) -> None:
    await pay(house, "001", "002", 5, "taart")
    await covered(house)
    an, bert = await house.signed_in("001"), await house.signed_in("002")

    (path,) = links(await an.get("/statement"))
    (name,) = re.findall(r'href="(/trades/[^"]+)">Deze ruil', (await bert.get("/statement")).text)

    assert links(await an.get(name)) == links(await bert.get(name)) == [path]


async def test_what_is_not_booked_has_no_proof(house: House) -> None:
    made = await house.group.ask("trade.ask", by="002", payer="001", amount_minor=5)
    an = await house.signed_in("001")

    assert links(await an.get(f"/trades/{made['id']}")) == []


@pytest.mark.parametrize(
    ("language", "title", "inside"),
    [
        ("nl", "Bewijs van een boeking", "Waarvoor het was"),
        ("fr", "Preuve d'une opération", "La raison"),
        ("en", "Proof of a booking", "What it was for"),
    ],
)
async def test_the_page_speaks_each_language(
    house: House, language: str, title: str, inside: str
) -> None:
    await pay(house, "001", "002", 5, "taart")
    await covered(house)
    browser = await house.signed_in("001")
    (path,) = links(await browser.get("/statement"))
    await browser.post("/language", language=language)

    page = await browser.get(path)

    assert title in page.words
    assert inside in page.words
    assert "Ruilbrug" in page.words


async def test_who_sees_the_books_gets_a_members_proof_without_what_it_was_for(
    house: House,
) -> None:
    await pay(house, "001", "002", 5, "taart")
    await covered(house)
    for code in ("003", "004"):
        browser = await house.signed_in(code)
        (path,) = links(await browser.get("/members/001/bookings"))
        page = await browser.get(path)
        assert "Niet waarvoor het was." in page.words
        assert (await taken(house, browser, page)).description is None
        assert 'href="/members/001/bookings"' in page.text


async def test_somebody_elses_booking_is_answered_like_one_that_is_not_there(house: House) -> None:
    await pay(house, "001", "002", 5, "taart")
    an, david = await house.signed_in("001"), await house.signed_in("005")
    (path,) = links(await an.get("/statement"))

    theirs = [await david.get(path), await david.get(f"{path}/file")]
    nothing = [
        await david.get("/statement/999/proof"),
        await david.get("/statement/999/proof/file"),
    ]

    assert [page.status for page in (*theirs, *nothing)] == [404] * 4
    assert [page.words for page in theirs] == [page.words for page in nothing]
    assert (await david.get("/statement/x/proof")).status == 404
    assert (await house.browser().get(path)).path.startswith("/login")


async def test_a_booking_that_no_checkpoint_covers_yet_says_to_come_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pay(house, "001", "002", 5, "taart")

    async def newest() -> None:
        return None

    monkeypatch.setattr(booking_proof, "_newest", lambda _: newest)
    browser = await house.signed_in("001")
    (path,) = links(await browser.get("/statement"))
    page = await browser.get(path)
    file = await browser.get(f"{path}/file")

    assert page.status == 200
    assert "Kijk over enkele minuten opnieuw;" in page.words
    assert f'href="{path}"' in page.text
    assert "download" not in page.text
    assert file.status == 503
    assert "De boeking zelf blijft zoals ze is." in file.words


async def test_units_for_all_who_helped_say_that_others_stand_in_the_proof(house: House) -> None:
    made = await activity(house, "002", "003", "005")
    shares = activities.evenly(9, [house.account(code) for code in ("002", "003", "005")])
    await activities.spread(
        house.node, reader(house, "001"), made.activity, shares, key=new_key(), description="Haag"
    )
    await covered(house)

    for code, own, others in (("001", -9, 3), ("002", 3, 3)):
        browser = await house.signed_in(code)
        (path,) = links(await browser.get("/statement"))
        page = await browser.get(path)
        assert f"Ook de nummers en de bedragen van {others} andere rekeningen." in page.words
        told = await taken(house, browser, page)
        legs = {one.account: one.amount_minor for one in told.postings}
        assert (legs[house.account(code)], len(legs)) == (own, 4)
        assert told.description == "Haag"


async def test_a_trade_with_another_group_names_the_group_and_nobody(two: Two) -> None:
    made = await two.here.group.ask(
        "pay", payer="001", payee="002", group="LETS Leuven", amount_minor=6, description="Fiets"
    )
    await two.settled(made["path"])
    await covered(two.here)
    an = await two.here.signed_in("001")

    (path,) = links(await an.get(f"/trades/{made['path']}"))
    page = await an.get(path)

    assert "LETS Leuven" in page.words
    assert "andere rekening" not in page.words
    assert "Marc" not in page.words
    told = await taken(two.here, an, page)
    assert told.between is not None
    assert (told.between.payee_minor, told.description) == (6, "Fiets")
