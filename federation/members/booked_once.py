"""Whether what somebody asks for was booked already: both pressed before either heard of the other.

Who gives and who is given book a proposal under different ids, so neither waits for the other's
group. When both do, one has booked it and the other's request comes late: it stays a request, and
consenting to it would book a second time what was agreed on once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members.thread_messages import (
    messages_of,
    names_of_threads_with,
    paid_or_on_its_way,
)
from projections.threads import booking_ids

if TYPE_CHECKING:
    from federation.members.trade_views import ShownTrade
    from federation.node.service import Node

THREADS_MAX: Final = 100
"""So many of the newest with the other, or with members of its group, are looked at."""


async def booked_already(node: Node, account: int, asked: ShownTrade) -> bool:
    """Tell whether the proposal that a request stands for was paid under another id, or is now."""
    names = await names_of_threads_with(
        node, account, asked.other.account, asked.other.node, limit=THREADS_MAX
    )
    kept = await messages_of(node, account, names)
    for thread, found in kept.items():
        for one in found:
            ids = booking_ids(thread, one.message.id)
            if one.message.proposal is not None and asked.id in ids:
                return await paid_or_on_its_way(node, [other for other in ids if other != asked.id])
    return False
