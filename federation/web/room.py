"""What the pages add to a node: routes for people. The umbrella has no members, so no pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.node.node_key import NODE
from federation.node.rooms import Room
from federation.web.app import add_pages

if TYPE_CHECKING:
    from aiohttp import web


def _routes(app: web.Application) -> None:
    if app[NODE].settings.role == "group":
        add_pages(app)


ROOM: Final = Room(routes=_routes)
