"""The commands of the control socket about names that other groups may find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.group.shared_names import found_elsewhere
from federation.members import roles
from federation.members.commands import Asked
from federation.node.control_shapes import ControlCommand
from federation.node.service import now_s
from federation.node.use_cases import account_by_code

if TYPE_CHECKING:
    from federation.node.service import Node


class Share(Asked, frozen=True, kw_only=True):
    """Whether members of other groups may find a member by name."""

    code: str
    shares: bool


class ShareNames(Asked, frozen=True, kw_only=True):
    """Whether members of other groups find by name who said yes to it."""

    names_shared: bool


async def share(node: Node, arguments: Share) -> dict[str, Any]:
    """Let members of other groups find a member by name, or no longer."""
    account = account_by_code(node, arguments.code).account
    reader = arguments.reader(node)
    await roles.share_name(node, reader, account, shares=arguments.shares, key=arguments.once())
    found = found_elsewhere(node.machine.books, account, now_s=now_s())
    return {"code": arguments.code, "found": found}


async def share_names(node: Node, arguments: ShareNames) -> dict[str, Any]:
    """Set whether the group lets its members be found by name."""
    reader, shared = arguments.reader(node), arguments.names_shared
    await roles.set_rules(node, reader, names_shared=shared, key=arguments.once())
    return {"names_shared": shared}


COMMANDS = {
    "member.share_name": ControlCommand(Share, share),
    "group.share_names": ControlCommand(ShareNames, share_names),
}
