"""A partner that answers late holds up its own trades and nobody else's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from events.mark import MarkFile
from federation.node import service
from tests.federation.world.conftest import World, WorldNode, eventually, hold_back, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.line.decide import Received
    from federation.node.service import Node
    from schemas.messages import WireEvent

LATE_S = 2
PAYERS = 4
TRADES = 5


async def test_partner_that_answers_two_seconds_late_does_not_slow_trades_with_another(
    world: World,
) -> None:
    a, _b = await world.pair()
    c = await world.make("gamma", 30)
    await world.link(a, c)
    await world.add_members(c)
    in_time, answers = c.node.intake.take, asyncio.Event()
    asked: list[float] = []

    async def take_late(peer: str, line: str, wire: Sequence[WireEvent]) -> Received:
        asked.append(asyncio.get_running_loop().time())
        await answers.wait()
        return await in_time(peer, line, wire)

    c.node.intake.take = take_late  # type: ignore[method-assign]
    payment = {"payer": "001", "payee": "002", "amount_minor": 3}
    await a.ask("pay", **payment, group="gamma", wait_s=0)
    await eventually(lambda: bool(asked))

    async def pay_on() -> None:
        for _ in range(TRADES):
            trade = await a.ask("pay", **payment, group="beta")
            assert trade["state"] == "settled"

    async with asyncio.TaskGroup() as tasks:
        for _ in range(PAYERS):
            tasks.create_task(pay_on())
    assert len(asked) == 1, "the late one is still being asked for the first time"

    loop = asyncio.get_running_loop()
    loop.call_at(max(loop.time(), asked[0] + LATE_S), answers.set)
    with_c = next(line.line for line in lines(a) if line.peer == c.node.id)
    books = a.node.machine.books
    await eventually(lambda: books.lines[with_c].held_out_units == 0)
    assert books.lines[with_c].balance_units > 0


async def test_what_is_durable_may_leave_at_once_when_the_answer_before_comes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark is written while a partner is awaited; that was a quarter of each exchange."""

    async def no_checkpoint(_node: Node) -> None:
        return None

    monkeypatch.setattr(service, "record_checkpoint", no_checkpoint)  # it moves the mark as well
    a, b = await world.pair(behind_proxies=True)
    prepare = hold_back(b, "pay.prepare")
    payment = {"payer": "001", "payee": "002", "amount_minor": 3, "group": "beta", "wait_s": 0}
    await a.ask("pay", **payment)
    await prepare.reached.wait()
    size = a.node.sequencer.size

    await a.ask("pay", **payment)

    assert a.node.sequencer.size > size
    await eventually(lambda: mark_of(a) == a.node.sequencer.size)
    (line,) = lines(a)
    assert a.node.outbox.delivery(line.line).failures == 0, "still asking for the first time"
    prepare.let_go.set()
    await eventually(lambda: all(line.held_out_units == 0 for line in lines(a)))


def mark_of(node: WorldNode) -> int:
    mark = MarkFile(node.node.folder.mark).read()
    assert mark is not None
    return mark.size
