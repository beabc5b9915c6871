"""What a running node does by itself when its clock has come so far; nobody asks it to."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from federation.line.life import HEADS_EVERY_S
from federation.node import service
from tests.federation.crash.proxy import Weather
from tests.federation.world.conftest import World, WorldNode, eventually, hold_back, lines

EXPIRED_S = 30 * 86_400
"""Longer than any payment is held."""


class Clock:
    """The one clock of all nodes of this process."""

    def __init__(self) -> None:
        self.ahead_s = 0

    def time(self) -> float:
        return time.time() + self.ahead_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(service, "time", SimpleNamespace(time=made.time))
    monkeypatch.setattr(service, "TICK_S", 0.05)
    return made


async def state(node: WorldNode, path: str) -> list[str]:
    return [trade["state"] for trade in await node.ask("transfer.show", path=path)]


async def test_what_nobody_answers_is_given_back_when_its_time_is_over(
    world: World, clock: Clock
) -> None:
    a, b = await world.pair(behind_proxies=True)
    prepare = hold_back(b, "pay.prepare")
    held = await a.ask("pay", payer="001", payee="001", group="beta", amount_minor=30, wait_s=0.1)
    await prepare.reached.wait()
    assert a.proxy is not None
    assert b.proxy is not None
    fair = b.proxy.weather
    a.proxy.weather = b.proxy.weather = Weather(cut=True)
    assert held["state"] == "held"
    assert lines(a)[0].held_out_units > 0

    clock.ahead_s = EXPIRED_S

    await eventually(lambda: lines(a)[0].held_out_units == 0)
    assert await state(a, held["path"]) == ["expired"]
    a.proxy.weather = b.proxy.weather = fair
    prepare.let_go.set()  # it arrives weeks late, and what was said since comes behind it
    await eventually(lambda: lines(a)[0].out_n == lines(b)[0].in_n)
    await eventually(lambda: lines(b)[0].held_in_units == 0)
    assert lines(a)[0].balance_units == lines(b)[0].balance_units == 0


async def test_what_nobody_consents_to_expires(world: World, clock: Clock) -> None:
    a, b = await world.pair()
    asked = await b.ask("pay.request", payer="002", payee="001", group="alfa", amount_minor=30)
    await eventually(lambda: any(t.request for t in a.node.machine.books.transfers.values()))

    clock.ahead_s = EXPIRED_S

    await eventually(lambda: not list(b.node.machine.books.transfers.values()))
    await eventually(lambda: not list(a.node.machine.books.transfers.values()))
    assert await state(b, asked["path"]) == ["expired"]


async def test_each_tells_the_other_once_a_day_where_its_books_stand(
    world: World, clock: Clock
) -> None:
    a, b = await world.pair()
    paid = await a.ask("pay", payer="001", payee="001", group="beta", amount_minor=30)
    assert paid["state"] == "settled"
    before = lines(a)[0].heads

    clock.ahead_s = HEADS_EVERY_S + 1

    await eventually(lambda: lines(a)[0].heads.at_s > before.at_s)
    await eventually(lambda: lines(a)[0].out_n == lines(b)[0].in_n)
    rows = await a.node.pool.fetch("SELECT core FROM log_event")
    told = [row for row in rows if b'"type":"line.heads"' in bytes(row["core"])]
    assert told
    assert b'"paid":' in bytes(told[-1]["core"])
    assert not lines(b)[0].quarantined
