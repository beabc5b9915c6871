"""What the pages add to a node: routes for people; an umbrella shows its auditors others."""

from __future__ import annotations

from typing import Final

from federation.node.rooms import Room
from federation.web.app import add_pages

ROOM: Final = Room(routes=add_pages)
