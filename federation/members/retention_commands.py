"""The commands of the control socket about how long the group keeps things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.members.commands import Asked
from federation.members.submitting import actor_of
from federation.node import retention
from federation.node.control_shapes import ControlCommand, Nothing

if TYPE_CHECKING:
    from federation.node.service import Node


class Keep(Asked, frozen=True, kw_only=True):
    """For how many days the register of who looked at whom is kept."""

    looked_days: int


async def show(node: Node, _: Nothing) -> dict[str, Any]:
    """Tell for how long it is kept."""
    return {"looked_days": await retention.looked_days(node)}


async def keep(node: Node, arguments: Keep) -> dict[str, Any]:
    """Keep it for so long from now on."""
    await retention.keep_looked(node, actor_of(arguments.reader(node)), arguments.looked_days)
    return await show(node, Nothing())


COMMANDS = {
    "retention.show": ControlCommand(Nothing, show),
    "retention.set": ControlCommand(Keep, keep),
}
