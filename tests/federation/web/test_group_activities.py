"""Doing things together as pages: who comes, and one booking with exactly the numbers shown."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from federation.group.activities import JOINED_MAX
from federation.group.commands import SetLimits
from federation.members import activities
from federation.node.use_cases import new_key
from tests.browser.group_world import activity, reader
from tests.federation.web.conftest import House

TYPED = {
    "title": "Haag <b>snoeien</b>",
    "day": "3/12/2031",
    "from": "9u",
    "until": "12:30",
    "place": "Park",
    "text": "Breng een schaar mee.\n<script>alert(1)</script>",
}


def balances(house: House) -> list[int]:
    ledger = house.node.machine.books.ledger
    return [ledger.balance(house.account(code)) for code in ("001", "002", "003", "005")]


async def limit(house: House, lower_minor: int) -> None:
    await house.node.do(SetLimits(house.account("001"), lower_minor, None, unlimited=False))


def helpers(house: House, *codes: str) -> dict[str, str]:
    return {f"helper-{house.account(code)}": "yes" for code in codes}


async def test_a_member_places_one_others_come_and_go(house: House) -> None:
    owner, other = await house.signed_in("001"), await house.signed_in("002")
    blank = await owner.get("/activities/new")

    pages = await asyncio.gather(
        *(owner.post("/activities/new", TYPED, form=blank.key) for _ in range(2))
    )
    joined = [await other.post("/activities/1/join", joins="yes") for _ in range(2)]

    assert {page.path for page in pages} == {"/activities/1?done=saved"}
    assert "woensdag 3 december 2031 van 09:00 tot 12:30" in pages[0].words
    assert "<b>snoeien" not in pages[0].text
    assert "<script>" not in pages[0].text
    assert [page.path for page in joined] == ["/activities/1?done=joined"] * 2
    assert "Je komt mee." in joined[0].words
    assert "/activities/1/edit" not in joined[0].text
    assert "1 komt mee" in (await owner.get("/activities")).words
    assert "Haag" in (await owner.get("/calendar")).words
    left = await other.post("/activities/1/join", joins="no")
    assert "Nog niemand." in left.words


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"title": ""}, "title"),
        ({"from": ""}, "from"),
        ({"until": ""}, "until"),
        ({"until": "8:00"}, "until"),
        ({"day": "gisteren"}, "day"),
        ({"place": "x" * 201}, "place"),
    ],
)
async def test_what_cannot_be_is_told_at_its_field(
    house: House, typed: dict[str, str], wrong: str
) -> None:
    owner = await house.signed_in("001")
    blank = await owner.get("/activities/new")

    page = await owner.post("/activities/new", {**TYPED, **typed}, form=blank.key)

    assert page.status == 422
    assert f'id="{wrong}-wrong"' in page.text
    assert "Breng een schaar mee." in page.text
    assert not list(house.node.machine.books.agreeing.activities.base)


async def test_only_who_organises_changes_it_and_it_is_called_off_once(house: House) -> None:
    made = await activity(house, "002")
    owner, other = await house.signed_in("001"), await house.signed_in("002")
    path = f"/activities/{made.activity}"

    assert (await other.get(f"{path}/edit")).status == 403
    edit, own = await owner.get(f"{path}/edit"), await other.get("/activities/new")
    assert (await other.post(f"{path}/edit", TYPED, form=own.key)).status == 403
    changed = await owner.post(f"{path}/edit", TYPED, form=edit.key)
    assert "Haag <b>snoeien</b>" in changed.words
    refused = await other.post(f"{path}/cancel", form=own.key)
    assert refused.status == 422
    asked = await owner.get(f"{path}/cancel")
    off = [await owner.post(f"{path}/cancel", form=asked.key) for _ in range(2)]

    assert [page.path for page in off] == [f"{path}?done=called-off"] * 2
    assert "Dit gaat niet door." in (await other.get(path)).words
    assert "Haag" not in (await other.get("/calendar")).words
    assert (await owner.get(f"{path}/edit")).status == 404
    assert (await owner.get("/activities/99")).status == 404


async def test_as_many_helpers_as_may_come_are_read_and_nobody_else(house: House) -> None:
    made = await activity(house, "002")
    owner = await house.signed_in("001")
    path = f"/activities/{made.activity}/spread"
    blank = await owner.get(path)
    many = {f"helper-{number}": "yes" for number in range(1_000, 1_000 + JOINED_MAX)}
    endless = {f"helper-{'9' * 5_000}": "yes"}

    pages = [
        await owner.post(path, {"amount": "500", **helpers, "form": blank.key})
        for helpers in (many, endless)
    ]

    assert [page.status for page in pages] == [422, 422]
    assert all("Kies wie er hielp." in page.words for page in pages)


async def test_what_is_shown_is_what_is_booked_and_a_double_click_books_once(
    house: House,
) -> None:
    made = await activity(house, "002", "003", "005")
    owner = await house.signed_in("001")
    path = f"/activities/{made.activity}/spread"
    blank = await owner.get(path)
    assert blank.text.count(" checked") == 3
    typed = {"amount": "10", "description": "Dank!", **helpers(house, "002", "003", "005")}

    shown = await owner.post(path, typed, form=blank.key)

    assert shown.status == 200, shown.words
    assert balances(house) == [0, 0, 0, 0], "nothing is booked yet"
    assert "10 units" in shown.words
    assert "Bert <b>Bold</b> 002 4 Cora" in shown.words
    assert "Coördinator 003 3" in shown.words
    assert "005 3" in shown.words
    assert "Je saldo wordt -10" in shown.words
    assert shown.key == blank.key
    pages = await asyncio.gather(
        *(owner.post(f"{path}/confirm", typed, form=shown.key) for _ in range(3))
    )
    assert {page.path for page in pages} == {f"/activities/{made.activity}?done=spread"}
    assert balances(house) == [-10, 4, 3, 3]
    again = await owner.get(path)
    assert "Hiervoor werd al geboekt." in again.words


@pytest.mark.parametrize("amount", ["", "0", "-3", "een", "1.5", "2", "1 0 0", "9" * 30])
async def test_an_amount_that_cannot_be_shared_is_told_before_anything(
    house: House, amount: str
) -> None:
    made = await activity(house, "002", "003", "005")
    owner = await house.signed_in("001")
    path = f"/activities/{made.activity}/spread"
    blank = await owner.get(path)
    typed = {"amount": amount, **helpers(house, "002", "003", "005")}

    for where in (path, f"{path}/confirm"):
        page = await owner.post(where, typed, form=blank.key)
        assert page.status == 422
        assert 'id="amount-wrong"' in page.text
        assert page.text.count(" checked") == 3
    assert balances(house) == [0, 0, 0, 0]


async def test_who_helped_is_chosen_from_who_came(house: House) -> None:
    made = await activity(house, "002")
    owner = await house.signed_in("001")
    path = f"/activities/{made.activity}/spread"
    blank = await owner.get(path)

    for chosen in ({}, helpers(house, "005"), {"helper-x": "yes"}, helpers(house, "002", "005")):
        for where in (path, f"{path}/confirm"):
            page = await owner.post(where, {"amount": "3", **chosen}, form=blank.key)
            assert page.status == 422, chosen
            assert "Kies wie er hielp." in page.words
    assert balances(house) == [0, 0, 0, 0]


async def test_a_limit_is_told_before_the_button_and_again_when_it_came_meanwhile(
    house: House,
) -> None:
    made = await activity(house, "002", "005")
    owner = await house.signed_in("001")
    path = f"/activities/{made.activity}/spread"
    typed = {"amount": "20", **helpers(house, "002", "005")}
    blank = await owner.get(path)
    shown = await owner.post(path, typed, form=blank.key)
    await limit(house, -15)

    late = await owner.post(f"{path}/confirm", typed, form=shown.key)
    early = await owner.post(path, typed, form=late.key)

    for page in (late, early):
        assert page.status == 422
        assert 'role="alert"' in page.text
        assert 'value="20"' in page.text
    assert balances(house) == [0, 0, 0, 0]
    less = await owner.post(f"{path}/confirm", {**typed, "amount": "14"}, form=early.key)
    assert less.path.endswith("?done=spread")
    assert balances(house) == [-14, 7, 0, 7]


async def test_somebody_who_went_meanwhile_gets_nothing(house: House) -> None:
    made = await activity(house, "002", "005")
    owner = await house.signed_in("001")
    path = f"/activities/{made.activity}/spread"
    typed = {"amount": "4", **helpers(house, "002", "005")}
    blank = await owner.get(path)
    await activities.join(house.node, reader(house, "002"), made.activity, joins=False)

    page = await owner.post(f"{path}/confirm", typed, form=blank.key)

    assert page.status == 422
    assert balances(house) == [0, 0, 0, 0]


async def test_the_group_gives_only_when_a_coordinator_says_so(house: House) -> None:
    made = await activity(house, "002", "003")
    member, coordinator = await house.signed_in("001"), await house.signed_in("003")
    path = f"/activities/{made.activity}/spread"
    typed = {"amount": "8", "from-group": "yes", **helpers(house, "002", "003")}

    blank = await member.get(path)
    assert "from-group" not in blank.text
    for where in (path, f"{path}/confirm"):
        page = await member.post(where, typed, form=blank.key)
        assert page.status in (403, 422)
    assert balances(house) == [0, 0, 0, 0]
    blank = await coordinator.get(path)
    shown = await coordinator.post(path, typed, form=blank.key)
    assert "De groep geeft dit samen" in shown.words
    assert "Je saldo wordt" not in shown.words
    await coordinator.post(f"{path}/confirm", typed, form=shown.key)
    assert balances(house) == [0, 4, 4, 0]


async def test_a_quote_says_what_the_booking_then_does(house: House) -> None:
    made = await activity(house, "002", "003", "005")
    me = reader(house, "001")
    accounts = [house.account(code) for code in ("002", "003", "005")]
    await limit(house, -20)

    for total in (3, 11, 40):
        shares = activities.evenly(total, accounts)
        quote = activities.quote_spread(house.node, me, made.activity, shares)
        before: Any = balances(house)
        try:
            await activities.spread(house.node, me, made.activity, shares, key=new_key())
        except Exception as error:  # noqa: BLE001 - whatever it is, the quote says the same
            assert quote.refusal is not None
            assert getattr(error, "code", None) is quote.refusal.code
            assert balances(house) == before
        else:
            assert quote.refusal is None
            assert balances(house)[0] == quote.after_minor == before[0] - total
    assert balances(house)[0] == -14
