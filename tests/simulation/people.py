"""What members and coordinators share: somewhere they live, and how they ask their node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.errors import Refusal, RuilbrugError

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from projections.lines import Line
    from tests.simulation.host import Host
    from tests.simulation.world import World

HOUR_UNITS = 360_000


class People:
    """Somebody in the world who asks a node for something now and then."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng: Random = world.rng

    def host(self) -> Host:
        """Choose whose people do something."""
        return self.rng.choice(self.world.hosts)

    def agreed(self, host: Host) -> list[Line]:
        """Give the lines that have terms."""
        return [line for line in host.lines() if line.terms is not None]

    def ask(self, host: Host, command: Any, heard: Callable[[Any], None] | None = None) -> None:
        """Ask a node for something; `heard` gets its answer, if one comes."""
        process = host.process
        if process is None:
            return

        async def ask() -> None:
            try:
                answer = await process.do(command)
            except RuilbrugError:
                return
            if isinstance(answer, Refusal):
                self.world.refusals[answer.code] += 1
            if heard is not None:
                heard(answer)

        self.world.schedule.spawn(process, ask())
