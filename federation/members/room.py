"""What this room adds to a node: the projector, and commands of the control socket."""

from __future__ import annotations

from typing import Final

from federation.members import (
    board_commands,
    commands,
    projector,
    search_commands,
    thread_commands,
    trade_commands,
)
from federation.node.rooms import Room

ROOM: Final = Room(
    start=projector.start,
    commands={
        **commands.COMMANDS,
        **board_commands.COMMANDS,
        **search_commands.COMMANDS,
        **thread_commands.COMMANDS,
        **trade_commands.COMMANDS,
    },
    reloaded=lambda node: projector.of(node).look_again(),
)
