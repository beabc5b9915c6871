"""A machine that goes back to before what was cosigned of it, while nobody keeps those entries yet.

The mirror is late: it follows a log some time after its checkpoint was cosigned. What was appended
between two visits and lost with the machine exists nowhere any more, but its places are taken. It
draws from a chance of its own, so that every other fault stays what it was.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from tests.simulation.faults import MINUTE

if TYPE_CHECKING:
    from tests.simulation.host import Host
    from tests.simulation.umbrella import Umbrella

SHARE: Final = 0.5
"""Of the worlds with an umbrella, so many have such a moment."""
FAULT: Final = "cosigned_then_lost"


class LostTail:
    """Plans such moments in the bad time of a world."""

    def __init__(self, umbrella: Umbrella, seed: int) -> None:
        """Take the umbrella whose mirror is late."""
        self._umbrella, self._world = umbrella, umbrella.world
        self._chance = Random(f"lost tail {seed}")

    def begin(self, length_ms: int) -> None:
        """Plan when it happens, if it does."""
        if self._chance.random() < SHARE:
            for _ in range(self._chance.randint(1, 3)):
                self._world.schedule.after(self._chance.randint(0, length_ms), self._cosign)

    def _cosign(self) -> None:
        """Have somebody's log cosigned, and leave the mirror where it is."""
        host = self._chance.choice(self._world.hosts)
        if host.process is None or not self._may_go_back(host):
            return
        visit = self._umbrella.visit(host.process, again=False, follow=False)
        self._world.schedule.spawn(host.process, visit)
        self._world.schedule.after(self._chance.randint(1, MINUTE), self._go_back, host)

    def _may_go_back(self, host: Host) -> bool:
        """One at a time, and nobody who cheats: whoever goes back must know what it has signed."""
        lost = any(one.newest is not None for one in self._world.hosts)
        return self._world.faults.lasting and not lost and not host.cheats()

    def _go_back(self, host: Host) -> None:
        """Put back a snapshot of the machine from shortly before the checkpoint."""
        latest = self._umbrella.cosigned.latest.get(host.id)
        if latest is None or not self._may_go_back(host):
            return
        for age in range(1, host.age_of_newest_line() + 1):
            if len(host.disk.backup(age).log) < latest.size:
                self._world.faults.counted[FAULT] += 1
                self._world.say(f"{host} loses what was cosigned, {age} writes")
                host.restore(age, whole_machine=True)
                host.start_later(MINUTE)
                return
