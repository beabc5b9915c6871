"""How a group accepts in tests what another proposes: it reads it, and says yes to just that."""

from __future__ import annotations

from typing import Any, Protocol


class Asked(Protocol):
    """A node that runs commands, in this process or in one of its own."""

    async def ask(self, name: str, /, **arguments: Any) -> Any:
        """Run a command."""


async def accept_terms(node: Asked, group: str) -> None:
    """Accept what a group proposes, by the hash of what was read."""
    shown = await node.ask("line.show", group=group)
    await node.ask("line.accept", group=group, terms=shown["proposed"]["terms"])
