"""What goes wrong in a simulated world: drawn from its seed, counted by name, ended at once."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.simulation.host import Host
    from tests.simulation.world import World

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
WEEK = 7 * DAY


class Climate(NamedTuple):
    """How bad a world is: probabilities for each message or step, and counts for the whole."""

    loss: float
    duplicate: float
    slow_message: float
    weeks: float
    crash: float
    torn: float
    partitions: int
    restores: int
    snapshots: int
    jumps: int
    kills: int
    slow_disks: int
    rotations: int


def draw_climate(rng: Random, nodes: int) -> Climate:
    """Choose which faults a world has; each kind is missing in about half of the worlds."""

    def maybe(most: float, chance: float = 0.5) -> float:
        return rng.random() * most if rng.random() < chance else 0.0

    def some(most: int, chance: float = 0.5) -> int:
        return rng.randint(1, most) if rng.random() < chance else 0

    return Climate(
        loss=maybe(0.3),
        duplicate=maybe(0.2),
        slow_message=maybe(0.2),
        weeks=maybe(0.02, 0.3),
        crash=maybe(0.04),
        torn=maybe(0.01, 0.3),
        partitions=some(2 * nodes),
        restores=some(2, 0.2),
        snapshots=some(2, 0.2),
        jumps=some(nodes),
        kills=some(nodes),
        slow_disks=some(2, 0.3),
        rotations=some(2, 0.3),
    )


class Faults:
    """Decides what goes wrong while the bad time lasts."""

    def __init__(self, world: World, climate: Climate) -> None:
        self.world = world
        self.climate = climate
        self.counted: Counter[str] = Counter()
        self.lasting = False
        self._cut: set[tuple[str, str]] = set()
        self._rng = world.rng

    # messages

    def cut(self, sender: str, receiver: str) -> bool:
        """Tell whether a message is lost on its way."""
        if not self.lasting:
            return False
        if (sender, receiver) in self._cut:
            self.counted["partitioned"] += 1
            return True
        return self._happens("loss", self.climate.loss)

    def twice(self) -> bool:
        """Tell whether a message arrives a second time."""
        return self._happens("duplicate", self.climate.duplicate)

    def delay_ms(self) -> int:
        """Give how long a message is under way."""
        rng = self._rng
        if self._happens("weeks_late", self.climate.weeks):
            return rng.randint(HOUR, 3 * WEEK)
        if self._happens("late", self.climate.slow_message):
            return rng.randint(SECOND, HOUR)
        return rng.randint(1, 200)

    # steps

    def disk_ms(self, host: Host) -> int:
        """Give how long a durable step takes."""
        if self.lasting and host.slow:
            self.counted["slow_disk"] += 1
            return self._rng.choice((SECOND, 5 * SECOND, 20 * SECOND, 10 * MINUTE))
        return self._rng.randint(1, 8)

    def crashes(self, host: Host, place: str) -> bool:
        """Tell whether the machine dies at this place; it starts again by itself."""
        if not self._happens(f"crash.{place}", self.climate.crash):
            return False
        self.world.say(f"{host} crashes {place}")
        host.crash()
        host.start_later(self._rng.choice((SECOND, MINUTE, HOUR, DAY)))
        return True

    def tears(self, host: Host) -> bool:
        """Tell whether the machine dies in the middle of a write of the mark."""
        if not self._happens("torn_mark", self.climate.torn):
            return False
        self.world.say(f"{host} dies while it writes its mark")
        host.crash()
        host.start_later(SECOND)
        return True

    def _happens(self, name: str, probability: float) -> bool:
        if not self.lasting or not probability or self._rng.random() >= probability:
            return False
        self.counted[name] += 1
        return True

    # what happens now and then

    def begin(self, length_ms: int) -> None:
        """Let the bad time begin, and plan what happens in it."""
        self.lasting = True
        climate = self.climate
        plan = (
            (climate.partitions, self._partition),
            (climate.restores, self._restore),
            (climate.snapshots, self._snapshot),
            (climate.jumps, self._jump),
            (climate.kills, self._kill),
            (climate.slow_disks, self._slow),
            (climate.rotations, self._rotate),
        )
        for count, happening in plan:
            for _ in range(count):
                self.world.schedule.after(
                    self._rng.randint(0, length_ms), self._unless_over, happening
                )

    def _unless_over(self, happening: object) -> None:
        if self.lasting and callable(happening):
            happening()

    def end(self) -> None:
        """Let everything be well again."""
        self.lasting = False
        self._cut.clear()

    def _going_back(self) -> Host | None:
        """Choose whose disk goes back: one at a time, for nobody could vouch for two."""
        if any(host.newest is not None for host in self.world.hosts):
            return None
        return self._host()

    def _host(self) -> Host:
        return self._rng.choice(self.world.hosts)

    def _length_ms(self) -> int:
        """Give how long something lasts: seldom long, for whoever waits asks again and again."""
        if not self._rng.randrange(25):
            return self._rng.choice((DAY, WEEK))
        return self._rng.choice((10 * SECOND, MINUTE, HOUR))

    def _partition(self) -> None:
        one, other = self._rng.sample(sorted(self.world.parties), 2)
        self.part(one, other, self._length_ms(), one_way=self._rng.random() < 0.4)

    def part(self, one: str, other: str, length_ms: int, *, one_way: bool) -> None:
        """Let nothing come through between two parties for a while."""
        ways = [(one, other)] if one_way else [(one, other), (other, one)]
        self.counted["partition_one_way" if one_way else "partition"] += 1
        self._cut.update(ways)
        self.world.schedule.after(length_ms, self._cut.difference_update, ways)

    def _restore(self) -> None:
        host = self._going_back()
        if host is None:
            return
        age = self._rng.choice((1, 2, 5, 20, 10_000))
        self.counted["restore"] += 1
        self.world.say(f"{host} is restored from a backup {age} writes old")
        host.restore(min(age, len(host.disk.journal) - 1), whole_machine=False)
        host.start_later(MINUTE)

    def _snapshot(self) -> None:
        """Go back, but not behind the newest line: without an umbrella nobody could tell then."""
        host = self._going_back()
        if host is None:
            return
        age = self._rng.choice((1, 1, 2, 2, 5, 20, 10_000))
        self.counted["snapshot"] += 1
        self.world.say(f"{host} becomes a snapshot of the machine {age} writes old")
        host.restore(min(age, host.age_of_newest_line()), whole_machine=True)
        host.start_later(MINUTE)

    def _jump(self) -> None:
        wrong_s = self._rng.choice((0, -1, 1)) * self._rng.randint(1, 12 * 3600)
        self.jump(self._host(), wrong_s)

    def jump(self, host: Host, wrong_s: int) -> None:
        """Let the clock of a machine be wrong from now on."""
        if not self.lasting:
            return
        self.counted["clock_jump"] += 1
        host.offset_s = wrong_s
        self.world.say(f"{host}'s clock is {wrong_s} s wrong")
        if host.process is not None:
            host.process.clock_jumped()

    def _kill(self) -> None:
        self.kill(self._host(), self._length_ms())

    def kill(self, host: Host, length_ms: int) -> None:
        """Let a process die; its machine starts it again in a while."""
        self.counted["kill"] += 1
        self.world.say(f"{host} is killed")
        host.crash()
        host.start_later(length_ms)

    def _slow(self) -> None:
        self._host().slow = True

    def _rotate(self) -> None:
        self.counted["key_rotated"] += 1
        self.world.rotate(self._host())
