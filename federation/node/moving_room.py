"""What moving in adds to a node: the task that looks and writes."""

from __future__ import annotations

from typing import Final

from federation.node import moving_work
from federation.node.rooms import Room

ROOM: Final = Room(start=moving_work.start)
