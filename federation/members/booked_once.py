"""Under which other ids the proposal behind a request can be booked: it is booked once.

Who gives and who is given book a proposal under different ids, so neither waits for the other's
group. When both do, one has booked it and the other's request comes late: it stays a request, and
consenting to it would book a second time what was agreed on once. Whether that is so, the single
writer says (`federation.line.once`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members.thread_messages import messages_of, names_of_threads_with
from projections.threads import booking_ids, other_booking_ids

if TYPE_CHECKING:
    from federation.members.trade_views import ShownTrade
    from federation.node.service import Node

THREADS_MAX: Final = 100
"""So many of the newest with the other, or with members of its group, are looked at."""


async def other_ids_of(node: Node, account: int, asked: ShownTrade) -> tuple[str, ...]:
    """Give the other ids of the proposal that a request stands for, if it stands for one."""
    names = await names_of_threads_with(
        node, account, asked.other.account, asked.other.node, limit=THREADS_MAX
    )
    kept = await messages_of(node, account, names)
    for thread, found in kept.items():
        for one in found:
            message = one.message
            if message.proposal is not None and asked.id in booking_ids(thread, message.id):
                return other_booking_ids(thread, message.id, asked.id)
    return ()
