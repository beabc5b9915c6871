"""The commands of the control socket about the offer feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from federation.members.feed_choices import OTHERS
from federation.members.feed_of import feed_of
from federation.members.feed_queries import FEED
from federation.node.control_shapes import ControlCommand, Nothing
from federation.node.use_cases import find_peer

if TYPE_CHECKING:
    from federation.node.service import Node


class Choose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to choose for one group, or for all others when none is named."""

    group: str = ""
    reads_ours: bool | None = None
    shown_here: bool | None = None


class Read(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose feed to read now; every one when none is named."""

    group: str = ""


class GroupFeed(msgspec.Struct, frozen=True, kw_only=True):
    """How the feed of one group is."""

    node: str
    name: str
    reads_ours: bool
    shown_here: bool
    posts: int = 0
    refreshed_at_s: int = 0
    trouble: str = ""
    """A code, with our own words about it; empty when the feed was read to its end."""
    trouble_at_s: int = 0
    left_out: dict[str, int] = {}
    """Entries that cannot be shown, by reason."""


async def feed_status(node: Node, _: Nothing) -> list[GroupFeed]:
    """Tell how the feed of each group is."""
    choices = feed_of(node).choices
    rows = {row["node"]: row for row in await node.pool.fetch(FEED["status"])}
    found = []
    for peer in sorted(choices.groups(), key=lambda peer: peer.name.casefold()):
        choice, row = choices.of(peer.node), rows.get(peer.node)
        group = GroupFeed(node=peer.node, name=peer.name, **choice._asdict())
        if row is not None:
            told: dict[str, Any] = {field: row[field] for field in _TOLD}
            told["left_out"] = msgspec.json.decode(row["left_out"], type=dict[str, int])
            group = msgspec.structs.replace(group, **told)
        found.append(group)
    return found


_TOLD = ("posts", "refreshed_at_s", "trouble", "trouble_at_s")


async def feed_choose(node: Node, arguments: Choose) -> dict[str, Any]:
    """Choose whether a group reads our feed, and whether its posts are shown here.

    Raises:
        InputError: `peer_unknown`.

    """
    feed = feed_of(node)
    group = find_peer(node, arguments.group).node if arguments.group else OTHERS
    choice = await feed.choices.choose(
        group, reads_ours=arguments.reads_ours, shown_here=arguments.shown_here
    )
    feed.reader.soon()
    return choice._asdict()


async def feed_read(node: Node, arguments: Read) -> dict[str, Any]:
    """Have feeds read now instead of in their turn."""
    group = find_peer(node, arguments.group).node if arguments.group else None
    feed_of(node).reader.soon(group)
    return {}


COMMANDS = {
    "feed.status": ControlCommand(Nothing, feed_status),
    "feed.choose": ControlCommand(Choose, feed_choose),
    "feed.read": ControlCommand(Read, feed_read),
}
