"""Follows the log and fills the schema `plain` with names and texts, opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from federation.node.service import Node


async def reached(node: Node, seq: int) -> None:
    """Wait until the event `seq` is in the tables of `plain`: what was written can be read.

    Raises:
        StorageError: `busy` when it takes too long, `internal` when the projector has stopped.

    """
    raise NotImplementedError
