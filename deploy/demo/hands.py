"""What the demo does with its groups, each thing once: keys made of what is done, states asked.

Everything goes through the commands of the running nodes, so by the use cases of members. The same
seed and moment give the same commands; a second time they change nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from federation.members.acting import derived_key
from schemas.errors import Code, RuilbrugError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from deploy.demo.world import Group

TRIES: Final = 300
PAUSE_S: Final = 0.1


class Who(NamedTuple):
    """A member: the key of the group, and the code."""

    group: str
    code: str


class DemoNode(Protocol):
    """A node that the demo asks, stops and starts; its clock stands `back_s` back."""

    back_s: int

    async def ask(self, command: str, /, **arguments: Any) -> Any:
        """Run a command."""

    async def start(self) -> None:
        """Start it."""

    async def stop(self) -> None:
        """Stop it in order."""


class Wire(Protocol):
    """The connections between the groups."""

    broken: asyncio.Event

    def break_at(self, kind: str, path: str) -> None:
        """Break everything when the event of this type comes along, of this trade."""

    def mend(self) -> None:
        """Let everything pass again."""


class Setting(NamedTuple):
    """Where and when the demo's people live."""

    groups: Mapping[str, Group]
    nodes: Mapping[str, DemoNode]
    wire: Wire
    pictures: Path
    """A folder to draw in."""
    at_s: int
    """The day on which the demo opens, in seconds."""
    seed: int


class Hands:
    """Asks the groups' nodes."""

    def __init__(self, setting: Setting) -> None:
        """Take the setting; nothing is done yet."""
        self.setting = setting
        self.groups = setting.groups
        self.nodes = setting.nodes

    def key(self, *about: object) -> str:
        """Give the key of what is done once."""
        return derived_key("demo", self.setting.seed, *about)

    def units(self, group: str, quarters: int) -> int:
        """Give quarters of an hour in units of a group."""
        return max(1, self.groups[group].per_hour * quarters // 4)

    async def ask(self, group: str, command: str, /, **arguments: Any) -> Any:
        """Run a command on the node of a group."""
        return await self.nodes[group].ask(command, **arguments)

    async def found(self, group: str, command: str, /, **arguments: Any) -> Any:
        """Run a command; give nothing when what it asks for is not there (yet)."""
        try:
            return await self.ask(group, command, **arguments)
        except RuilbrugError as error:
            if error.code is not Code.NOT_FOUND:
                raise
            return None

    async def until(self, holds: Callable[[], Awaitable[object]], name: str) -> None:
        """Wait, bounded, for what another node has to see first."""
        for _ in range(TRIES):
            if await holds():
                return
            await asyncio.sleep(PAUSE_S)
        raise TimeoutError(f"the demo waited in vain: {name}")
