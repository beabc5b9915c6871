"""What the API adds to a node: its routes."""

from __future__ import annotations

from typing import Final

from federation.api.app import add
from federation.node.rooms import Room

ROOM: Final = Room(routes=add)
