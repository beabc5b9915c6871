"""The control commands of a restored node: bring the log back, and tell how far that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from federation.node.control_shapes import ControlCommand, Nothing
from federation.node.recovery import Report, recover
from schemas.encoding import unb64

if TYPE_CHECKING:
    from federation.node.service import Node


class Recover(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bring the log back; `key` is the private half of the recovery key, unpadded base64url."""

    key: str = ""
    without_bodies: bool = False


async def node_recover(node: Node, arguments: Recover) -> Report:
    """Get back what others have seen of this node's log."""
    private = unb64(arguments.key, size=32, field="key") if arguments.key else None
    return await recover(node, private=private, without_bodies=arguments.without_bodies)


async def node_recovering(node: Node, _: Nothing) -> list[str]:
    """Tell how far that has come."""
    return node.recovering


COMMANDS = {
    "node.recover": ControlCommand(Recover, node_recover),
    "node.recovering": ControlCommand(Nothing, node_recovering),
}
