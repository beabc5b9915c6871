"""The whole line protocol between two running nodes, as coordinators and members use it."""

from __future__ import annotations

from typing import Any

import pytest

from federation.node.control import call
from federation.node.verify import verify_log
from projections.lines import granted_by_them
from schemas.core_parts import FreezeReason
from schemas.errors import Code, RefusedError
from tests.federation.world.accepting import accept_terms
from tests.federation.world.conftest import World, WorldNode, eventually, lines

HOUR = 360_000


async def paid(node: WorldNode, other: str, amount: int = 30) -> dict[str, Any]:
    trade = await node.ask("pay", payer="001", payee="001", group=other, amount_minor=amount)
    assert trade["state"] == "settled"
    return dict(trade)


async def state(node: WorldNode, path: str) -> list[str]:
    return [trade["state"] for trade in await node.ask("transfer.show", path=path)]


async def balance(node: WorldNode, code: str) -> int:
    rows = await node.ask("account.list")
    return int(next(row["balance_minor"] for row in rows if row["code"] == code))


async def sound(*nodes: WorldNode) -> None:
    for node in nodes:
        assert (await verify_log(node.folder)).findings == []
        assert not any(line.quarantined for line in lines(node))


async def refused(node: WorldNode, name: str, **arguments: Any) -> Code:
    with pytest.raises(RefusedError) as caught:
        await call(node.node, name, arguments)
    return caught.value.code


async def test_a_request_is_consented_to_and_booked(world: World) -> None:
    a, b = await world.pair()
    asked = await b.ask(
        "pay.request", payer="002", payee="001", group="alfa", amount_minor=30, description="haag"
    )
    await eventually(lambda: any(t.request for t in a.node.machine.books.transfers.values()))
    assert [t["path"] for t in await a.ask("pay.requests")] == [asked["path"]]
    assert await state(a, asked["path"]) == await state(b, asked["path"]) == ["requested"]

    trade = await a.ask("pay.consent", path=asked["path"], expected_minor=10)

    assert trade["state"] == "settled"
    assert (await balance(a, "002"), await balance(b, "001")) == (-10, 30)
    await sound(a, b)


async def acted(node: WorldNode) -> dict[str, int]:
    """Give how often the register says that the server acted for each member, and forget it."""
    pool = node.node.pool
    rows = await pool.fetch("SELECT about, times FROM looked WHERE what = 'acted'")
    await pool.execute("DELETE FROM looked")
    accounts = node.node.machine.books.ledger.accounts
    return {accounts[row["about"]].code: row["times"] for row in rows}


async def test_who_acts_in_a_trade_at_the_server_is_told_to_the_member_whose_it_is_here(
    world: World,
) -> None:
    a, b = await world.pair()
    question = {"payer": "002", "payee": "001", "group": "alfa", "amount_minor": 30}
    await acted(a)
    await acted(b)
    paths = [(await b.ask("pay.request", **question))["path"] for _ in range(3)]
    assert await acted(b) == {"001": 3}
    await eventually(lambda: len(list(a.node.machine.books.transfers.values())) == 3)

    await a.ask("pay.consent", path=paths[0])
    assert await acted(a) == {"002": 1}
    await a.ask("pay.decline", path=paths[1])
    assert await acted(a) == {"002": 1}
    await b.ask("pay.decline", path=paths[2])
    assert await acted(b) == {"001": 1}
    with pytest.raises(RefusedError):
        await a.ask("pay.cancel", path=paths[0])
    await a.ask("pay.reverse", path=paths[0])
    assert await acted(a) == {"002": 2}
    with pytest.raises(RefusedError):  # no coordinator; but named as the one who does it
        await a.ask("line.close", group="beta", coordinator="001")
    assert await acted(a) == {"001": 1}


async def test_a_request_is_declined_or_taken_back(world: World) -> None:
    a, b = await world.pair()
    question = {"payer": "002", "payee": "001", "group": "alfa", "amount_minor": 30}
    one = await b.ask("pay.request", **question)
    other = await b.ask("pay.request", **question)
    await eventually(lambda: len(list(a.node.machine.books.transfers.values())) == 2)

    await a.ask("pay.decline", path=one["path"])
    await b.ask("pay.decline", path=other["path"])

    await eventually(lambda: not list(b.node.machine.books.transfers.values()))
    await eventually(lambda: not list(a.node.machine.books.transfers.values()))
    assert await state(b, one["path"]) == await state(a, one["path"]) == ["refused"]
    assert await state(b, other["path"]) == await state(a, other["path"]) == ["cancelled"]
    assert await refused(a, "pay.consent", path=one["path"]) is Code.CONFLICT
    await sound(a, b)


async def test_the_one_who_was_paid_gives_back(world: World) -> None:
    a, b = await world.pair()
    trade = await paid(a, "beta", 31)

    back = await b.ask("pay.reverse", path=trade["path"], description="vergissing")

    assert back["state"] == "settled"
    assert await state(a, trade["path"]) == await state(b, trade["path"]) == ["reversed"]
    assert (await balance(a, "001"), await balance(b, "001")) == (0, 0)
    assert await refused(b, "pay.reverse", path=trade["path"]) is Code.ALREADY_REVERSED
    await sound(a, b)


