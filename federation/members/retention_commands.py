"""The commands of the control socket about how long the group keeps things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET, UnsetType

from federation.members.commands import Asked
from federation.members.submitting import actor_of
from federation.node import retention
from federation.node.control_shapes import ControlCommand, Nothing

if TYPE_CHECKING:
    from federation.node.service import Node


class Keep(Asked, frozen=True, kw_only=True):
    """For how many days things are kept; what is left out stays as it is."""

    looked_days: int | UnsetType = UNSET
    """The register of who looked at whom."""
    left_days: int | UnsetType | None = UNSET
    """What is known of who has left; none: it is not erased by itself."""


async def show(node: Node, _: Nothing) -> dict[str, Any]:
    """Tell for how long they are kept."""
    return {
        "looked_days": await retention.looked_days(node),
        "left_days": await retention.left_days(node),
    }


async def keep(node: Node, arguments: Keep) -> dict[str, Any]:
    """Keep them for so long from now on."""
    actor = actor_of(arguments.reader(node))
    if arguments.looked_days is not UNSET:
        await retention.keep_looked(node, actor, arguments.looked_days)
    if arguments.left_days is not UNSET:
        await retention.keep_left(node, actor, arguments.left_days)
    return await show(node, Nothing())


COMMANDS = {
    "retention.show": ControlCommand(Nothing, show),
    "retention.set": ControlCommand(Keep, keep),
}
