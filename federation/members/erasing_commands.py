"""The commands of the control socket for erasing members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.members import erasing
from federation.members.commands import Member
from federation.node.control_shapes import ControlCommand
from federation.node.use_cases import account_by_code

if TYPE_CHECKING:
    from federation.node.service import Node


async def ask(node: Node, arguments: Member) -> Any:
    """Have a member erased when its time to think is over."""
    account = account_by_code(node, arguments.code).account
    await erasing.ask(node, arguments.reader(node), account, key=arguments.once())
    return erasing.erasing_of(node, account)


async def withdraw(node: Node, arguments: Member) -> Any:
    """Let a member stay."""
    account = account_by_code(node, arguments.code).account
    await erasing.withdraw(node, arguments.reader(node), account, key=arguments.once())
    return erasing.erasing_of(node, account)


async def erase(node: Node, arguments: Member) -> Any:
    """Erase a member at once."""
    account = account_by_code(node, arguments.code).account
    await erasing.erase(node, arguments.reader(node), account)
    return erasing.erasing_of(node, account)


COMMANDS = {
    "member.erase_ask": ControlCommand(Member, ask),
    "member.erase_withdraw": ControlCommand(Member, withdraw),
    "member.erase": ControlCommand(Member, erase),
}
