"""What people do in a simulated world, and when: by seed, and more of what a theme is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.coordinators import Coordinators
from tests.simulation.members import Members
from tests.simulation.themes import THEMES, Reactions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.world import World

NOW_AND_THEN: Final = (
    "status",
    "member_limit",
    "collective",
    "cancel",
    "terms",
    "rate",
    "lower",
    "freeze",
    "request",
    "answer",
    "withdraw",
    "reverse",
    "write",
    "forget",
    "heads",
    "settle",
    "close",
)


class Workload:
    """Members and coordinators of every node."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = world.rng
        self.theme = self.rng.choice(THEMES)
        self.members = Members(world)
        self.coordinators = Coordinators(world)
        self.members.tight = self.coordinators.tight = self.theme.tight
        self.reactions = Reactions(world, self, self.theme)

    def begin(self, length_ms: int) -> None:
        """Plan everything that people will do."""
        rng = self.rng
        if self.theme.slow:
            for host in self.world.hosts:
                host.slow = True
        for _ in range(rng.randint(3, 24)):
            self._plan(length_ms, self.members.pay)
        for _ in range(rng.randint(0, 8)):
            self._plan(length_ms, self._act(rng.choice(NOW_AND_THEN)))
        for _ in range(rng.randint(2, 10) if self.theme.acts else 0):
            self._plan(length_ms, self._act(rng.choice(self.theme.acts)))

    def _plan(self, length_ms: int, act: Callable[[], None]) -> None:
        self.world.schedule.after(self.rng.randint(0, length_ms), self._while_lasting, act)

    def _while_lasting(self, act: Callable[[], None]) -> None:
        if self.world.faults.lasting:
            act()

    def _act(self, name: str) -> Callable[[], None]:
        who = self.members if hasattr(self.members, name) else self.coordinators
        act: Callable[[], None] = getattr(who, name)
        return act
