"""The list of trades page by page: nothing is left out, nothing comes twice, no more is read."""

from __future__ import annotations

from federation.members import trades
from federation.members.agreeing_queries import SQL
from federation.members.reader import Reader
from federation.members.trades import NEWEST, ShownTrade
from tests.federation.members.conftest import Group
from tests.federation.world.conftest import World, eventually, lines


async def _asked(group: Group, payee: str, payer: str, minor: int) -> str:
    made = await group.ask("trade.ask", by=payee, payer=payer, amount_minor=minor)
    return str(made["id"])


async def _pages(group: Group, reader: Reader, *, limit: int) -> list[list[ShownTrade]]:
    pages = [await trades.trades_of(group.node, reader, limit=limit)]
    while done := [one.seq for one in pages[-1] if one.seq]:
        pages.append(await trades.trades_of(group.node, reader, before=min(done), limit=limit))
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

    first, *later = await _pages(group, group.reader("001"), limit=2)

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
