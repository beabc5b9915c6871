"""What the pages add to a node: routes for people, an umbrella has others; the first link in."""

from __future__ import annotations

from typing import Final

from federation.node.rooms import Room
from federation.web.app import add_pages
from federation.web.first_link import COMMANDS

ROOM: Final = Room(routes=add_pages, commands=COMMANDS)
