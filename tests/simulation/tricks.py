"""By what a cheating node cheats, and how often: drawn from the seed, counted by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.simulation.world import World

VERDICTS: Final = (
    "never",
    "withhold",
    "abort_then_commit",
    "commit_then_abort",
    "commit_twice",
    "changed_amount",
)
TRICKS: Final = (
    *VERDICTS,
    "fork",
    "skip",
    "false_balance",
    "replay",
    "stray_release",
    "stray_commit",
    "bad_decision",
    "changed_numbers",
)


class Tricks:
    """What one cheat knows how to do."""

    def __init__(self, world: World) -> None:
        """Draw which ones, and how often it plays fair."""
        self._world, self.rng = world, world.rng
        self._fair_share = self.rng.choice((0.3, 0.6, 0.9))
        self.names = self.rng.sample(TRICKS, self.rng.randint(1, len(TRICKS)))

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def about_verdicts(self) -> list[str]:
        """Name those that are about its own decisions; it keeps silent when it knows no other."""
        return [name for name in self.names if name in VERDICTS] or ["never"]

    def fair(self) -> bool:
        """Decide whether to play fair this time."""
        return self.rng.random() < self._fair_share

    def played(self, name: str) -> None:
        """Count one that is played."""
        self._world.faults.counted[f"cheat.{name}"] += 1