async def test_the_one_who_paid_asks_back_and_the_other_consents(world: World) -> None:
    a, b = await world.pair()
    trade = await paid(a, "beta", 31)

    asked = await a.ask("pay.reverse", path=trade["path"])
    await eventually(lambda: any(t.request for t in b.node.machine.books.transfers.values()))
    back = await b.ask("pay.consent", path=asked["path"])

    assert back["state"] == "settled"
    assert await state(a, trade["path"]) == ["reversed"]
    assert (await balance(a, "001"), await balance(b, "001")) == (0, 0)
    await sound(a, b)


async def test_a_changed_rate_is_accepted_and_revalues_the_line(world: World) -> None:
    a, b = await world.pair()
    await paid(a, "beta", 30)

    assert (await a.ask("line.rate", per_hour=40))["asked"] == ["beta"]
    await eventually(lambda: any(x.their_proposal for x in lines(b)))
    await accept_terms(b, "alfa")
    await eventually(lambda: any(x.terms and x.terms.rev == 2 for x in lines(a)))
    trade = await paid(a, "beta", 30)

    assert trade["payer_minor"] == 20
    assert await balance(a, "herwaardering") == -10
    await sound(a, b)


async def test_a_rate_is_proposed_to_whom_it_can_be_and_the_rest_is_named(world: World) -> None:
    a, b = await world.pair()
    c = await world.make("gamma", 60)
    await a.ask("line.invite", invitation=c.invitation)
    await c.ask("line.invite", invitation=a.invitation)
    await a.ask("line.propose", group="gamma")
    await eventually(lambda: any(x.their_proposal for x in lines(c)))
    await accept_terms(c, "alfa")
    await eventually(lambda: sum(x.open() for x in lines(a)) == 2)
    await b.stop()
    world.nodes.remove(b)

    first = await a.ask("line.rate", per_hour=40)
    await b.start()
    world.nodes.append(b)
    again = await a.ask("line.rate", per_hour=40)

    assert first["asked"] == ["gamma"]
    assert first["not_asked"] == {"beta": "peer_unreachable"}
    assert sorted(again["asked"]) == ["beta", "gamma"]
    assert again["not_asked"] == {}


async def test_what_cannot_be_settled_yet_is_counted(world: World) -> None:
    a, b = await world.pair()
    await paid(a, "beta", 31)
    await b.ask("pay.request", payer="002", payee="001", group="alfa", amount_minor=30)
    await eventually(lambda: any(t.request for t in a.node.machine.books.transfers.values()))

    with pytest.raises(RefusedError) as caught:
        await call(a.node, "line.settle", {"group": "beta"})

    assert caught.value.code is Code.LINE_NOT_CLEAR
    assert caught.value.facts["pending"] == 1


async def test_a_line_is_paused_lowered_settled_and_closed(world: World) -> None:
    a, b = await world.pair()
    await paid(a, "beta", 31)
    await b.ask("line.freeze", group="alfa", reason=FreezeReason.MAINTENANCE.value)
    await eventually(lambda: bool(lines(a)[0].their_frozen))
    payment = {"payer": "001", "payee": "001", "group": "beta", "amount_minor": 1}
    assert await refused(a, "pay", **payment) is Code.LINE_FROZEN
    advice = {row["code"]: row["needs"] for row in await b.ask("line.doctor")}
    assert advice["frozen_by_us"] == "person"
    await b.ask("line.unfreeze", group="alfa")
    await b.ask("line.lower", group="alfa", grants_units=HOUR)
    await eventually(lambda: granted_by_them(lines(a)[0]) == HOUR and not lines(a)[0].their_frozen)
    assert await refused(a, "pay", **payment | {"amount_minor": 60}) is Code.LINE_LIMIT
    assert await refused(a, "line.close", group="beta") is Code.LINE_NOT_CLEAR

    assert await refused(a, "line.settle", group="beta") is Code.LINE_NOT_CLEAR
    assert (await b.ask("line.settle", group="alfa"))["state"] == "settled"
    assert lines(a)[0].balance_units == lines(b)[0].balance_units == 0
    await a.ask("line.close", group="beta")
    await eventually(lambda: lines(a)[0].closed() and lines(b)[0].closed())

    await sound(a, b)
    await b.ask("line.propose", group="alfa")
    await eventually(lambda: len(lines(a)) == 2)


async def test_heads_are_told_and_agree(world: World) -> None:
    a, b = await world.pair()
    await paid(a, "beta", 31)

    before = lines(b)[0].in_n
    await a.ask("line.heads", group="beta")

    await eventually(lambda: lines(b)[0].in_n > before)
    await sound(a, b)


async def test_a_trade_that_waits_is_told_and_can_be_taken_back(world: World) -> None:
    a, b = await world.pair()
    await paid(a, "beta", 3)
    await b.stop()
    world.nodes.remove(b)
    payment = {"payer": "001", "payee": "001", "group": "beta", "amount_minor": 30, "wait_s": 0}
    trade = await a.ask("pay", **payment)
    assert trade["state"] == "held"
    assert ("held", trade["path"]) in [
        (row["code"], row["path"]) for row in await a.ask("line.doctor")
    ]

    taken_back = await a.ask("pay.cancel", path=trade["path"])

    assert taken_back["state"] == "cancelled"
    assert await refused(a, "pay.cancel", path="A" * 22) is Code.NOT_FOUND
    await b.start()
    world.nodes.append(b)
    await eventually(
        lambda: a.node.outbox.delivery(lines(a)[0].line).acknowledged_n == lines(a)[0].out_n
    )
    assert await state(b, trade["path"]) == ["cancelled"]
    await sound(a, b)
