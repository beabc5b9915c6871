"""A trade between two groups, over real databases and sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from federation.node.verify import verify_log
from schemas.errors import Code, InputError
from tests.federation.world.conftest import World, eventually, lines
from tests.federation.world.own_statement import own_lines

if TYPE_CHECKING:
    from tests.federation.world.conftest import WorldNode


async def settled_trade(a: WorldNode, amount: int = 30) -> dict[str, object]:
    answer: dict[str, object] = await a.ask(
        "pay", payer="001", payee="002", amount_minor=amount, group="beta", description="taart"
    )
    return answer


async def test_payer_and_payee_see_the_same_trade(world: World) -> None:
    a, b = await world.pair()

    trade = await settled_trade(a)

    assert trade["state"] == "settled"
    assert (trade["payer_minor"], trade["payee_minor"]) == (10, 30)
    (theirs,) = await b.ask("transfer.show", path=trade["path"])
    for name in ("line_units", "payer_minor", "payee_minor", "state"):
        assert theirs[name] == trade[name]
    mine = await a.ask("account.statement", code="001")
    other = await b.ask("account.statement", code="002")
    assert mine["lines"][0]["amount_minor"] == -10
    assert other["lines"][0]["amount_minor"] == 30
    paid, got = [await own_lines(node, code) for node, code in ((a, "001"), (b, "002"))]
    assert paid[0].description == got[0].description == "taart"
    assert lines(a)[0].balance_units == -lines(b)[0].balance_units == 180_000


async def test_books_verify_after_trades_both_ways(world: World) -> None:
    a, b = await world.pair()
    await settled_trade(a)
    await b.ask("pay", payer="001", payee="001", amount_minor=7, group="alfa")

    for node in (a, b):
        result = await verify_log(node.folder)
        assert result.findings == []


async def test_trade_is_held_while_the_other_node_is_stopped_and_settles_by_itself(
    world: World,
) -> None:
    a, b = await world.pair()
    await settled_trade(a)
    await b.stop()

    held = await a.ask("pay", payer="001", payee="002", amount_minor=3, group="beta", wait_s=0.1)
    assert held["state"] == "held"
    await b.start()

    await eventually(lambda: lines(a)[0].held_out_units == 0)
    (mine,) = await a.ask("transfer.show", path=held["path"])
    assert mine["state"] in ("committed", "settled")
    await eventually(lambda: lines(b)[0].credited_units == lines(a)[0].paid_units)


async def test_description_of_two_lines_arrives(world: World) -> None:
    a, b = await world.pair()
    payment = {"payer": "001", "payee": "002", "group": "beta", "amount_minor": 30}

    trade = await a.ask("pay", **payment, description="taart\nen koffie")

    assert trade["state"] == "settled"
    assert (await own_lines(b, "002"))[0].description == "taart\nen koffie"


async def test_description_that_the_other_node_would_not_read_is_refused_at_once(
    world: World,
) -> None:
    a, _b = await world.pair()
    payment = {"payer": "001", "payee": "002", "group": "beta", "amount_minor": 30}
    before = lines(a)[0].out_n

    for name in ("pay", "pay.request"):
        for text, code in (("x" * 501, Code.TOO_LARGE), ("a\x00b", Code.MALFORMED)):
            with pytest.raises(InputError) as refused:
                await a.ask(name, **payment, description=text)
            assert (refused.value.code, refused.value.facts["field"]) == (code, "description")

    assert lines(a)[0].out_n == before
