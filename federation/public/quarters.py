"""A group's figures for everybody, quarter by quarter; fixed once a quarter is published.

Drawn from the log: bookings of members, and the receipts of both ends with other groups, whose
signed seconds say in which quarter a trade falls, as they do for the umbrella.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.group.public_figures import Leg, PublicQuarter, inside, public_quarter
from federation.node.patience import connection_in_time
from federation.peer.channel import decode_line_core
from federation.public.queries import SQL
from federation.umbrella.flow_figures import settled
from federation.umbrella.flows import (
    DAY_S,
    DayFlow,
    day_of,
    quarter_of,
    quarter_period,
    read_days,
    total_flows,
)
from schemas.bodies import AccountKind
from schemas.encoding import encode
from schemas.published_figures import quarter_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.log_store import AnyConnection
    from federation.node.service import Node
    from federation.umbrella.flows import Period

_QUARTER: Final = msgspec.json.Decoder(PublicQuarter)


class _Today(NamedTuple):
    """What was given today already: strangers ask, and nothing is new before tomorrow."""

    day: int
    quarters: list[PublicQuarter]


async def published(node: Node, *, now_s: int) -> list[PublicQuarter]:
    """Give the quarters that are out and in which something happened, the newest first.

    One that can be published by now is, and stays as it is.
    """
    today = node.parts.get(_Today)
    if isinstance(today, _Today) and today.day == day_of(now_s):
        return today.quarters
    found = await _published(node, now_s=now_s)
    if found:
        node.parts[_Today] = _Today(day_of(now_s), found)
    return found


async def _published(node: Node, *, now_s: int) -> list[PublicQuarter]:
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["read_quarters"])
        known = {row["quarter"]: _QUARTER.decode(row["figures"]) for row in rows}
        first_s = await connection.fetchval(SQL["first_booking"])
        if first_s is not None:
            due = {
                quarter_name(*at): quarter_period(*at)
                for at in _quarters(day_of(first_s), day_of(now_s))
            }
            fresh = {name: period for name, period in due.items() if name not in known}
            known |= await _publish(node, connection, fresh, now_s=now_s)
    return sorted(
        (one for one in known.values() if not one.empty), key=lambda one: one.name, reverse=True
    )


def _quarters(first_day: int, today: int) -> Iterator[tuple[int, int]]:
    """Give the quarters from a day on that can be published today."""
    at = quarter_of(first_day)
    while settled(*at, today):
        yield at
        at = quarter_of(quarter_period(*at).end)


async def _publish(
    node: Node, connection: AnyConnection, fresh: dict[str, Period], *, now_s: int
) -> dict[str, PublicQuarter]:
    settings = node.machine.books.ledger.settings
    if settings is None or not fresh:
        return {}
    between = await _between(node, connection)
    made = {}
    for name, period in fresh.items():
        rows = await connection.fetch(SQL["legs"], period.first * DAY_S, period.end * DAY_S)
        found = inside(
            Leg(row["seq"], row["account"], AccountKind(row["kind"]), row["amount_minor"])
            for row in rows
        )
        flows = total_flows(between, period)
        shown = public_quarter(
            name,
            found,
            settings.unit.rate.minor_per_hour(),
            gave=[(flow.trades, flow.units) for flow in flows if flow.payee == node.id],
            got=[(flow.trades, flow.units) for flow in flows if flow.payer == node.id],
        )
        kept = await connection.fetchval(SQL["publish_quarter"], name, encode(shown), now_s)
        made[name] = _QUARTER.decode(kept)
    return made


async def _between(node: Node, connection: AnyConnection) -> list[DayFlow]:
    """Give what was settled with other groups, by day and direction."""
    rows = await connection.fetch(SQL["receipts"])
    found = []
    for own in (True, False):
        cores = [decode_line_core(row["core"]) for row in rows if row["own"] is own]
        for day in read_days("", cores):
            peer = node.machine.books.lines[day.line].peer
            payer, payee = (peer, node.id) if own else (node.id, peer)
            found.append(
                DayFlow(
                    day=day.day,
                    payer=payer,
                    payee=payee,
                    line=day.line,
                    trades=day.credited_trades,
                    units=day.credited_units,
                )
            )
    return found
