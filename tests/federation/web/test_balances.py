"""All balances on a day sum to zero, and who is far from zero is shown with since when."""

from __future__ import annotations

import pytest

from federation.group.commands import ImportTransfer, SetGroupLimits
from federation.members.balances import LONG_S, balances_before, far_from_zero
from federation.members.reader import OPERATOR
from federation.members.roles import reader_of
from federation.node.use_cases import new_key
from schemas.errors import Code, RefusedError
from schemas.limit_bodies import Limits
from tests.federation.web.conftest import House

DAY = 86_400
JANUARY = 1_767_225_600  # 2026-01-01 in UTC


async def book(house: House, payer: str, payee: str, minor: int, at_s: int) -> None:
    number = str(house.node.sequencer.size)
    sides = house.account(payer), house.account(payee)
    await house.node.do(ImportTransfer(new_key(), number, at_s, *sides, minor))


@pytest.fixture
async def booked(house: House) -> House:
    """An gave 150 in January and got back 30 in March, which Bert and Cora gave."""
    await book(house, "002", "001", 150, JANUARY)
    await book(house, "001", "002", 30, JANUARY + 60 * DAY)
    await book(house, "003", "002", 230, JANUARY + 61 * DAY)
    await book(house, "002", "003", 10, JANUARY + 62 * DAY)
    return house


async def test_balances_of_a_day_are_those_of_what_was_booked_until_then(booked: House) -> None:
    found = await balances_before(booked.node, OPERATOR, JANUARY + DAY)
    later = await balances_before(booked.node, OPERATOR, JANUARY + 90 * DAY)

    assert {one.account.code: one.balance_minor for one in found} == {
        "001": 150,
        "002": -150,
        "003": 0,
        "004": 0,
        "005": 0,
    }
    assert sum(one.balance_minor for one in later) == 0
    assert {one.account.code: one.balance_minor for one in later}["002"] == 100


async def test_a_page_and_a_file_for_who_may_see_balances(booked: House) -> None:
    dirk, an = await booked.signed_in("004"), await booked.signed_in("001")

    page = await dirk.get("/group/balances?on=2026-01-05")
    file = await dirk.get("/group/balances/csv?on=2026-01-05")
    wrong = await dirk.get("/group/balances?on=gisteren")

    assert "In units Rekening Saldo" in page.words
    assert "An Peeters 001 150" in page.words
    assert "Samen 0" in page.words
    assert "001;An Peeters;150" in file.text
    assert 'filename="saldo-per-lid-2026-01-05.csv"' in file.headers["Content-Disposition"]
    assert 'id="on-wrong"' in wrong.text
    assert (await an.get("/group/balances")).status == 403
    with pytest.raises(RefusedError) as refused:
        await balances_before(booked.node, reader_of(booked.node, booked.account("001")), JANUARY)
    assert refused.value.code is Code.FORBIDDEN


async def test_who_is_far_from_zero_is_so_since_the_last_time_it_was_near(booked: House) -> None:
    limits = Limits(soft_lower_minor=-100, soft_upper_minor=100)
    await booked.node.do(SetGroupLimits(new_key(), None, limits))
    now_s = JANUARY + 61 * DAY + LONG_S

    found = await far_from_zero(booked.node, OPERATOR, now_s=now_s)

    assert [(one.member.code, one.balance_minor, one.since_s, one.long) for one in found] == [
        ("001", 120, JANUARY, True),
        ("003", -220, JANUARY + 61 * DAY, True),
    ]
    sooner = await far_from_zero(booked.node, OPERATOR, now_s=now_s - 1)
    assert [one.long for one in sooner] == [True, False]


async def test_far_is_ten_hours_where_the_group_says_nothing(booked: House) -> None:
    dirk = await booked.signed_in("004")

    page = await dirk.get("/group/far")

    assert "Cora Coördinator" in page.words
    assert "An Peeters" not in page.words.partition("Dirk Auditor")[0]
    assert "Kreeg veel hulp." in page.words
    assert "Gaf veel." not in page.words
