"""What a coordinator is warned of on a line, and until when payments wait, between two nodes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from federation.node.service import now_s
from tests.federation.world.conftest import World, eventually, lines

if TYPE_CHECKING:
    from tests.federation.world.conftest import WorldNode

HOUR = 360_000
PAYMENT = {"payer": "001", "payee": "001", "group": "beta"}
REQUEST_S, MINUTE_S = 7 * 86_400, 60


async def watched(node: WorldNode) -> tuple[int, bool, list[str]]:
    (row,) = await node.ask("line.list")
    doubts = [doubt["code"] for doubt in await node.ask("line.doctor")]
    return row["used_percent"], row["alarm"], [code for code in doubts if code.endswith("_much")]


async def test_both_groups_are_warned_at_sixty_percent_and_not_before(world: World) -> None:
    a, b = await world.pair()
    for units in (300, 300, 119):  # of beta, sixty an hour: 11 h 59 min of 20 h
        await a.ask("pay", **PAYMENT, amount_minor=units)
    assert await watched(a) == await watched(b) == (59, False, [])

    await a.ask("pay", **PAYMENT, amount_minor=1)

    assert await watched(a) == (60, True, ["we_owe_much"])
    assert await watched(b) == (60, True, ["they_owe_much"])
    await b.ask("pay", **PAYMENT | {"group": "alfa"}, amount_minor=1)
    assert await watched(a) == await watched(b) == (59, False, [])
    await b.ask("line.lower", group="alfa", grants_units=0)
    await eventually(lambda: lines(a)[0].their_limit is not None)
    assert await watched(a) == (100, True, ["we_owe_much"])
    assert await watched(b) == (100, True, ["they_owe_much"])


class Timed(NamedTuple):
    """A trade, and the seconds between which it was asked for."""

    trade: dict[str, Any]
    from_s: int
    to_s: int
    zone: ZoneInfo

    def waits(self, length_s: int) -> bool:
        ends_s: int = self.trade["expires_at_s"]
        return self.from_s + length_s <= ends_s <= self.to_s + length_s

    def waits_until_tomorrow(self) -> bool:
        evenings = {_six_tomorrow(at_s, self.zone) for at_s in (self.from_s, self.to_s)}
        return self.trade["expires_at_s"] in evenings


def _six_tomorrow(at_s: int, zone: ZoneInfo) -> int:
    day = datetime.fromtimestamp(at_s, zone) + timedelta(days=1)
    return int(day.replace(hour=18, minute=0, second=0).timestamp())


async def timed(node: WorldNode, name: str, **arguments: Any) -> Timed:
    whole = arguments if "path" in arguments else PAYMENT | arguments
    from_s = now_s()
    trade = await node.ask(name, **whole)
    return Timed(trade, from_s, now_s(), ZoneInfo(node.node.settings.timezone))


async def test_a_payment_waits_a_minute_or_a_night_and_a_request_a_week(world: World) -> None:
    a, b = await world.pair()
    first = await timed(a, "pay", amount_minor=3)
    assert first.trade["state"] == "settled"
    assert first.waits(MINUTE_S)
    assert (await timed(a, "pay.request", amount_minor=3)).waits(REQUEST_S)
    asked = (await timed(b, "pay.request", amount_minor=3, group="alfa")).trade["path"]
    await eventually(lambda: any(t.path == asked for t in a.node.machine.books.transfers.values()))
    line = lines(a)[0].line
    await eventually(lambda: a.node.outbox.delivery(line).acknowledged_n == lines(a)[0].out_n)
    await b.stop()
    world.nodes.remove(b)
    assert (await timed(a, "pay", amount_minor=3, wait_s=0)).waits(MINUTE_S)  # it was just there
    await eventually(lambda: a.node.outbox.delivery(line).failures > 0)

    assert (await timed(a, "pay", amount_minor=3, wait_s=0)).waits_until_tomorrow()
    assert (await timed(a, "pay.consent", path=asked, wait_s=0)).waits_until_tomorrow()
    back = await timed(a, "pay.reverse", path=first.trade["path"])
    assert back.waits(REQUEST_S)  # who paid asks for it back
