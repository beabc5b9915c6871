"""What two agreed on is booked once, also when both windows press before either is answered.

The payer has two ways: to book the proposal, or to consent to what the payee asked for. Both
commands are with the single writer before it decides the first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple

import pytest

from federation.group.agreeing import ConsentToAsked
from federation.group.commands import Transfer
from federation.line.commands import ConsentToRequest, StartPayment
from federation.members import agreed, trades
from federation.members.acting import actor
from federation.members.reader import Reader
from federation.members.roles import reader_of
from federation.members.thread_views import Loaded, load
from federation.node.service import Node
from projections.lines import Phase
from projections.threads import booking_ids
from schemas.errors import Code, Refusal, RefusedError
from tests.federation.members.agreements import agreed_between, agreed_inside
from tests.federation.members.conftest import Group
from tests.federation.members.test_agreement import arrived, judged
from tests.federation.world.conftest import World, WorldNode, eventually, lines

BOOKINGS = (Transfer, ConsentToAsked, StartPayment, ConsentToRequest)
WAIT_S = 20
ORDERS = pytest.mark.parametrize("consents_first", [False, True])
BATCHES = pytest.mark.parametrize("together", [True, False])


class Agreed(NamedTuple):
    """An agreement that the payee asked for, and what a window of the payer has seen before."""

    node: Node
    payer: Reader
    thread: str
    asked: str
    seen: Loaded

    def balance(self) -> int:
        assert self.payer.account is not None
        return self.node.machine.books.ledger.balance(self.payer.account)

    def book(self, monkeypatch: pytest.MonkeyPatch) -> Coroutine[Any, Any, str]:
        """Book in the window that does not know yet that the payee has asked."""

        async def before_it_was_asked_for(*_: Any) -> Loaded:
            return self.seen

        monkeypatch.setattr(agreed, "load", before_it_was_asked_for)
        return agreed.book(self.node, self.payer, self.thread, wait_s=0)

    def consent(self) -> Coroutine[Any, Any, Any]:
        return trades.consent(self.node, self.payer, self.asked, wait_s=0)


async def inside(group: Group) -> Agreed:
    name = await agreed_inside(group)
    payer = group.reader("001")
    seen = await load(group.node, actor(payer), name)
    asked = await group.ask("thread.book", by="002", thread=name)
    return Agreed(group.node, payer, name, asked["id"], seen)


async def between(a: WorldNode, b: WorldNode) -> Agreed:
    """Agree between two groups; the payee's is away when its request has come."""
    name = await agreed_between(a, b)
    payer = reader_of(a.node, a.node.machine.books.ledger.codes["001"])
    seen = await load(a.node, actor(payer), name)
    asked = await b.ask("thread.book", by="002", thread=name, wait_s=0)
    await arrived(a, b)
    await b.stop()
    return Agreed(a.node, payer, name, asked["id"], seen)


class Pressed(NamedTuple):
    command: Any
    answer: asyncio.Future[Any]
    """What the use case waits for."""


async def press(
    node: Node, *presses: Coroutine[Any, Any, Any], together: bool = True
) -> tuple[list[Any], list[Any]]:
    """Let each press come to its booking, then hand all of them to the single writer in order.

    Gives what the writer answers, and what each press comes to. When they are not handed in
    together, each is in a batch of its own.
    """
    held: asyncio.Queue[Pressed] = asyncio.Queue()
    do = node.do

    async def hold(command: Any) -> Any:
        if not isinstance(command, BOOKINGS):
            return await do(command)
        pressed = Pressed(command, asyncio.get_running_loop().create_future())
        held.put_nowait(pressed)
        return await pressed.answer

    tasks, waiting = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node, "do", hold)
        async with asyncio.timeout(WAIT_S):
            for one in presses:
                tasks.append(asyncio.create_task(one))
                waiting.append(await held.get())
    answers = []
    for pressed in waiting:
        answers.append(node.sequencer.submit(pressed.command))
        if not together:
            await answers[-1]
    said = await asyncio.gather(*answers)
    for pressed, answer in zip(waiting, said, strict=True):
        if isinstance(answer, Refusal):
            pressed.answer.set_exception(RefusedError.of(answer))
        else:
            pressed.answer.set_result(answer)
    return said, await asyncio.gather(*tasks, return_exceptions=True)


def booked_already(answer: Any) -> bool:
    return isinstance(answer, Refusal) and answer.code is Code.BOOKED_ALREADY


