"""What the API adds to a node: its routes, its tokens, and the commands that make them."""

from __future__ import annotations

from typing import Final

from federation.api import token_commands, tokens
from federation.api.app import add
from federation.node.rooms import Room

ROOM: Final = Room(start=tokens.start, commands=token_commands.COMMANDS, routes=add)
