"""The list of trades page by page: nothing is left out, nothing comes twice, no more is read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from federation.line.commands import ReceiveEvents
from federation.members import trades
from federation.members.agreeing_queries import SQL
from federation.members.reader import Reader
from federation.members.trades import NEWEST, ShownTrade
from federation.node.service import Node
from projections.lines import Phase
from schemas.cores import PayCommit
from tests.federation.members.conftest import Group
from tests.federation.world.conftest import World, eventually, lines


async def _asked(group: Group, payee: str, payer: str, minor: int) -> str:
    made = await group.ask("trade.ask", by=payee, payer=payer, amount_minor=minor)
    return str(made["id"])


async def _pages(node: Node, reader: Reader, *, limit: int) -> list[list[ShownTrade]]:
    pages = [await trades.trades_of(node, reader, limit=limit)]
    while done := [one.seq for one in pages[-1] if one.seq]:
        pages.append(await trades.trades_of(node, reader, before=min(done), limit=limit))
    return pages


async def test_all_that_is_asked_waits_whatever_the_reader_has_asked_itself(group: Group) -> None:
    asked = [await _asked(group, "002", "001", 3), await _asked(group, "003", "001", 4)]
    await _asked(group, "001", "002", 5)

    waiting = await trades.waiting(group.node, group.reader("001"))

    assert [one.id for one in waiting] == asked


async def test_open_requests_take_no_place_of_what_is_done(group: Group) -> None:
    ended = [await _asked(group, "002", "001", minor) for minor in (1, 2, 3)]
    for name in ended:
        await group.ask("trade.decline", by="001", trade=name)
    waits = [await _asked(group, "002", "001", minor) for minor in (4, 5, 6)]

    first, *later = await _pages(group.node, group.reader("001"), limit=2)

    assert {one.id for one in first if not one.seq} == set(waits)
    assert [one.id for page in [first, *later] for one in page if one.seq] == ended[::-1]


async def test_a_page_reads_no_more_trades_with_other_groups_than_it_shows(world: World) -> None:
    a, _ = await world.pair()
    paid = []
    for minor in (24, 48, 72):
        made = await a.ask("pay", payer="001", group="beta", payee="002", amount_minor=minor)
        paid.append(made["path"])
    line = lines(a)[0].line
    await eventually(
        lambda: not any(a.node.machine.books.transfers.get((p, line, "out")) for p in paid)
    )
    account = a.node.machine.books.ledger.codes["001"]

    rows = await a.node.pool.fetch(SQL["transfers_of"], account, NEWEST, 2, 500)
    first = await trades.trades_of(a.node, Reader(account=account), limit=2)
    last = await trades.trades_of(a.node, Reader(account=account), before=first[-1].seq, limit=2)

    assert len(rows) == 2
    assert [one.id for one in [*first, *last]] == paid[::-1]


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_a_trade_that_is_not_confirmed_yet_stands_at_its_place_and_hides_none(
    world: World, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    a, b = await world.pair()
    account = a.node.machine.books.ledger.codes["001"]
    line = lines(a)[0].line

    def phase(path: str) -> Phase | None:
        transfer = a.node.machine.books.transfers.get((path, line, "out"))
        return None if transfer is None else transfer.phase

    async def inside(description: str) -> str:
        await a.ask("pay", payer="001", payee="002", amount_minor=1, description=description)
        return description

    async def across(minor: int) -> str:
        made = await a.ask(
            "pay", payer="001", group="beta", payee="002", amount_minor=minor, wait_s=0
        )
        return str(made["path"])

    told = [await across(24)]
    await eventually(lambda: phase(told[0]) is None)
    told.append(await inside("before"))
    arrives, submit = asyncio.Event(), b.node.intake.submit

    async def later(command: Any) -> Any:
        commits = isinstance(command, ReceiveEvents) and any(
            isinstance(event.core, PayCommit) for event in command.events
        )
        if commits:
            await arrives.wait()
        return await submit(command)

    monkeypatch.setattr(b.node.intake, "submit", later)
    under_way = [await across(48), await across(72)]
    await eventually(lambda: {phase(path) for path in under_way} == {Phase.COMMITTED})
    told += [*under_way, await inside("after")]

    pages = await _pages(a.node, Reader(account=account), limit=limit)
    arrives.set()

    listed = [one.id if one.between else one.description for page in pages for one in page]
    assert listed == told[::-1]