@BATCHES
@ORDERS
async def test_one_of_two_windows_of_a_group_books(
    group: Group, monkeypatch: pytest.MonkeyPatch, *, consents_first: bool, together: bool
) -> None:
    one = await inside(group)
    presses = [one.book(monkeypatch), one.consent()]
    if consents_first:
        presses.reverse()

    said, came = await press(group.node, *presses, together=together)

    assert [booked_already(answer) for answer in said] == [False, True]
    assert not isinstance(said[0], Refusal)
    assert one.balance() == -8
    if consents_first:
        assert came[1] == one.asked  # what is booked already is what the window shows
    else:
        assert isinstance(came[1], RefusedError)
        assert came[1].code is Code.BOOKED_ALREADY
    assert len(await group.ask("trade.list", by="001")) == (1 if consents_first else 2)
    await judged(group.world)


@BATCHES
@ORDERS
async def test_one_of_two_windows_pays_a_member_of_another_group(
    world: World, monkeypatch: pytest.MonkeyPatch, *, consents_first: bool, together: bool
) -> None:
    a, b = await world.pair()
    one = await between(a, b)
    presses = [one.book(monkeypatch), one.consent()]
    if consents_first:
        presses.reverse()

    said, came = await press(a.node, *presses, together=together)

    assert [booked_already(answer) for answer in said] == [False, True]
    out = [t for t in a.node.machine.books.transfers.values() if t.direction == "out"]
    (held,) = (transfer for transfer in out if transfer.phase is Phase.PREPARED)
    assert (held.path == one.asked) is consents_first
    if consents_first:
        assert came[1] == one.asked
    else:
        assert isinstance(came[1], RefusedError)
        assert came[1].code is Code.BOOKED_ALREADY
    await b.start()
    await eventually(lambda: held.key() not in a.node.machine.books.transfers)
    assert (one.balance(), lines(a)[0].paid_units) == (-8, held.line_units)
    await arrived(a, b)
    await judged(a, b)


async def test_a_payment_that_failed_stands_in_the_way_of_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await world.pair()
    one = await between(a, b)
    paid = await one.book(monkeypatch)
    await trades.cancel(a.node, one.payer, paid)

    done = await one.consent()

    assert done.state.value == "held"


async def test_a_question_that_was_declined_stands_in_the_way_of_nothing(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key is used, and no longer in memory, as that of a booking is."""
    one = await inside(group)
    await trades.decline(group.node, one.payer, one.asked)

    paid = await one.book(monkeypatch)

    assert paid != one.asked
    assert one.balance() == -8


async def test_two_attempts_at_the_same_booking_are_one(group: Group) -> None:
    one = await inside(group)
    payer, payee = group.account("001"), group.account("002")
    first, second, *_ = booking_ids(one.thread, one.asked)
    tries = [
        Transfer(first, payer, payee, 8, other_ids=(second,)),
        Transfer(second, payer, payee, 8, other_ids=(first,)),
    ]

    said = await asyncio.gather(*map(group.node.sequencer.submit, tries))

    assert [booked_already(answer) for answer in said] == [False, True]
    assert one.balance() == -8


@ORDERS
async def test_what_was_booked_before_a_restart_is_not_booked_by_the_other_way(
    group: Group, monkeypatch: pytest.MonkeyPatch, *, consents_first: bool
) -> None:
    one = await inside(group)
    await (one.consent() if consents_first else one.book(monkeypatch))
    await group.world.stop()
    await group.world.start()
    one = one._replace(node=group.node)

    said, _ = await press(group.node, one.book(monkeypatch) if consents_first else one.consent())

    assert [booked_already(answer) for answer in said] == [True]
    assert one.balance() == -8


@ORDERS
async def test_what_was_paid_before_a_restart_is_not_paid_by_the_other_way(
    world: World, monkeypatch: pytest.MonkeyPatch, *, consents_first: bool
) -> None:
    a, b = await world.pair()
    one = await between(a, b)
    await b.start()
    await (one.consent() if consents_first else one.book(monkeypatch))
    phases = {Phase.PREPARED, Phase.COMMITTED}
    await eventually(
        lambda: not any(t.phase in phases for t in a.node.machine.books.transfers.values())
    )
    await a.stop()
    await a.start()
    one = one._replace(node=a.node)

    said, _ = await press(a.node, one.book(monkeypatch) if consents_first else one.consent())

    assert [booked_already(answer) for answer in said] == [True]
    assert one.balance() == -8
