"""A partner that answers late holds up its own trades and nobody else's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.federation.world.conftest import World, eventually, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.line.decide import Received
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
