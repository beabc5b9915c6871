"""A button that is pressed again before the page knows of the first time books once."""

from __future__ import annotations

from typing import Any

import pytest

from federation.members import agreed, trades
from federation.members.acting import actor
from federation.members.reader import Reader
from federation.members.roles import reader_of
from federation.members.thread_views import load
from schemas.errors import Code, RefusedError
from tests.federation.members.agreements import agreed_between, agreed_inside
from tests.federation.members.conftest import Group
from tests.federation.members.test_agreement import arrived
from tests.federation.world.conftest import World, eventually, lines


@pytest.mark.parametrize("gives", [True, False])
async def test_two_windows_that_saw_nothing_booked_book_one_trade(
    world: World, monkeypatch: pytest.MonkeyPatch, *, gives: bool
) -> None:
    a, b = await world.pair()
    name = await agreed_between(a, b, gives=gives)
    await b.stop()
    me = Reader(account=a.node.machine.books.ledger.codes.get("001"))
    seen = await load(a.node, actor(me), name)

    async def before_it_was_booked(*_: Any) -> Any:
        return seen

    first = await agreed.book(a.node, me, name, wait_s=0)
    monkeypatch.setattr(agreed, "load", before_it_was_booked)
    second = await agreed.book(a.node, me, name, wait_s=0)

    assert second == first
    assert len(await a.ask("trade.list", by="001")) == 1


async def test_both_press_while_their_groups_do_not_hear_of_each_other_and_one_trade_is_booked(
    world: World,
) -> None:
    a, b = await world.pair()
    name = await agreed_between(a, b)
    await a.stop()
    asked = await b.ask("thread.book", by="002", thread=name, wait_s=0)
    await b.stop()
    await a.start()
    paid = await a.ask("thread.book", by="001", thread=name, wait_s=0)
    await b.start()
    transfers, line = a.node.machine.books.transfers, lines(a)[0].line
    await eventually(lambda: transfers.get((paid["id"], line, "out")) is None)
    await eventually(lambda: transfers.get((asked["id"], line, "out")) is not None)

    with pytest.raises(RefusedError) as refused:
        await a.ask("trade.consent", by="001", trade=asked["id"])

    assert refused.value.code is Code.BOOKED_ALREADY
    ledger = a.node.machine.books.ledger
    assert ledger.balance(ledger.codes["001"]) == -8
    await a.ask("trade.decline", by="001", trade=asked["id"])


async def test_what_is_on_its_way_is_not_consented_to_a_second_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One window still shows the proposal when the request for it has come; the other is away."""
    a, b = await world.pair()
    name = await agreed_between(a, b)
    an = reader_of(a.node, a.node.machine.books.ledger.codes["001"])
    seen = await load(a.node, actor(an), name)
    asked = await b.ask("thread.book", by="002", thread=name, wait_s=0)
    await arrived(a, b)
    await b.stop()

    async def before_it_was_asked_for(*_: Any) -> Any:
        return seen

    with monkeypatch.context() as patch:
        patch.setattr(agreed, "load", before_it_was_asked_for)
        paid = await a.ask("thread.book", by="001", thread=name, wait_s=0)
    assert paid["id"] != asked["id"]
    assert paid["state"] == "held"

    with pytest.raises(RefusedError) as refused:
        await a.ask("trade.consent", by="001", trade=asked["id"], wait_s=0)

    assert refused.value.code is Code.BOOKED_ALREADY


async def test_who_asks_at_the_moment_in_which_the_other_books_is_not_given_twice(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await agreed_inside(group)
    an, bert = group.reader("001"), group.reader("002")
    seen = await load(group.node, actor(bert), name)
    await agreed.book(group.node, an, name)

    async def before_it_was_booked(*_: Any) -> Any:
        return seen

    monkeypatch.setattr(agreed, "load", before_it_was_booked)
    asked = await agreed.book(group.node, bert, name)
    with pytest.raises(RefusedError) as refused:
        await trades.consent(group.node, an, asked)

    assert refused.value.code is Code.BOOKED_ALREADY
    assert group.node.machine.books.ledger.balance(group.account("001")) == -8


async def test_what_is_agreed_on_anew_after_it_was_booked_can_be_asked_for(group: Group) -> None:
    said = {"code": "002", "gives": True, "amount_minor": 8}
    name = (await group.ask("thread.start", by="001", **said))["thread"]
    standing = (await group.ask("thread.show", by="002", thread=name))["standing"]["id"]
    await group.ask("thread.answer", by="002", thread=name, reply="yes", to=standing)
    await group.ask("thread.book", by="001", thread=name)
    again = {"thread": name, "gives": False, "amount_minor": 8}
    standing = (await group.ask("thread.propose", by="002", **again))["standing"]["id"]
    await group.ask("thread.answer", by="001", thread=name, reply="yes", to=standing)
    asked = await group.ask("thread.book", by="002", thread=name)

    done = await group.ask("trade.consent", by="001", trade=asked["id"])

    assert done["state"] == "settled"
    assert group.node.machine.books.ledger.balance(group.account("001")) == -16
