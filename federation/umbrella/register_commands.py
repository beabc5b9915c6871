"""The register on the control socket: arguments, use case, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.node.control_shapes import ControlCommand, Invited, Named, Nothing
from federation.umbrella import registering
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from federation.node.service import Node
    from projections.register import Group


async def group_admit(node: Node, arguments: Invited) -> dict[str, Any]:
    """Take a group into the register."""
    _require_umbrella(node)
    peer = await registering.admit(node, arguments.invitation, arguments.name)
    return show_group(node.machine.books.register.groups[peer.node])


async def group_keys(node: Node, arguments: Named) -> dict[str, Any]:
    """Fetch a group's key statements now."""
    _require_umbrella(node)
    return show_group(await registering.fetch_keys(node, arguments.group))


async def group_leave(node: Node, arguments: Named) -> dict[str, Any]:
    """Take a group out of the register."""
    _require_umbrella(node)
    return show_group(await registering.leave(node, arguments.group))


async def group_list(node: Node, _: Nothing) -> dict[str, Any]:
    """Give every group that is or was in the register, and every line."""
    _require_umbrella(node)
    register = node.machine.books.register
    return {
        "groups": [show_group(group) for group in register.groups.values()],
        "lines": [line._asdict() for line in register.lines.values()],
    }


def show_group(group: Group) -> dict[str, Any]:
    """Give what an umbrella's people want to know of a group."""
    keys = () if group.history is None else group.history.keys
    return {
        "node": group.node,
        "name": group.name,
        "url": group.url,
        "admitted_at_s": group.admitted_at_s,
        "left_at_s": group.left_at_s,
        "keys": [
            {
                "role": key.role.value,
                "key": key.key,
                "holds_from": key.holds_from,
                "holds_until": key.holds_until,
            }
            for key in keys
        ],
    }


def _require_umbrella(node: Node) -> None:
    if node.settings.role != "umbrella":
        raise InputError(Code.NOT_FOUND, field="register")


COMMANDS = {
    "group.admit": ControlCommand(Invited, group_admit),
    "group.keys": ControlCommand(Named, group_keys),
    "group.leave": ControlCommand(Named, group_leave),
    "group.list": ControlCommand(Nothing, group_list),
}
