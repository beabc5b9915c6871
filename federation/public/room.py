"""What is public adds to a node: a group's card, the newsletter, the umbrella's directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.members import erasing
from federation.node.node_key import NODE
from federation.node.rooms import Room
from federation.node.service import now_s
from federation.public import directory, issues, page, subscribers

if TYPE_CHECKING:
    import asyncio

    from federation.node.service import Node


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Send newsletters, end them with their addresses, and let an umbrella keep its directory."""
    erasing.by_address(node).append(subscribers.end_address)
    if node.settings.mail.mode != "off":
        sender = node.parts[issues.Sender] = issues.Sender(node)
        tasks.create_task(sender.run(), name="newsletter")
    if node.settings.role == "umbrella":
        tasks.create_task(directory.keep(node), name="directory")


def routes(app: web.Application) -> None:
    """Add the address of a group's card: public, as it carries its own signature."""
    if app[NODE].settings.role == "group":
        app.router.add_get(directory.CARD_PATH, card)


async def card(request: web.Request) -> web.Response:
    """Give the card of this group."""
    node = request.app[NODE]
    note = directory.own_card(node, await page.read(node), now_s=now_s())
    return web.Response(body=note, content_type="text/plain", charset="utf-8")


ROOM: Final = Room(start=start, routes=routes)
"""Behind mail, before the pages."""
